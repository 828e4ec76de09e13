from celery import shared_task

from activity import sealing
from activity.log import record
from activity.models import Seal


@shared_task
def check_trail() -> None:
    """Does the chain of seals hold? The answer is an entry of its own."""
    sealing.seal()
    head = Seal.objects.order_by("-number").first()
    if head:
        found = list(sealing.breaches())
        record("trail.checked", subject=head, entries=head.number, breaches=found)
