"""What channels and other systems are told of campaigns."""

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.endpoints.events import Event, Post, tell
from activity.models import Entry
from campaigns.planning.models import Campaign
from campaigns.planning.selection import Who

FIELDS = {
    "campaign.id": "its number here",
    "campaign.name": "its name in each language; en may be empty",
    "campaign.kind": "marketing, recruiting or change",
    "campaign.starts_at": "ISO 8601, UTC",
    "campaign.ends_at": "ISO 8601, UTC",
    "campaign.url": "its page here, for those who may see it",
}


def campaign_data(campaign: Campaign) -> dict:
    """A campaign as receivers know it: nobody who plans, approves or takes part."""
    return {
        "id": campaign.pk,
        "name": {"fr": campaign.name_fr, "en": campaign.name_en},
        "kind": campaign.kind,
        "starts_at": campaign.starts_at.isoformat(),
        "ends_at": campaign.ends_at.isoformat(),
        "url": settings.BASE_URL + campaign.get_absolute_url(),
    }


def is_for_the_company(campaign: Campaign) -> bool:
    """A channel is read by everybody: only what is meant for every employee goes there."""
    chosen = campaign.audience.selection
    narrowed = (
        chosen.departments
        | chosen.locations
        | chosen.excluded_departments
        | chosen.excluded_people
        | chosen.tags
    )
    return not narrowed and chosen.who != Who.CUSTOMERS


def _campaign(entry):
    return Campaign.objects.select_related("audience").filter(pk=entry.subject_id).first()


def data(entry: Entry) -> dict | None:
    campaign = _campaign(entry)
    return campaign and {"campaign": campaign_data(campaign)}


def launched(entry: Entry) -> Post | None:
    campaign = _campaign(entry)
    if campaign is None or not is_for_the_company(campaign):
        return None
    until = date_format(localtime(campaign.ends_at, campaign.zone), "DATE_FORMAT")
    return Post(
        title=_("New campaign: %(name)s") % {"name": campaign.name},
        text=campaign.objective,
        facts=((_("Until"), until),),
        buttons=((_("See what to share"), settings.BASE_URL + reverse("campaigns:feed")),),
        about=_("Posted because a campaign has begun. Taking part is up to you."),
    )


def ended(entry: Entry) -> Post | None:
    campaign = _campaign(entry)
    if campaign is None or not is_for_the_company(campaign):
        return None
    return Post(
        title=_("The campaign “%(name)s” is over") % {"name": campaign.name},
        text=_("Thank you to everybody who shared."),
        about=_("Posted because a campaign has ended."),
    )


tell(
    Event(
        "campaign.launched",
        gettext_lazy("A campaign begins"),
        ("campaign.running",),
        data,
        FIELDS,
        launched,
    )
)
tell(
    Event(
        "campaign.paused", gettext_lazy("A campaign is paused"), ("campaign.paused",), data, FIELDS
    )
)
tell(
    Event(
        "campaign.resumed", gettext_lazy("A campaign goes on"), ("campaign.resumed",), data, FIELDS
    )
)
tell(
    Event(
        "campaign.ended",
        gettext_lazy("A campaign is over"),
        ("campaign.ended",),
        data,
        FIELDS,
        ended,
    )
)
