"""The digest, and the recall: what one has posted is taken back."""

from collections.abc import Iterable
from datetime import date, datetime

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from activity.expansion import notify
from activity.hearing import Kind, announce
from activity.models import Entry, Notification, Preference
from activity.preferences import Section, add_section, say
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.sharing import digest
from campaigns.sharing.models import Share
from campaigns.sharing.suggestions import not_answered_by

EMAIL = Notification.Channel.EMAIL


# --- The recall --------------------------------------------------------------------------------
def sharers(entry: Entry) -> Iterable[int]:
    """Everybody who said of it "it is posted" and is still in the programme."""
    posted = Share.objects.declared().filter(link__content=entry.subject_id)
    people = posted.exclude(link__ambassador=None).order_by("link__ambassador")
    return people.values_list("link__ambassador", flat=True).distinct()


def recall_facts(entry: Entry) -> dict:
    content = Content.objects.select_related("campaign").get(pk=entry.subject_id)
    campaign = content.campaign
    return {
        "title": content.title,
        "campaign": {"fr": campaign.name_fr, "en": campaign.name_en},
        "note": entry.data.get("note", ""),
        # To somebody who has shared it, the panel says what became of it.
        "path": reverse("campaigns:share-panel", args=[content.pk]),
    }


def recall(notification: Notification) -> dict:
    content = Content.objects.get(pk=notification.subject_id)
    posted = Share.objects.declared().filter(
        link__content=content, link__ambassador=notification.recipient_id
    )
    return {
        "content": content,
        "note": Entry.objects.get(pk=notification.data["entry"]).data.get("note", ""),
        "shares": posted.select_related("link__network").order_by("declared_at"),
    }


announce(
    Kind(
        name="content.withdrawn",
        label=gettext_lazy("Something I shared is withdrawn"),
        line=gettext_lazy("“%(title)s”, which you shared, has been withdrawn."),
        icon="warning",
        verbs=("content.withdrawn",),
        people=sharers,
        facts=recall_facts,
        context=recall,
        channels=("email", "bell"),
        transactional=True,
    )
)


# --- The digest --------------------------------------------------------------------------------
def send_due(now: datetime) -> None:
    """Decides each digest that is due, once: a second beat, or a later one, finds nobody."""
    offer = digest.Offer(now)
    for slot, ambassadors in digest.due_rounds(now):
        notify(DIGEST, offer.addressed(slot, ambassadors))


def digest_of(notification: Notification) -> dict | None:
    """What it says now: the person's own effect, then those of its items one may still share."""
    ambassador = (
        Ambassador.objects.active()
        .exclude(rhythm=Ambassador.Rhythm.NEVER)
        .select_related("user")
        .filter(pk=notification.recipient_id)
        .first()
    )
    if ambassador is None:
        return None
    contents = _still_shareable(notification, ambassador)
    if not contents:
        return None
    day = date.fromisoformat(notification.data["day"])
    first, last = digest.period_before(ambassador.rhythm, day)
    return {
        "contents": contents,
        "count": len(contents),
        "minutes": 1 if len(contents) == 1 else 2,
        "day": day,
        "rhythm": ambassador.rhythm,
        "visits": digest.effect_of(ambassador, first, last),
        "impact_url": settings.BASE_URL + reverse("campaigns:impact"),
    }


def _still_shareable(notification, ambassador):
    shareable = Content.objects.shareable_by(ambassador.user)
    found = not_answered_by(shareable, ambassador).in_bulk(notification.data["items"])
    return [found[pk] for pk in notification.data["items"] if pk in found]


DIGEST = announce(
    Kind(
        name=digest.KIND,
        label=gettext_lazy("The digest of what there is to share"),
        context=digest_of,
        has_own_setting=True,
    )
)


@add_section
class RhythmForm(Section):
    """How often the digest comes. Its unsubscribe link and "never" are the same wish."""

    title = gettext_lazy("Your digest")
    note = gettext_lazy("Up to three items you have not seen yet. Nothing new, nothing sent.")
    link = ("ambassadors:programme-leave", gettext_lazy("Leave the programme"))

    rhythm = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=Ambassador.Rhythm.choices,
        widget=forms.RadioSelect,
    )

    @classmethod
    def for_person(cls, person, data=None):
        ambassador = Ambassador.objects.enrolled().filter(user=person).first()
        if ambassador is None:
            return None
        form = cls(data, initial={"rhythm": _rhythm_of(ambassador)})
        form.ambassador = ambassador
        return form

    def save(self):
        if "rhythm" not in self.changed_data:
            return
        rhythm = self.cleaned_data["rhythm"]
        self.ambassador.choose_rhythm(rhythm)
        if rhythm != Ambassador.Rhythm.NEVER:
            say(self.ambassador.user, DIGEST, EMAIL, wanted=True)


def _rhythm_of(ambassador):
    refused = Preference.objects.refusing(DIGEST.name, EMAIL).filter(person=ambassador.user_id)
    return Ambassador.Rhythm.NEVER if refused.exists() else ambassador.rhythm
