"""At most two reminders of a campaign, to who is meant and has done nothing with it yet.

The second shows another item; where there is no other, there is no second. Nobody else is named,
nor counted. Whoever shares, puts off or declines an item of it, or mutes it, hears no more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, already_told, key_around_pk, notify
from activity.hearing import Kind, announce
from activity.models import Notification
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.planning.models import Campaign
from campaigns.sharing import one_tap
from campaigns.sharing.lots import lot
from campaigns.sharing.models import Decline, Mute, Plan, Share

NAME = "campaign.reminder"
# After a third of the campaign, and after two.
ROUNDS = (1, 2)
# What runs for less has no room for a reminder.
SHORTEST = timedelta(days=9)
# A beat that was down makes up for it for so long.
LATE = timedelta(days=3)


def round_of(campaign: Campaign, now: datetime) -> int | None:
    """Which of the two is due at `now`, or None."""
    length = campaign.ends_at - campaign.starts_at
    if length < SHORTEST:
        return None
    since = {n: now - (campaign.starts_at + n * length / (len(ROUNDS) + 1)) for n in ROUNDS}
    return next((n for n, late in since.items() if timedelta() <= late < LATE), None)


def send_due(now: datetime) -> None:
    """Addresses each reminder that is due, once; a second run finds nobody."""
    for campaign in Campaign.objects.running().select_related("audience"):
        number = round_of(campaign, now)
        contents = _contents_of(campaign, now) if number else []
        if len(contents) >= (number or 1):
            notify(REMINDER, _addressed(campaign, number, contents))


def _contents_of(campaign, now):
    current = Content.objects.current(now).filter(campaign=campaign)
    return list(current.order_by("-published_at", "-pk").values_list("pk", flat=True))


def _addressed(campaign, number, contents) -> Iterator[Addressed]:
    for person, key in _people(campaign, number).iterator():
        start = lot(person, f"{NAME}:{campaign.pk}", len(contents))
        yield Addressed(
            person=person,
            key=key,
            subject_id=str(campaign.pk),
            data={
                "title": {"fr": campaign.name_fr, "en": campaign.name_en},
                "item": contents[(start + number - 1) % len(contents)],
                "round": number,
                "path": reverse("campaigns:feed"),
            },
        )


def _people(campaign, number):
    people = untouched(campaign).exclude(rhythm=Ambassador.Rhythm.NEVER)
    key = key_around_pk(f"{NAME}:{campaign.pk}:{number}:", "")
    # The bell's row is there whatever became of the mail.
    fresh = people.annotate(key=key).exclude(already_told("key", Notification.Channel.BELL))
    fresh = fresh.exclude(already_told("key", Notification.Channel.EMAIL))
    return fresh.order_by("pk").values_list("pk", "key")


def untouched(campaign: Campaign):
    """The active ambassadors it is for who have done nothing with it, and have not muted it."""
    shared = Share.objects.filter(link__content__campaign=campaign).order_by()
    acted = [
        shared.exclude(link__ambassador=None).values("link__ambassador"),
        Decline.objects.filter(content__campaign=campaign).values("ambassador"),
        Plan.objects.filter(content__campaign=campaign).order_by().values("ambassador"),
        Mute.objects.filter(campaign=campaign).values("ambassador"),
    ]
    people = campaign.audience.ambassadors()
    for those in acted:
        people = people.exclude(pk__in=those)
    return people


def reminder_of(notification: Notification) -> dict | None:
    """What it says; None once campaign or item is over, or the person has done something."""
    person = notification.recipient
    running = Campaign.objects.running().select_related("audience")
    campaign = running.filter(pk=notification.subject_id).first()
    if campaign is None or not untouched(campaign).filter(pk=person.pk).exists():
        return None
    shareable = Content.objects.shareable_by(person)
    content = shareable.filter(pk=notification.data["item"]).first()
    if content is None:
        return None
    mute = reverse("campaigns:campaign-mute", args=[campaign.pk])
    return {
        "campaign": campaign,
        "content": content,
        "is_last": notification.data["round"] == len(ROUNDS),
        "url": one_tap.url_for(person.pk, content.pk, notification.pk),
        "label": _("Share"),
        "mute_url": settings.BASE_URL + mute,
    }


REMINDER = announce(
    Kind(
        name=NAME,
        label=gettext_lazy("A campaign I have not shared in yet"),
        line=gettext_lazy("The campaign “%(title)s” has an item you may like to share."),
        icon="campaign",
        context=reminder_of,
        channels=("email", "bell"),
    )
)
