from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from campaigns.content.models import Content, WrongState


@shared_task(name="campaigns.tasks.move_due_content")
def move_due_content():
    """Publishes what is due and expires what is over; a second run finds nothing left to do."""
    now = timezone.now()
    Content.objects.publish_due(now)
    for content in Content.objects.due_to_expire(now):
        # Withdrawn meanwhile, or another worker was faster.
        with suppress(WrongState):
            content.expire()
