"""What workers do for notifications. The database says what is to be done; these are wake-ups."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from activity import delivery, expansion, hearing, sealing
from activity.clock.running import wake_lying
from activity.models import Notification, Outbox, Slot
from activity.rhythm.releasing import release_due
from activity.waking import wake, wake_one

Channel = Notification.Channel

OUTBOX_AT_ONCE = 500
# How long a worker goes on sending before it looks what else there is to do.
SENDING_SECONDS = 40
# That, and a last mail whose server takes its two minutes at the dot.
SEND_LIMIT = 200
# Who sends what; each queue has workers of its own, so that a slow host holds up nothing else.
QUEUES = {Channel.EMAIL: "mail"}
ELSE = "push"


@shared_task
def expand(entry_id: int) -> None:
    """Turns what happened into notifications, and wakes those who send them."""
    expansion.expand(entry_id)
    wake_due()


@shared_task(soft_time_limit=SEND_LIMIT - 10, time_limit=SEND_LIMIT)
def send_due(channel: str) -> None:
    """Sends what is due by `channel` until nothing is, and calls in others while there is more.

    Each worker that is called takes its own, and calls the next: soon all of them send.
    """
    wake_sender(channel)
    if delivery.send_due(channel, SENDING_SECONDS):
        wake_sender(channel)


@shared_task(soft_time_limit=SEND_LIMIT - 10, time_limit=SEND_LIMIT)
def deliver(notification_id: str) -> None:
    delivery.deliver(notification_id)


@shared_task
def sweep() -> None:
    """Finds what a broker lost, a dead worker held, or a clock made due. Twice does no harm."""
    wake_lying()
    Notification.objects.release_stranded(hearing.transactional())
    waiting = Outbox.objects.older_than(timezone.now() - timedelta(seconds=5)).order_by("pk")
    for entry_id in waiting.values_list("pk", flat=True)[:OUTBOX_AT_ONCE]:
        if not wake(expand, entry_id):
            return
    release_due(timezone.now())
    wake_due()


def wake_due() -> None:
    """Wakes a worker for each channel by which something is due that nobody was handed."""
    for channel in Channel:
        if channel != Channel.BELL:
            wake_sender(channel)


def wake_sender(channel: str) -> None:
    if Notification.objects.asleep(timezone.now()).filter(channel=channel).exists():
        wake_one(send_due, channel, queue=QUEUES.get(channel, ELSE))


@shared_task
def forget_slots() -> None:
    """Which jobs ran when, as far as it no longer matters."""
    Slot.objects.forget()


@shared_task
def seal_trail() -> None:
    sealing.seal()
