"""What the edge must follow at once."""

from activity.hearing import when
from activity.models import Entry
from campaigns.content.models import Content
from campaigns.sharing.stopping import when_links_stop
from campaigns.tracking import health  # noqa: F401 (adds its findings)
from campaigns.tracking.cache import forget, forget_addresses, forget_links


@when(
    "content.changed",
    "content.extended",
    "content.published",
    "content.expired",
    "content.revived",
    "content.put_aside",
    "content.withdrawn",
)
def content_answers_otherwise(entry: Entry) -> None:
    forget(int(entry.subject_id))


@when("address.given", "address.moved", "address.off", "address.on")
def address_leads_elsewhere(entry: Entry) -> None:
    forget_addresses(entry.data["code"])


@when("campaign.changed")
def fallback_may_differ(entry: Entry) -> None:
    contents = Content.objects.filter(campaign=int(entry.subject_id))
    forget(*contents.values_list("pk", flat=True))


@when_links_stop
def links_lead_nowhere(*codes: str) -> None:
    forget_links(*codes)
