from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.conf import settings
from django.db import models
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Topic
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.reach.period import DAY, Period, today
from campaigns.reach.scope import LAST_YEAR, OTHER, PREVIOUS, Scope

CUSTOM = "custom"
# What a question consists of; how a table is ordered, or how much of it is shown, is none of it.
KEPT = (
    "period",
    "first",
    "last",
    "compare",
    "other",
    "campaign",
    "kind",
    "department",
    "network",
    "topic",
    "language",
)
LONGEST = 731
ALL = pgettext_lazy("filter", "All")


class Spans(models.TextChoices):
    """Ready-made periods. Each ends yesterday: today is not over."""

    DAYS_7 = "7", _("Last 7 days")
    DAYS_28 = "28", _("Last 28 days")
    DAYS_90 = "90", _("Last 90 days")
    YEAR = "365", _("Last 12 months")
    CUSTOM = CUSTOM, _("Other dates")

    def period(self, last):
        """The days up to `last`."""
        return Period.of_a_year(last) if self == self.YEAR else Period.of_days(int(self), last)


READY = [span for span in Spans if span != Spans.CUSTOM]
# What the items can be sorted by; a minus sign before it turns the order round.
SORTS = ("title", "shares", "visits", "per_share", "wording")
NOT_STARTED = [
    Campaign.State.DRAFT,
    Campaign.State.IN_REVIEW,
    Campaign.State.APPROVED,
    Campaign.State.SCHEDULED,
]


