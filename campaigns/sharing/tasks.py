from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from campaigns.sharing import notices


@shared_task(name="campaigns.tasks.send_due_digests")
def send_due_digests():
    """Decides the digests that are due; a second run finds none undecided."""
    notices.send_due(timezone.now())
    wake_due()
