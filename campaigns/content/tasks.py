from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from campaigns.content import notices
from campaigns.content.claims import lapse_due
from campaigns.content.models import ComposerDraft, Content, WrongState


@shared_task(name="campaigns.tasks.move_due_content")
def move_due_content():
    """Publishes what is due and expires what is over; a second run finds nothing left to do."""
    now = timezone.now()
    Content.objects.publish_due(now)
    for content in Content.objects.due_to_expire(now):
        # Withdrawn meanwhile, or another worker was faster.
        with suppress(WrongState):
            content.expire()


@shared_task(name="campaigns.tasks.look_at_claims")
def look_at_claims():
    """Takes out what may no longer be said, and warns of what soon may not; twice is once."""
    now = timezone.now()
    lapse_due(now)
    notices.warn_of_claims(now)
    wake_due()


@shared_task(name="campaigns.tasks.drop_composer_drafts")
def drop_composer_drafts():
    """Deletes what was typed into the composer and never came back for."""
    ComposerDraft.objects.stale(timezone.now()).delete()
