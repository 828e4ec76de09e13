"""What must be true of notifications at any moment. `manage.py verify` asks."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F
from django.db.models.functions import Now
from django.utils import timezone

from activity import sealing
from activity.desk.models import paused
from activity.models import Notification, Outbox

# The sweep comes every 10 seconds: what it has not found by then, nobody will.
MARGIN = timedelta(minutes=2)
PATIENCE = timedelta(minutes=10)


def breaches() -> Iterator[str]:
    """A sentence for each thing that is wrong; nothing when all is well."""
    yield from repeated_keys()
    yield from forgotten_leases()
    yield from forgotten_entries()
    yield from forgotten_messages()
    yield from forgotten_by_the_clock()
    yield from sealing.breaches()


def repeated_keys() -> Iterator[str]:
    """A key makes a message arrive once. The database holds it, unless somebody dropped that."""
    keys = Notification.objects.order_by().values("key").annotate(n=Count("pk")).filter(n__gt=1)
    for row in keys:
        yield f"notification key {row['key']} stands {row['n']} times"


def forgotten_leases() -> Iterator[str]:
    late = Notification.objects.stranded().filter(lease_until__lt=Now() - MARGIN)
    for pk, until in late.values_list("pk", "lease_until"):
        yield f"notification {pk} is leased, and the lease ended at {until.isoformat()}"


def forgotten_entries() -> Iterator[str]:
    late = Outbox.objects.older_than(timezone.now() - PATIENCE)
    for pk, at in late.values_list("pk", "entry__at"):
        yield f"entry {pk} of {at.isoformat()} waits to be turned into notifications"


def forgotten_messages() -> Iterator[str]:
    """Due for long, and no worker was even woken: the sweep does not run."""
    late = Notification.objects.due(timezone.now() - PATIENCE).filter(woken_at=None)
    for pk, since in late.values_list("pk", F("not_before")):
        yield f"notification {pk} is due since {since.isoformat()} and nobody was woken"


def forgotten_by_the_clock() -> Iterator[str]:
    """Their hours have begun, and it still waits. During a pause that is as it should be."""
    if paused():
        return
    late = Notification.objects.held().filter(not_before__lt=timezone.now() - PATIENCE)
    for pk, since in late.values_list("pk", "not_before"):
        yield f"notification {pk} waits for its hours, which began at {since.isoformat()}"
