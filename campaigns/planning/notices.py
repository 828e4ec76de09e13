"""A campaign starts: its audience hears of it, once. And its owner hears what was decided on it."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Entry, Notification
from ambassadors.accounts.holders import who_may
from ambassadors.directory.reshaping import follows
from campaigns.planning.models import Audience, Campaign

SHOWN = 3


@follows
def lead_audiences_on(source, target):
    """A campaign that named a department names the one it was merged into; who is out, too."""
    for named in (Audience.departments, Audience.excluded_departments):
        said = named.through.objects
        both = said.filter(department=target).values("audience")
        said.filter(department=source, audience__in=both).delete()
        said.filter(department=source).update(department=target)


def facts(entry: Entry) -> dict:
    campaign = Campaign.objects.get(pk=entry.subject_id)
    return {
        "title": {"fr": campaign.name_fr, "en": campaign.name_en},
        "path": reverse("campaigns:campaign-detail", args=[campaign.slug]),
    }


def launch_facts(entry: Entry) -> dict:
    # Those who share go to what they may share, not to how it is run.
    return facts(entry) | {"path": reverse("campaigns:feed")}


def decision_facts(entry: Entry) -> dict:
    return facts(entry) | {"note": entry.data.get("note", "")}


def audience(entry: Entry) -> Iterable[int]:
    campaign = Campaign.objects.select_related("audience").get(pk=entry.subject_id)
    return campaign.audience.ambassadors().order_by("pk").values_list("pk", flat=True)


def owner(entry: Entry) -> Iterable[int]:
    return Campaign.objects.filter(pk=entry.subject_id).values_list("owner", flat=True)


def approvers(entry: Entry) -> list[int]:
    campaign = Campaign.objects.get(pk=entry.subject_id)
    return who_may("campaigns.approve_campaign", campaign)


def launched(notification: Notification) -> dict | None:
    """What there is to share now; None once it is over, or no longer meant for the person."""
    return all_launched([notification])[notification.pk]


def all_launched(notifications: list[Notification]) -> dict[UUID, dict | None]:
    """The same for many: everybody a campaign is meant for finds the same in it."""
    people = {each.recipient_id for each in notifications}
    found = {each.subject_id: None for each in notifications}
    for campaign in Campaign.objects.running().filter(pk__in=found).select_related("audience"):
        reached = campaign.audience.ambassadors().filter(pk__in=people)
        found[str(campaign.pk)] = (_launch(campaign), set(reached.values_list("pk", flat=True)))
    return {
        each.pk: about[0] if about and each.recipient_id in about[1] else None
        for each in notifications
        for about in [found[each.subject_id]]
    }


def _launch(campaign):
    contents = campaign.contents.current(timezone.now())
    return {
        "campaign": campaign,
        "contents": list(contents.order_by("-published_at", "pk")[:SHOWN]),
        "count": contents.count(),
        "url": settings.BASE_URL + reverse("campaigns:feed"),
        "label": gettext_lazy("See what there is to share"),
    }


def sent_back(notification: Notification) -> dict | None:
    """The reason, until the owner has done something about it."""
    campaigns = Campaign.objects.filter(state=Campaign.State.DRAFT)
    campaign = campaigns.filter(pk=notification.subject_id).first()
    if campaign is None:
        return None
    entry = Entry.objects.select_related("actor").get(pk=notification.data["entry"])
    return {
        "campaign": campaign,
        "reviewer": entry.actor,
        "note": entry.data.get("note", ""),
        "url": settings.BASE_URL + campaign.get_absolute_url(),
        "label": _("Open the campaign"),
    }


announce(
    Kind(
        name="campaign.launched",
        label=gettext_lazy("A campaign for me starts"),
        line=gettext_lazy("The campaign “%(title)s” has started."),
        icon="campaign",
        verbs=("campaign.running",),
        people=audience,
        facts=launch_facts,
        context=launched,
        contexts=all_launched,
        channels=("email", "bell"),
        once_per_subject=True,
    )
)
announce(
    Kind(
        name="campaign.submitted",
        label=gettext_lazy("A campaign awaits approval"),
        line=gettext_lazy("The campaign “%(title)s” awaits approval."),
        icon="approve",
        verbs=("campaign.in_review",),
        people=approvers,
        facts=facts,
        channels=("bell",),
        perm="campaigns.approve_campaign",
    )
)
announce(
    Kind(
        name="campaign.approved",
        label=gettext_lazy("A campaign of mine is approved"),
        line=gettext_lazy("The campaign “%(title)s” is approved."),
        icon="done",
        verbs=("campaign.approved",),
        people=owner,
        facts=facts,
        channels=("bell",),
        perm="campaigns.run_campaign",
    )
)
announce(
    Kind(
        name="campaign.sent_back",
        label=gettext_lazy("A campaign of mine is sent back"),
        line=gettext_lazy("The campaign “%(title)s” was sent back."),
        icon="undo",
        verbs=("campaign.sent_back",),
        people=owner,
        facts=decision_facts,
        context=sent_back,
        channels=("email", "bell"),
        transactional=True,
        perm="campaigns.run_campaign",
    )
)
