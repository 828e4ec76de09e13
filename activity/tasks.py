"""What workers do for notifications. The database says what is to be done; these are wake-ups."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from activity import delivery, expansion, hearing
from activity.models import Notification, Outbox
from activity.waking import wake

# Bulk mail that is woken but not sent yet. A launch to 50,000 people must not fill Redis, nor
# stand in front of an invitation.
IN_FLIGHT = 2000
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
    urgent = Q(kind__in=hearing.transactional())
    asleep = Notification.objects.asleep(now)
    bulk_in_flight = Notification.objects.in_flight(now).exclude(urgent).count()
    _wake_all(asleep.filter(urgent), IN_FLIGHT, now, urgent=True)
    _wake_all(asleep.exclude(urgent), max(IN_FLIGHT - bulk_in_flight, 0), now, urgent=False)


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
