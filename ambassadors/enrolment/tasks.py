from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from ambassadors.enrolment import notices


@shared_task(name="ambassadors.tasks.remind_invited")
def remind_invited():
    """Writes once more to who has not answered an invitation; a second run finds nobody."""
    notices.remind(timezone.now())
    wake_due()
