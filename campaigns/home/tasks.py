from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from campaigns.home import brief, milestones


@shared_task(name="campaigns.tasks.send_due_briefs")
def send_due_briefs():
    """Writes to those whose morning it is; a second run finds it decided."""
    brief.send_due(timezone.now())
    wake_due()


@shared_task(name="campaigns.tasks.tell_owners")
def tell_owners():
    """Tells owners how their campaigns go; a second run adds nothing."""
    milestones.send_due(timezone.now())
    wake_due()
