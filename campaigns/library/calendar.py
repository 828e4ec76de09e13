"""A month of what comes out, ends and begins: a list, and on a wide screen also a sheet."""

import calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from ambassadors.accounts.policy import permission_required
from ambassadors.enrolment.models import Topic
from campaigns.content.models import Content
from campaigns.library.audiences import Reached, reached_by
from campaigns.planning.models import Campaign
from campaigns.sources.models import Sighting

# More than these on one day, for people who may be the same, is too much of it.
MOST_A_DAY = 3
# Of one kind and campaign on a day; the others are counted.
SHOWN = 3
YEARS = range(2020, 2100)
Status = Content.Status
KINDS = {
    "starts": pgettext_lazy("calendar", "Campaign starts"),
    "published": pgettext_lazy("calendar", "Published"),
    "scheduled": pgettext_lazy("calendar", "To be published"),
    "draft": pgettext_lazy("calendar", "Draft from a source"),
    "expires": pgettext_lazy("calendar", "Expires"),
    "ends": pgettext_lazy("calendar", "Campaign ends"),
}
ICONS = {
    "starts": "play",
    "published": "check",
    "scheduled": "calendar",
    "draft": "edit",
    "expires": "clock",
    "ends": "exit",
}
COMING_OUT = {"published", "scheduled"}
# Of an item; a month may have thousands.
NEEDED = (
    "title",
    "language",
    "status",
    "campaign_id",
    "publish_at",
    "published_at",
    "expires_at",
    "created_at",
)


@dataclass(frozen=True)
class Event:
    """Something on a day. others: how many more of the same kind and campaign; rest: where."""

    kind: str
    title: str
    path: str
    campaign: Campaign
    language: str = ""
    others: int = 0
    rest: str = ""

    @property
    def label(self):
        return KINDS[self.kind]

    @property
    def icon(self):
        return ICONS[self.kind]


@dataclass(frozen=True)
class Collision:
    """More items on a day than people who may be the same should be shown."""

    items: int
    campaigns: list[Campaign]


@dataclass
class Day:
    """A day and what is on it; one beside the month, for the sheet to be even, has no events."""

    day: date
    within: bool = True
    is_today: bool = False
    events: list[Event] = field(default_factory=list)
    collision: Collision | None = None


