"""What may be done to many items at once, and what is said of those it was not done to.

Each item in a transaction of its own: one that refuses keeps nothing from the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from ambassadors.enrolment.models import Topic
from campaigns.content.featuring import AT_ONCE, TooManyFeatured, feature, unfeature
from campaigns.content.forms import MOST_TOPICS
from campaigns.content.models import Content, Forbidden, OutOfDate, TextTooLong, WrongState
from campaigns.content.views import out_of_date
from campaigns.library.verbs import TooManyTopics, extend, put_on, take_off

# Up to here a click is enough; above, what will happen is shown first.
WITHOUT_ASKING = 20
# At once: more would keep the page waiting.
MOST = 500


class NotAllowed(Exception):
    """The policy says no for this one."""


class EndDay(forms.DateField):
    """A day, as the last moment of it by the clock of whoever says it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value):
        day = super().clean(value)
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("That day is over: choose a later one."))
        return day and timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


@dataclass(frozen=True)
class Deed:
    """One thing to do. do(content, by, value): False says that it was so already.

    asks: the field its value comes from, made anew for each form; None when it needs none.
    """

    key: str
    label: Any
    done: Any
    do: Callable[..., bool | None]
    perm: str = "campaigns.write_content"
    asks: Callable[[], forms.Field] | None = None


@dataclass
class Outcome:
    """What became of each: how many were done, and the others with why."""

    done: int = 0
    refused: list[tuple[Content, str]] = field(default_factory=list)


def carry_out(deed: Deed, contents: Iterable[Content], *, by, value=None) -> Outcome:
    """Does it to each of `contents` that the policy and its state allow."""
    outcome = Outcome()
    for content in contents:
        if why := _refusal(deed, content, by, value):
            outcome.refused.append((content, why))
        else:
            outcome.done += 1
    return outcome


def _refusal(deed, content, by, value):
    """Why it was not done; "" when it was."""
    try:
        if not by.has_perm(deed.perm, content):
            raise NotAllowed
        changed = deed.do(content, by, value)
    except tuple(REFUSALS) as refusal:
        said = next(say for kind, say in REFUSALS.items() if isinstance(refusal, kind))
        return said(refusal, content)
    return _("It was so already.") if changed is False else ""


def _state(refusal, content):
    content.refresh_from_db(fields=["status"])
    return _("Not possible now: it is “%(state)s”.") % {"state": content.get_status_display()}


# The more particular first.
REFUSALS = {
    NotAllowed: lambda refusal, content: _("You may not do this to it."),
    TextTooLong: lambda refusal, content: (
        _("A text is too long for %(networks)s.") % {"networks": ", ".join(refusal.networks)}
    ),
    Forbidden: lambda refusal, content: " ".join(refusal.reasons),
    OutOfDate: lambda refusal, content: out_of_date(),
    TooManyTopics: lambda refusal, content: _("It has %(n)s topics already.") % {"n": MOST_TOPICS},
    TooManyFeatured: lambda refusal, content: (
        _("%(n)s items of its campaign come first in the feed already.") % {"n": AT_ONCE}
    ),
    WrongState: _state,
}


def _unfeature(content, by, value):
    was = content.featured_until is not None
    unfeature(content, by=by)
    return was


def _topic():
    return forms.ModelChoiceField(Topic.objects.all(), label=gettext_lazy("Topic"))


def _until():
    return EndDay(label=gettext_lazy("Last day"))


def _note():
    return forms.CharField(
        # Translators: fr: Pourquoi
        label=gettext_lazy("Why"),
        widget=forms.Textarea({"rows": 2}),
        max_length=2000,
    )


DEEDS = {
    deed.key: deed
    for deed in [
        Deed(
            "submit",
            gettext_lazy("Submit for approval"),
            ngettext_lazy("%(n)d item submitted.", "%(n)d items submitted.", "n"),
            lambda content, by, value: content.submit(by),
            perm="campaigns.submit_content",
        ),
        Deed(
            "extend",
            gettext_lazy("Give another end"),
            ngettext_lazy("%(n)d item has its new end.", "%(n)d items have their new end.", "n"),
            lambda content, by, value: extend(content, by=by, until=value),
            asks=_until,
        ),
        Deed(
            "evergreen",
            gettext_lazy("Make evergreen"),
            ngettext_lazy("%(n)d item is evergreen now.", "%(n)d items are evergreen now.", "n"),
            lambda content, by, value: extend(content, by=by, until=None),
        ),
        Deed(
            "topic-add",
            gettext_lazy("Add a topic"),
            ngettext_lazy("Topic added to %(n)d item.", "Topic added to %(n)d items.", "n"),
            lambda content, by, value: put_on(content, value, by=by),
            asks=_topic,
        ),
        Deed(
            "topic-remove",
            gettext_lazy("Remove a topic"),
            ngettext_lazy("Topic removed from %(n)d item.", "Topic removed from %(n)d items.", "n"),
            lambda content, by, value: take_off(content, value, by=by),
            asks=_topic,
        ),
        Deed(
            "feature",
            gettext_lazy("Show first in the feed"),
            ngettext_lazy(
                "%(n)d item comes first in the feed.",
                "%(n)d items come first in the feed.",
                "n",
            ),
            lambda content, by, value: feature(content, by=by, until=value),
            asks=_until,
        ),
        Deed(
            "unfeature",
            gettext_lazy("Show among the others again"),
            ngettext_lazy(
                "%(n)d item is back among the others.",
                "%(n)d items are back among the others.",
                "n",
            ),
            _unfeature,
        ),
        Deed(
            "expire",
            gettext_lazy("Take out of the feed"),
            ngettext_lazy(
                "%(n)d item is out of the feed. Its links go on leading there.",
                "%(n)d items are out of the feed. Their links go on leading there.",
                "n",
            ),
            lambda content, by, value: content.expire(by),
        ),
        Deed(
            "put-aside",
            # Translators: fr: Mettre des brouillons de côté
            gettext_lazy("Put drafts aside"),
            ngettext_lazy("%(n)d draft put aside.", "%(n)d drafts put aside.", "n"),
            lambda content, by, value: content.put_aside(by, value),
            asks=_note,
        ),
    ]
}


class BulkForm(forms.Form):
    """What is to be done, and to which items: those ticked, or everything that was found."""

    deed = forms.ChoiceField(choices=[(key, deed.label) for key, deed in DEEDS.items()])
    everything = forms.BooleanField(required=False)
    sure = forms.BooleanField(required=False)

    def __init__(self, data):
        super().__init__(data)
        deed = DEEDS.get(data.get("deed"))
        if deed and deed.asks:
            self.fields["value"] = deed.asks()

    @property
    def deed_chosen(self):
        return DEEDS[self.data["deed"]] if self.data.get("deed") in DEEDS else None

    def keys(self):
        """The items that are named: ticked one by one, or all in one field by the second page."""
        named = [*self.data.getlist("item"), *self.data.get("items", "").split(",")]
        return [int(key) for key in named if key.isdecimal() and len(key) < 19]
