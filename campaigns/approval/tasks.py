from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from campaigns.approval import notices


@shared_task(name="campaigns.tasks.remind_approvers")
def remind_approvers():
    """Reminds of what waits for a decision; a second run finds nothing left to say."""
    notices.remind(timezone.now())
    wake_due()