class CalendarFilter(forms.Form):
    """Which month and what of it. What makes no sense is this month, and everything."""

    month = forms.RegexField(
        r"^\d{4}-\d{2}$",
        label=_("Month"),
        required=False,
        widget=forms.TextInput({"type": "month"}),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=_("Campaign"),
        to_field_name="slug",
        empty_label=pgettext_lazy("campaign filter", "All"),
        required=False,
    )
    topic = forms.ModelChoiceField(
        Topic.objects.all(),
        label=_("Topic"),
        to_field_name="slug",
        empty_label=_("All topics"),
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("Both")), *settings.LANGUAGE_CHOICES], required=False
    )
    kind = forms.ChoiceField(
        label=_("What"), choices=[("", _("All")), *KINDS.items()], required=False
    )
    view = forms.ChoiceField(
        choices=[("list", ""), ("sheet", "")], widget=forms.HiddenInput, required=False
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        campaigns = Campaign.objects.visible_to(user)
        self.fields["campaign"].queryset = campaigns.order_by("name_fr")

    def asked(self, name):
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    @property
    def first(self):
        """The first day of the month asked for."""
        try:
            asked = date.fromisoformat(f"{self.asked('month')}-01")
        except ValueError:
            asked = timezone.localdate()
        return asked.replace(day=1) if asked.year in YEARS else timezone.localdate().replace(day=1)

    @property
    def is_narrowed(self):
        return any(self.asked(name) for name in ("campaign", "topic", "language", "kind"))


@require_GET
@permission_required("campaigns.see_library")
def content_calendar(request):
    form = CalendarFilter(request.GET, user=request.user)
    month = Month(form, request.user)
    as_sheet = form.asked("view") == "sheet"
    days = month.days
    context = {
        "form": form,
        "month": month,
        "days": days if as_sheet else [day for day in days if day.events],
        "as_sheet": as_sheet,
        "collisions": [day for day in days if day.collision],
        "is_empty": not any(day.events for day in days),
        "weekdays": _weekdays(),
        "most": MOST_A_DAY,
    }
    return render(request, "campaigns/calendar.html", context)


def _first_weekday():
    """As Python counts them, from Monday; the language of the page says which."""
    return (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7


def _weekdays():
    first = _first_weekday()
    return [(WEEKDAYS_ABBR[n % 7], WEEKDAYS[n % 7]) for n in range(first, first + 7)]


class Month:
    """What a month holds for one person, in a fixed number of queries."""

    def __init__(self, form, user):
        self.form, self.user = form, user
        self.first = form.first
        self.last = self.first.replace(day=calendar.monthrange(*self.first.timetuple()[:2])[1])
        self.begins = _midnight(self.first)
        self.ends = _midnight(self.last + timedelta(days=1))

    @property
    def before(self):
        return (self.first - timedelta(days=1)).strftime("%Y-%m")

    @property
    def after(self):
        return (self.last + timedelta(days=1)).strftime("%Y-%m")

    @property
    def key(self):
        return self.first.strftime("%Y-%m")

    @property
    def days(self):
        """Whole weeks, with the days of the months around them."""
        happening = self._happening()
        events = self._events(happening)
        collisions = self._collisions(happening)
        today = timezone.localdate()
        sheet = calendar.Calendar(_first_weekday())
        return [
            Day(
                day,
                within=day.month == self.first.month,
                is_today=day == today,
                events=events.get(day, []),
                collision=collisions.get(day),
            )
            for day in sheet.itermonthdates(self.first.year, self.first.month)
        ]

    def _happening(self):
        """{day: {(kind, campaign): [what]}}, each an item or the campaign itself."""
        found = defaultdict(lambda: defaultdict(list))
        for kind, at, thing in [*self._of_items(), *self._of_campaigns()]:
            if at and self.begins <= at < self.ends and self._is_asked(kind):
                campaign = getattr(thing, "campaign", thing)
                found[timezone.localdate(at)][kind, campaign].append(thing)
        return found

    def _is_asked(self, kind):
        return self.form.asked("kind") in {"", kind}

    def _of_items(self):
        during = {
            name: Q(**{f"{name}__gte": self.begins, f"{name}__lt": self.ends})
            for name in ("published_at", "publish_at", "expires_at", "created_at")
        }
        over = [Status.PUBLISHED, Status.EXPIRED]
        brought = Exists(Sighting.objects.filter(content=OuterRef("pk")))
        contents = Content.objects.visible_to(self.user).filter(
            during["published_at"] & Q(status__in=over)
            | during["publish_at"] & Q(status=Status.APPROVED)
            | during["expires_at"] & Q(status__in=[Status.APPROVED, *over])
            | during["created_at"] & Q(status=Status.DRAFT) & Q(brought)
        )
        contents = self._narrowed(contents).order_by("title", "pk").only(*NEEDED)
        for content in self._with_campaigns(contents):
            if content.status == Status.DRAFT:
                yield "draft", content.created_at, content
                continue
            if content.status == Status.APPROVED:
                yield "scheduled", content.publish_at, content
            else:
                yield "published", content.published_at, content
            yield "expires", content.expires_at, content

    def _with_campaigns(self, contents):
        """Each campaign once, and not again with every item of it."""
        contents = list(contents)
        campaigns = Campaign.objects.in_bulk({content.campaign_id for content in contents})
        for content in contents:
            content.campaign = campaigns[content.campaign_id]
        return contents

    def _narrowed(self, contents):
        asked = {name: self.form.asked(name) for name in ("campaign", "language")}
        contents = contents.filter(**{name: value for name, value in asked.items() if value})
        topic = self.form.asked("topic")
        return contents.filter(topics=topic) if topic else contents

    def _of_campaigns(self):
        # A campaign has no topic and no language: with one of these asked for, it is not meant.
        if self.form.asked("topic") or self.form.asked("language"):
            return
        state = Campaign.State
        sure = [state.APPROVED, state.SCHEDULED, state.RUNNING, state.PAUSED, state.ENDED]
        campaigns = Campaign.objects.visible_to(self.user).filter(state__in=sure)
        if asked := self.form.asked("campaign"):
            campaigns = campaigns.filter(pk=asked.pk)
        here = {"gte": self.begins, "lt": self.ends}
        starts, ends = (
            Q(**{f"{name}__{how}": at for how, at in here.items()})
            for name in ("starts_at", "ends_at")
        )
        for campaign in campaigns.filter(starts | ends).order_by("name_fr"):
            yield "starts", campaign.starts_at, campaign
            yield "ends", campaign.ends_at, campaign

    def _events(self, happening):
        return {
            day: [
                event
                for kind in KINDS
                for (of_kind, campaign), things in groups.items()
                if of_kind == kind
                for event in _shown(kind, campaign, things)
            ]
            for day, groups in happening.items()
        }

    def _collisions(self, happening):
        """Of each day that has one, the worst."""
        coming = {
            day: {c: len(things) for (kind, c), things in groups.items() if kind in COMING_OUT}
            for day, groups in _merged(happening).items()
        }
        crowded = {day: some for day, some in coming.items() if sum(some.values()) > MOST_A_DAY}
        reached = reached_by({campaign for some in crowded.values() for campaign in some})
        worst = {day: _worst(some, reached) for day, some in crowded.items()}
        return {day: found for day, found in worst.items() if found}


def _merged(happening):
    """Published and to be published are one kind here."""
    merged = {}
    for day, groups in happening.items():
        together = defaultdict(list)
        for (kind, campaign), things in groups.items():
            if kind in COMING_OUT:
                together["published", campaign] += things
        merged[day] = together
    return merged


def _worst(coming: dict[Campaign, int], reached: dict[int, Reached]) -> Collision | None:
    """The most items that campaigns with common people bring on one day, if too many."""
    found = None
    for campaign in coming:
        mine = reached[campaign.pk]
        others = [other for other in coming if mine.may_meet(reached[other.pk])]
        items = sum(coming[other] for other in others)
        if items > MOST_A_DAY and (found is None or items > found.items):
            found = Collision(items, others)
    return found


def _shown(kind: str, campaign: Campaign, things: list[Any]) -> Iterable[Event]:
    """Some of them, the last with how many more there are."""
    for thing in things[:SHOWN]:
        last = thing is things[SHOWN - 1] if len(things) > SHOWN else False
        yield Event(
            kind,
            str(thing),
            thing.get_absolute_url(),
            campaign,
            getattr(thing, "language", ""),
            others=len(things) - SHOWN if last else 0,
            rest=f"{reverse('campaigns:content-list')}?campaign={campaign.slug}" if last else "",
        )


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time()))
