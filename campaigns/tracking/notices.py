"""What the edge must follow at once."""

from activity.hearing import when
from activity.models import Entry
from campaigns.content.models import Content
from campaigns.tracking.cache import forget


@when("content.changed", "content.published", "content.expired", "content.withdrawn")
def content_answers_otherwise(entry: Entry) -> None:
    forget(int(entry.subject_id))


@when("campaign.changed")
def fallback_may_differ(entry: Entry) -> None:
    contents = Content.objects.filter(campaign=int(entry.subject_id))
    forget(*contents.values_list("pk", flat=True))