class AtOnce(ModelChoiceIterator):
    """Choices read at once: Django reads them through a cursor on the server, three questions for
    a list that fits into one."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from map(self.choice, self.queryset)


class Choice(forms.ModelChoiceField):
    iterator = AtOnce


class NamedAtOnce(AtOnce):
    """Of a campaign no more than its line in the list: the rest is five moments in time each."""

    def __init__(self, field):
        super().__init__(field)
        self.queryset = self.queryset.only("slug", "name_fr", "name_en")


class CampaignChoice(Choice):
    iterator = NamedAtOnce


class ReachFilter(forms.Form):
    """What the address of a report says. Any view is a link; what makes no sense is said so."""

    period = forms.ChoiceField(label=_("Period"), choices=Spans, required=False)
    first = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    compare = forms.ChoiceField(
        label=_("Compare with"),
        required=False,
        choices=[
            (PREVIOUS, _("The period before")),
            (LAST_YEAR, _("A year earlier")),
            (OTHER, _("Another campaign")),
        ],
    )
    other = CampaignChoice(
        Campaign.objects.exclude(state__in=NOT_STARTED),
        label=_("Which other campaign"),
        required=False,
        empty_label=pgettext_lazy("campaign filter", "Choose"),
        to_field_name="slug",
    )
    campaign = CampaignChoice(
        Campaign.objects.exclude(state__in=NOT_STARTED),
        label=_("Campaign"),
        required=False,
        empty_label=pgettext_lazy("campaign filter", "All"),
        to_field_name="slug",
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", ALL), *Campaign.Kind.choices]
    )
    department = Choice(
        Department.objects.filter(parent=None),
        label=_("Department"),
        required=False,
        empty_label=ALL,
    )
    network = Choice(
        Network.objects.all(),
        label=_("Network"),
        required=False,
        empty_label=ALL,
        to_field_name="slug",
    )
    language = forms.ChoiceField(
        label=_("Content in"),
        required=False,
        choices=[("", _("all languages")), *settings.LANGUAGES],
    )
    topic = Choice(
        Topic.objects.all(),
        label=_("Topic"),
        required=False,
        empty_label=ALL,
        to_field_name="slug",
    )
    sort = forms.ChoiceField(
        choices=[(sign + name, name) for name in SORTS for sign in ("", "-")],
        required=False,
        widget=forms.HiddenInput,
    )
    every = forms.BooleanField(required=False, widget=forms.HiddenInput)

    DEFAULTS = {"period": Spans.DAYS_28, "compare": PREVIOUS, "sort": "-visits"}
    FILTERS = ("campaign", "kind", "department", "network", "topic", "language")

    def __init__(self, *args, reader=None, **kwargs):
        """reader: who is to read it; None for what is made for people who see the whole."""
        super().__init__(*args, **kwargs)
        self.reader = reader
        if not self.is_limited:
            return
        seen = Campaign.objects.overseen_by(reader).exclude(state__in=NOT_STARTED)
        self.fields["campaign"].queryset = self.fields["other"].queryset = seen
        whole = Department.objects.overseen_by(reader).filter(parent=None)
        self.fields["department"].queryset = whole
        self.fields["campaign"].empty_label = self.fields["department"].empty_label = "–"

    @property
    def is_limited(self):
        return self.reader is not None and self.reader.is_limited

    @cached_property
    def ground(self):
        """What a limited manager is shown when nothing else is asked, or what is not theirs.

        A department of theirs, else a campaign of theirs; empty where there is neither.
        """
        for name in ("department", "campaign"):
            if found := self.fields[name].queryset.first():
                return {name: found}
        return {}

    @property
    def shows_nothing(self):
        """Whether there is nothing that this reader could be told about."""
        return self.is_limited and not self.ground

    @classmethod
    def of(cls, query, reader=None):
        """The form behind a QueryDict, with the defaults where it says nothing."""
        data = query.copy()
        for name, value in cls.DEFAULTS.items():
            if not data.get(name):
                data[name] = value
        if data["period"] == CUSTOM:
            usual = Spans.DAYS_28.period(today() - DAY)
            data["first"] = data.get("first") or usual.first.isoformat()
            data["last"] = data.get("last") or usual.last.isoformat()
        form = cls(data, reader=reader)
        if form.is_limited and not (data.get("campaign") or data.get("department")):
            for name, value in form.ground.items():
                data[name] = form.fields[name].prepare_value(value)
        form.full_clean()
        return form

    @classmethod
    def for_days_of(cls, query):
        """Of a question, only which days it is about."""
        return cls.of(_only(query, "period", "first", "last"))

    @classmethod
    def for_ready_periods_of(cls, query):
        """Of a question, only the period, and none of one's own choice."""
        return cls.of(_only(query, "period") if query.get("period") in READY else QueryDict())

    @property
    def ready(self) -> list[tuple[str, Any]]:
        """The ready-made periods, to choose from."""
        return [(span.value, span.label) for span in READY]

    @property
    def days(self) -> str:
        """Which days it is about, as in an address."""
        return _only(self.data, "period", "first", "last").urlencode()

    @property
    def question(self) -> str:
        """The question alone, as in an address."""
        return question_of(self.data)

    def clean(self):
        self._check_dates()
        self._check_other_campaign()
        others = [name for name in self.FILTERS if self.cleaned_data.get(name)]
        if "department" in others and len(others) > 1:
            self.add_error(
                "department",
                _(
                    "A department is looked at by itself: together with another filter the figures"
                    " could be about one person."
                ),
            )

    def _check_dates(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if self.cleaned_data.get("period") != CUSTOM or not (first and last):
            return
        if last > today():
            self.add_error("last", _("This day has not come yet."))
        elif first > last:
            self.add_error("last", _("The end comes before the start."))
        elif (last - first).days >= LONGEST:
            self.add_error("first", _("Two years at most."))

    def _check_other_campaign(self):
        if self.cleaned_data.get("compare") != OTHER:
            return
        campaign, other = self.cleaned_data.get("campaign"), self.cleaned_data.get("other")
        if not campaign:
            self.add_error("campaign", _("Choose which campaign is compared with another."))
        elif not other:
            self.add_error("other", _("Choose the other campaign."))
        elif campaign == other:
            self.add_error("other", _("This is the same campaign."))

    @property
    def scope(self) -> Scope:
        """What is asked, without the filters that make no sense."""
        names = {name: self.cleaned_data.get(name) for name in self.FILTERS}
        seen = None
        if self.is_limited:
            # Never the whole, whatever the address says; nor a part that makes a department small.
            if not (names["campaign"] or names["department"]):
                names = self.ground
            seen = frozenset(self.fields["campaign"].queryset.values_list("pk", flat=True))
        return Scope(
            seen=seen,
            period=self._period(),
            comparison=self._comparison(),
            other=self.cleaned_data.get("other") if self.takes_other else None,
            **{name: value for name, value in names.items() if value},
        )

    def narrowed_to(self, period: Period) -> str:
        """The query of the same question about other days."""
        query = dict(parse_qsl(self.question))
        query |= {"period": CUSTOM, "first": period.first.isoformat()}
        return urlencode(query | {"last": period.last.isoformat()})

    @property
    def order(self):
        return self.cleaned_data.get("sort") or self.DEFAULTS["sort"]

    @property
    def shows_every_item(self):
        return bool(self.cleaned_data.get("every"))

    @property
    def takes_dates(self):
        return self.data["period"] == CUSTOM

    @property
    def takes_other(self):
        return self.data["compare"] == OTHER

    def _comparison(self):
        """What can be compared with: another campaign only where two are named."""
        chosen = self.cleaned_data.get("compare") or PREVIOUS
        both = self.cleaned_data.get("campaign") and self.cleaned_data.get("other")
        return PREVIOUS if chosen == OTHER and not both else chosen

    @property
    def asked(self):
        """The filters in force as plain text, for the audit trail: keys and dates, no names."""
        scope = self.scope
        texts = {
            "from": scope.period.first.isoformat(),
            "to": scope.period.last.isoformat(),
            "campaign": scope.campaign and scope.campaign.slug,
            "kind": scope.kind,
            "department": scope.department and scope.department.pk,
            "network": scope.network and scope.network.slug,
            "topic": scope.topic and scope.topic.slug,
            "other": scope.other and scope.other.slug,
            "language": scope.language,
        }
        return {"filters": {name: text for name, text in texts.items() if text}}

    @property
    def is_narrowed(self):
        return any(self.cleaned_data.get(name) for name in self.FILTERS)

    def _period(self):
        chosen = self.cleaned_data.get("period") or Spans.DAYS_28
        if chosen != CUSTOM:
            return Spans(chosen).period(today() - DAY)
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last:
            return Period(first, last)
        return Spans.DAYS_28.period(today() - DAY)


def question_of(query: QueryDict) -> str:
    """The part of an address that is the question; "" for what is asked anyway."""
    return _only(query, *KEPT).urlencode()


def _only(query, *names):
    kept = QueryDict(mutable=True)
    for name in names:
        if query.get(name):
            kept[name] = query[name]
    return kept
