"""What a person's own shares brought: measured visits, shown to that person alone."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.sharing.models import Link
from campaigns.tracking.models import Tally


def today() -> date:
    """The day it is where tallies are kept, which may not be the person's own."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def last_full_week(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week that has ended before `day`."""
    monday = day - timedelta(days=day.weekday() + 7)
    return monday, monday + timedelta(days=6)


@dataclass
class Effect:
    """Visits the person's links brought from `first` to `last`, both days included."""

    ambassador: Ambassador
    first: date
    last: date

    @cached_property
    def rows(self):
        tallies = Tally.objects.human().between(self.first, self.last)
        mine = tallies.filter(ambassador=self.ambassador)
        by_item = mine.values("day", "content__title").annotate(n=Sum("clicks"))
        return list(by_item.order_by("day"))

    @cached_property
    def days(self):
        """(day, visits) for every day, quiet ones too."""
        counts = Counter()
        for row in self.rows:
            counts[row["day"]] += row["n"]
        length = (self.last - self.first).days + 1
        return [(day, counts[day]) for day in (self.first + timedelta(n) for n in range(length))]

    @cached_property
    def visits(self):
        return sum(row["n"] for row in self.rows)

    @cached_property
    def best_day(self):
        """The day with most visits, or None when there was none."""
        return max(self.days, key=lambda day: day[1])[0] if self.visits else None

    @cached_property
    def best_title(self):
        """Of the item that brought most, or None when there was nothing."""
        counts = Counter()
        for row in self.rows:
            counts[row["content__title"]] += row["n"]
        return counts.most_common(1)[0][0] if counts else None


@dataclass(frozen=True)
class Bar:
    """A day in a small bar chart, in the drawing's own units."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float
    is_best: bool

    @property
    def middle(self):
        return self.x + self.width / 2

    @property
    def above(self):
        return self.y - 5


def bars(days, *, width: float, height: float, top: float, gap: float) -> list[Bar]:
    """`days` as Bars between `top` and `height`, the highest value at the top."""
    most = max((value for _day, value in days), default=0)
    step = width / max(len(days), 1)
    return [
        Bar(
            day=day,
            value=value,
            x=round(n * step + gap / 2, 2),
            y=round(height - _share(value, most) * (height - top), 2),
            width=round(step - gap, 2),
            height=round(_share(value, most) * (height - top), 2),
            is_best=bool(value) and value == most,
        )
        for n, (day, value) in enumerate(days)
    ]


def _share(value, most):
    return value / most if most else 0


def visits_by(tallies, *fields) -> list[dict]:
    """`tallies` summed by `fields`, most visits first."""
    return list(tallies.values(*fields).annotate(n=Sum("clicks")).order_by("-n", *fields))


def links_of(ambassador: Ambassador):
    """Where the person shared what, latest first: one row per item and network.

    Each Link has visits (so far), posted (how many times they said so), posted_at (the last time)
    and opened_at. A link that was only ever put aside is left out.
    """
    human = Tally.objects.human().filter(link=OuterRef("pk")).order_by().values("link")
    visits = Subquery(human.annotate(n=Sum("clicks")).values("n"))
    kept = Q(shares__dismissed_at=None)
    return (
        Link.objects.filter(ambassador=ambassador)
        .select_related("content", "network")
        .annotate(
            visits=Coalesce(visits, 0),
            posted=Count("shares__declared_at"),
            posted_at=Max("shares__declared_at"),
            opened_at=Max("shares__opened_at", filter=kept),
        )
        .exclude(opened_at=None)
        .order_by("-opened_at")
    )
