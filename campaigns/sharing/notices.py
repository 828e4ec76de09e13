"""The digest; recalls and reminders are in files of their own, and are made known here."""

from datetime import date, datetime

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from activity.expansion import notify
from activity.hearing import Kind, announce
from activity.models import Notification, Preference
from activity.preferences import Section, add_section, say
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.sharing import digest, one_tap, recalls, reminders, reminders_campaign  # noqa: F401
from campaigns.sharing.suggestions import not_answered_by

EMAIL = Notification.Channel.EMAIL


def send_due(now: datetime) -> None:
    """Decides each digest that is due, once: a second beat, or a later one, finds nobody."""
    offer = digest.Offer(now)
    for slot, ambassadors in digest.due_rounds(now):
        notify(DIGEST, _slowing(offer.addressed(slot, ambassadors)))


def _slowing(addressed):
    """Each as it is; whose digest is to say that it comes once a month now, has it so."""
    for one in addressed:
        if one.data.get("slower") and not Ambassador.objects.get(pk=one.person).slow_down():
            one.data.pop("slower")
        yield one


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
        "slower": notification.data.get("slower", False),
        "visits": digest.effect_of(ambassador, first, last),
        "impact_url": settings.BASE_URL + reverse("campaigns:impact"),
    }


def _still_shareable(notification, ambassador):
    shareable = Content.objects.shareable_by(ambassador.user)
    found = not_answered_by(shareable, ambassador).in_bulk(notification.data["items"])
    contents = [found[pk] for pk in notification.data["items"] if pk in found]
    for content in contents:
        content.one_tap = one_tap.url_for(notification.recipient_id, content.pk, notification.pk)
    return contents


DIGEST = announce(
    Kind(
        name=digest.KIND,
        label=gettext_lazy("The digest of what there is to share"),
        context=digest_of,
        has_own_setting=True,
        carries=True,
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
        # Whoever sets it has looked at it: the four that count begin anew.
        Notification.objects.to(self.ambassador.user).filter(kind=DIGEST.name).mark_read()
        if rhythm != Ambassador.Rhythm.NEVER:
            say(self.ambassador.user, DIGEST, EMAIL, wanted=True)


def _rhythm_of(ambassador):
    refused = Preference.objects.refusing(DIGEST.name, EMAIL).filter(person=ambassador.user_id)
    return Ambassador.Rhythm.NEVER if refused.exists() else ambassador.rhythm
