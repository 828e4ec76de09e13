"""What workers do for notifications. The database says what is to be done; these are wake-ups."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from activity import delivery, expansion, hearing, sealing
from activity.models import Notification, Outbox
from activity.waking import wake

# How many are woken but not sent yet, of the urgent and of the others: what a mail server that is
# slow for an hour may make of it stays small, and a launch does not stand before an invitation.
IN_FLIGHT = 500
OUTBOX_AT_ONCE = 500
# Less than Notification.LEASE_WHILE_HANDING_OVER, or two workers could be at the same row.
DELIVER_SECONDS = 180


@shared_task
def expand(entry_id: int) -> None:
    """Turns what happened into notifications, and wakes those who send them."""
    expansion.expand(entry_id)
    wake_due()


@shared_task(soft_time_limit=DELIVER_SECONDS - 10, time_limit=DELIVER_SECONDS)
def deliver(notification_id: str) -> None:
    delivery.deliver(notification_id)


@shared_task
def sweep() -> None:
    """Finds what a broker lost, a dead worker held, or a clock made due. Twice does no harm."""
    Notification.objects.release_stranded(hearing.transactional())
    waiting = Outbox.objects.older_than(timezone.now() - timedelta(seconds=5)).order_by("pk")
    for entry_id in waiting.values_list("pk", flat=True)[:OUTBOX_AT_ONCE]:
        if not wake(expand, entry_id):
            return
    wake_due()


def wake_due() -> None:
    """Wakes a worker for each notification that is due and for which none is on its way."""
    now = timezone.now()
    is_urgent = Q(kind__in=hearing.transactional())
    for which, urgent in ((is_urgent, True), (~is_urgent, False)):
        on_their_way = Notification.objects.in_flight(now).filter(which).count()
        room = max(IN_FLIGHT - on_their_way, 0)
        _wake_all(Notification.objects.asleep(now).filter(which), room, now, urgent=urgent)


def _wake_all(notifications, most, now, *, urgent):
    # Noted before they leave: what a broker that dies half-way loses is found two minutes later.
    with transaction.atomic():
        oldest = notifications.order_by("not_before").select_for_update(skip_locked=True)
        found = list(oldest.values_list("pk", flat=True)[:most])
        Notification.objects.filter(pk__in=found).update(woken_at=now)
    for sent, pk in enumerate(found):
        if not wake(deliver, str(pk), urgent=urgent):
            Notification.objects.filter(pk__in=found[sent:]).update(woken_at=None)
            return


@shared_task
def seal_trail() -> None:
    sealing.seal()
