"""What may be changed of an item without writing it anew: its end, and its topics."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from activity.log import record
from ambassadors.enrolment.models import Topic
from campaigns.content.forms import MOST_TOPICS
from campaigns.content.models import Content, WrongState

Status = Content.Status
# Not while somebody decides on it, and not once it is over.
OPEN = [Status.DRAFT, Status.CHANGES_REQUESTED, Status.APPROVED, Status.PUBLISHED]


class TooManyTopics(Exception):
    """Three topics are on it already."""


@transaction.atomic
def extend(content: Content, *, by, until: datetime | None) -> bool:
    """Gives `content` another end; None makes it evergreen. False when it has that end already.

    Raises WrongState for what waits for a decision or is over, and for an end that is past or
    before its beginning.
    """
    now = timezone.now()
    here = Content.objects.select_for_update().filter(pk=content.pk, status__in=OPEN).first()
    if here is None or (here.is_live and here.expires_at and here.expires_at <= now):
        raise WrongState(f"content {content.pk} cannot be extended")
    if until and until <= max(here.publish_at, now):
        raise WrongState(f"content {content.pk} would end before it begins")
    if here.expires_at == until:
        return False
    content.expires_at = until
    content.save(update_fields=["expires_at"])
    record(
        "content.extended", subject=content, actor=by, until=until.isoformat() if until else None
    )
    return True


@transaction.atomic
def put_on(content: Content, topic: Topic, *, by) -> bool:
    """Puts `content` under a topic. False when it is there; WrongState, TooManyTopics."""
    _hold(content)
    there = set(content.topics.values_list("pk", flat=True))
    if topic.pk in there:
        return False
    if len(there) >= MOST_TOPICS:
        raise TooManyTopics
    content.topics.add(topic)
    record("content.topic_added", subject=content, actor=by, topic=topic.slug)
    return True


@transaction.atomic
def take_off(content: Content, topic: Topic, *, by) -> bool:
    """Takes a topic off `content`. False when it is not on it; WrongState."""
    _hold(content)
    if not content.topics.filter(pk=topic.pk).exists():
        return False
    content.topics.remove(topic)
    record("content.topic_removed", subject=content, actor=by, topic=topic.slug)
    return True


def _hold(content):
    # Locked, or two at once would both find the third place free.
    if not Content.objects.select_for_update().filter(pk=content.pk, status__in=OPEN).exists():
        raise WrongState(f"the topics of content {content.pk} cannot be changed now")
