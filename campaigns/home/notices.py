"""Who hears that a campaign says thank you."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Entry
from campaigns.home import brief, milestones  # noqa: F401 (each announces a kind of its own)
from campaigns.home.thanks import sharers
from campaigns.planning.models import Campaign


def people(entry: Entry):
    campaign = Campaign.objects.filter(pk=entry.subject_id).first()
    return sharers(campaign).values_list("pk", flat=True) if campaign else ()


def facts(entry: Entry) -> dict:
    campaign = Campaign.objects.get(pk=entry.subject_id)
    return {
        "path": reverse("campaigns:impact"),
        "campaign": {"fr": campaign.name_fr, "en": campaign.name_en},
    }


announce(
    Kind(
        name="campaign.thanked",
        label=gettext_lazy("A thank-you for a campaign I shared in"),
        line=gettext_lazy("“%(campaign)s”: a word of thanks to all who shared."),
        icon="thanks",
        verbs=("campaign.thanked",),
        people=people,
        facts=facts,
        channels=("bell",),
        once_per_subject=True,
    )
)
