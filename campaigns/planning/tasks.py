from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from ambassadors.enrolment.models import WrongState
from campaigns.planning.models import Campaign


@shared_task(name="campaigns.tasks.move_due_campaigns")
def move_due_campaigns():
    """Starts what is due and ends what is over; a second run finds nothing left to do."""
    now = timezone.now()
    for campaign in Campaign.objects.due_to_start(now):
        # Somebody took it back, or another worker was faster.
        with suppress(WrongState):
            campaign.launch()
    for campaign in Campaign.objects.due_to_end(now):
        with suppress(WrongState):
            campaign.end()
