"""Is it carried by a few? And do people stay? Numbers of people without names, in coarse steps.

A page of its own, for the whole programme and the ready-made periods only: over days of one's own
choice, two questions could differ by one person.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Count, F
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from ambassadors.enrolment.models import Ambassador
from campaigns.reach.charts import width
from campaigns.reach.ground import Ground
from campaigns.reach.period import midnight, today, zone
from campaigns.reach.scope import Scope, declared_in
from campaigns.reach.suppression import Hidden, hide
from campaigns.reach.tables import why_hidden
from campaigns.sharing.models import Share

# Shares of one person in the period: from, up to and with (None: without an end).
STEPS: list[tuple[int, int | None]] = [(1, 1), (2, 2), (3, 4), (5, 9), (10, 19), (20, None)]
FEW = 5
NEAREST = 0.05
# Of a month's newcomers: from so many on, in steps of a tenth. “All of them” and “nobody” would
# say it of each one, so the ends are never shown as such.
COHORT, TENTH = 10, 0.1
MONTHS = 6


@dataclass(frozen=True)
class Step:
    """People who shared so many times; people is None where they are too few to say."""

    label: Any
    people: int | None
    width: str
    reason: Any = ""


class Efforts:
    """How shares are spread over the people who shared."""

    def __init__(self, scope: Scope):
        self.scope, self.ground = scope, Ground(scope)

    @cached_property
    def is_hidden(self) -> bool:
        return self.ground.is_hidden or self.people < settings.MINIMUM_GROUP

    @property
    def minimum(self) -> int:
        return settings.MINIMUM_GROUP

    @property
    def people(self) -> int:
        return len(self._shares)

    @property
    def shares(self) -> int:
        return sum(self._shares)

    @cached_property
    def carried_by_few(self) -> float | None:
        """The part of all shares that the five most active have made, to the nearest twentieth.

        None where those five, or all the others, are fewer than the minimum.
        """
        few = max(FEW, settings.MINIMUM_GROUP)
        if self.people < few + settings.MINIMUM_GROUP:
            return None
        part = sum(self._shares[:few]) / self.shares
        return round(NEAREST * round(part / NEAREST), 2)

    @cached_property
    def steps(self) -> list[Step]:
        sizes = Counter(_step_of(n) for n in self._shares)
        counted = {step: sizes[step] for step in STEPS}
        empty = {step for step, size in counted.items() if not size}
        hidden = hide(counted, settings.MINIMUM_GROUP, empty)
        longest = max(counted.values(), default=0)
        return [self._step(step, counted[step], hidden, longest) for step in STEPS]

    def _step(self, step, people, hidden: Hidden, longest):
        if people and step in hidden:
            return Step(_label(step), None, "0", why_hidden(hidden[step]))
        return Step(_label(step), people, width(people, longest))

    @cached_property
    def _shares(self) -> list[int]:
        """Declared shares of each person in the period, most first."""
        declared = Share.objects.filter(declared_in(self.scope.period))
        people = declared.exclude(link__ambassador=None).values("link__ambassador")
        counts = people.annotate(n=Count("pk")).order_by("-n")
        return list(counts.values_list("n", flat=True))


@dataclass(frozen=True)
class Cohort:
    """Newcomers of a month; parts: active in that month and each one after, None where hidden."""

    month: date
    people: int | None
    parts: list[float | None]

    @property
    def to_come(self) -> range:
        """Months of the table that this one has not reached."""
        return range(MONTHS - len(self.parts))


class Staying:
    """By the month they joined: what part of people shared in that month and the ones after."""

    @cached_property
    def months(self) -> list[date]:
        """The last whole months, oldest first."""
        this = today().replace(day=1)
        return [this - relativedelta(months=n) for n in range(MONTHS, 0, -1)]

    @cached_property
    def cohorts(self) -> list[Cohort]:
        return [self._cohort(number, month) for number, month in enumerate(self.months)]

    @property
    def fewest(self) -> int:
        """Newcomers a month needs to be told about."""
        return max(COHORT, settings.MINIMUM_GROUP)

    @property
    def tells(self) -> bool:
        return any(cohort.people for cohort in self.cohorts)

    def _cohort(self, number, month):
        people = self._joined.get(month, 0)
        if people < self.fewest:
            return Cohort(month, None, [])
        after = self.months[number:]
        return Cohort(
            month, people, [_tenth(self._active.get((month, m), 0) / people) for m in after]
        )

    @cached_property
    def _span(self) -> tuple[datetime, datetime]:
        return midnight(self.months[0]), midnight(today().replace(day=1))

    @cached_property
    def _joined(self) -> dict[date, int]:
        start, end = self._span
        people = Ambassador.objects.filter(joined_at__gte=start, joined_at__lt=end)
        rows = people.annotate(m=_month("joined_at")).values_list("m").annotate(n=Count("pk"))
        return {month.date(): n for month, n in rows.order_by()}

    @cached_property
    def _active(self) -> dict[tuple[date, date], int]:
        """By month of joining and month of sharing: people with a declared share."""
        start, end = self._span
        shares = Share.objects.filter(declared_at__gte=start, declared_at__lt=end)
        joined = F("link__ambassador__joined_at")
        rows = (
            shares.filter(link__ambassador__joined_at__gte=start)
            .annotate(joined=TruncMonth(joined, tzinfo=zone()), shared=_month("declared_at"))
            .values_list("joined", "shared")
            .annotate(n=Count("link__ambassador", distinct=True))
        )
        return {(a.date(), b.date()): n for a, b, n in rows.order_by()}


def _month(field):
    return TruncMonth(field, tzinfo=zone())


def _tenth(part):
    return min(max(round(part / TENTH) * TENTH, TENTH), 1 - TENTH)


def _step_of(shares):
    return next(step for step in STEPS if step[0] <= shares <= (step[1] or shares))


def _label(step):
    low, high = step
    if high is None:
        return _("%(low)s or more") % {"low": low}
    return str(low) if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
