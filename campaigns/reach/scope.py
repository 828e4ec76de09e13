"""What a report is about: a period, what it is compared with, and at most a few filters."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Topic
from campaigns.content.models import Content, ContentQuerySet
from campaigns.conversions.models import ConversionTally, Goal
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.reach.models import PlaceTotal
from campaigns.reach.period import Period, zone
from campaigns.sharing.models import Share
from campaigns.tracking.models import DayTotal

PREVIOUS, LAST_YEAR, OTHER = "previous", "last_year", "campaign"
TREND_WEEKS = 13
# A year of 52 weeks, so that a Monday is compared with a Monday.
WEEKS_BACK = {PREVIOUS: TREND_WEEKS, LAST_YEAR: 52, OTHER: TREND_WEEKS}


@dataclass(frozen=True)
class Scope:
    """The question that is asked. `left_out` holds the campaigns no figure may count.

    other: the campaign that `campaign` is compared with, where comparison is OTHER.
    """

    period: Period
    comparison: str = PREVIOUS
    campaign: Campaign | None = None
    kind: str = ""
    network: Network | None = None
    language: str = ""
    department: Department | None = None
    topic: Topic | None = None
    other: Campaign | None = None
    left_out: frozenset[int] = frozenset()
    # The campaigns the reader oversees, where they are a limited manager.
    seen: frozenset[int] | None = None

    @cached_property
    def compared(self) -> Period:
        if self.comparison == LAST_YEAR:
            return self.period.a_year_before()
        if self.is_beside_another:
            return self.period.shifted((_began(self.other) - _began(self.campaign)).days)
        return self.period.before()

    @property
    def is_beside_another(self) -> bool:
        return self.comparison == OTHER and bool(self.campaign and self.other)

    @property
    def beside(self) -> "Scope | None":
        """The same question about the other campaign, as many days after its own start."""
        if not self.is_beside_another:
            return None
        return replace(
            self, period=self.compared, comparison=PREVIOUS, campaign=self.other, other=None
        )

    @cached_property
    def weeks(self) -> list[Period]:
        return self.period.weeks(TREND_WEEKS)

    @cached_property
    def weeks_compared(self) -> list[Period]:
        if self.is_beside_another:
            return self.compared.weeks(TREND_WEEKS)
        back = -7 * WEEKS_BACK[self.comparison]
        return [week.shifted(back) for week in self.weeks]

    @property
    def by_content(self) -> bool:
        """Whether only some of the content is asked for."""
        return bool(self.campaign or self.kind or self.network or self.language or self.topic)

    @property
    def is_whole(self) -> bool:
        """The whole programme: the only view that compares departments."""
        return not (self.by_content or self.department)

    @property
    def contents(self) -> ContentQuerySet:
        return Content.objects.filter(self._about("", "campaign"))

    @property
    def totals(self) -> QuerySet[DayTotal]:
        """Clicks of any day and any kind, by department."""
        return DayTotal.objects.filter(self._of_visits)

    @property
    def places(self) -> QuerySet[PlaceTotal]:
        """Clicks of any day, of all departments together: a question without a department."""
        return PlaceTotal.objects.filter(self._of_visits)

    @property
    def goals(self) -> QuerySet[Goal]:
        """What counts on the sites of the campaigns asked about."""
        asked = {"campaign": self.campaign, "campaign__kind": self.kind}
        found = Goal.objects.filter(**{name: value for name, value in asked.items() if value})
        return found.exclude(campaign__in=self.left_out) if self.left_out else found

    @property
    def conversions(self) -> QuerySet[ConversionTally]:
        """Of any day, and of the visits asked about."""
        return ConversionTally.objects.filter(self._of_visits)

    @property
    def _of_visits(self):
        query = self._about("content__", "campaign")
        if self.network:
            query &= Q(network=self.network)
        if self.department:
            query &= Q(department=self.department)
        return query

    @property
    def shares(self) -> QuerySet[Share]:
        """Of any day, opened or declared."""
        query = self._about("content__", "content__campaign")
        if self.network:
            query &= Q(network=self.network)
        if self.department:
            query &= Q(link__ambassador__user__person__department=self.department)
        return Share.objects.filter(query)

    def _about(self, path, campaign):
        """Which content, seen from the end of `path`; `campaign` is the way to its campaign."""
        asked = {
            campaign: self.campaign,
            f"{path}campaign__kind": self.kind,
            f"{path}language": self.language,
            f"{path}topics": self.topic,
        }
        query = Q(**{name: value for name, value in asked.items() if value})
        return query & ~Q(**{f"{campaign}__in": self.left_out}) if self.left_out else query


def _began(campaign):
    return timezone.localdate(campaign.launched_at or campaign.starts_at, zone())


def on_days(period: Period) -> Q:
    """Of totals: those of the period."""
    return Q(day__gte=period.first, day__lte=period.last)


def declared_in(period: Period) -> Q:
    """Of shares: those declared in the period, by the organisation's clock."""
    return Q(declared_at__gte=period.start, declared_at__lt=period.end)


def opened_in(period: Period) -> Q:
    return Q(opened_at__gte=period.start, opened_at__lt=period.end)
