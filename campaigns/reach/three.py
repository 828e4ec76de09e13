"""The three figures that are never added up: measured, declared, estimated."""

from collections import Counter
from functools import cached_property
from typing import Any

from django.conf import settings

from campaigns.reach import queries
from campaigns.reach.audience import Estimate, estimate
from campaigns.reach.ground import Change, Ground
from campaigns.reach.queries import Clicks
from campaigns.reach.tables import ratio
from campaigns.tracking.models import ClickKind

NONE = Clicks(0, 0, 0)


class ThreeFigures:
    def __init__(self, ground: Ground):
        self.ground = ground

    @cached_property
    def _clicks(self):
        return queries.clicks_by_kind(self.ground.scope)

    @cached_property
    def _beside(self):
        """Of the other campaign, where it is compared with one."""
        return ThreeFigures(self.ground.beside) if self.ground.beside else None

    @cached_property
    def visits(self) -> Change:
        """People's clicks. Not people."""
        human = self._clicks.get(ClickKind.HUMAN, NONE)
        before = self._beside.visits.now if self._beside else human.before
        return self.ground.change(human.now, before)

    @property
    def daily_uniques(self) -> int:
        return self._clicks.get(ClickKind.HUMAN, NONE).uniques

    @cached_property
    def set_aside(self) -> list[tuple[Any, int]]:
        """Clicks that are not people's: what they are, and how many; most first."""
        others = [
            (ClickKind(kind).label, clicks.now)
            for kind, clicks in self._clicks.items()
            if kind != ClickKind.HUMAN and clicks.now
        ]
        return sorted(others, key=lambda other: -other[1])

    @property
    def set_aside_total(self) -> int:
        return sum(number for _label, number in self.set_aside)

    @cached_property
    def _shares(self):
        return queries.shares(self.ground.scope)

    @cached_property
    def shares(self) -> Change:
        """Those that were declared. Opening a window is none."""
        before = self._beside.shares.now if self._beside else self._shares.before
        return self.ground.change(self._shares.declared, before)

    @property
    def seen(self) -> int:
        return self._shares.seen

    @property
    def unanswered(self) -> int:
        return self._shares.unanswered

    @cached_property
    def _places(self):
        scope = self.ground.scope
        return queries.shares_by_place(scope), queries.visits_by_place(scope)

    def by_network(self) -> tuple[Counter[int], Counter[int]]:
        """Shares and visits of each network (by key), also of those that must be hidden."""
        return self._by_network

    def by_content(self) -> tuple[Counter[int], Counter[int]]:
        """Shares and visits of each item (by key)."""
        return self._by_content

    @cached_property
    def _by_network(self):
        return self._summed(0)

    @cached_property
    def _by_content(self):
        return self._summed(1)

    def brought_by_content(self) -> Counter[int]:
        """Visits of each item (by key) by the links of people; without the programme's own."""
        return self._brought

    @cached_property
    def _brought(self):
        _shares, visits = self._places
        people = self.ground.network_members
        return _sums({place: n for place, n in visits.items() if place[0] in people}, 1)

    def _summed(self, part):
        shares, visits = self._places
        return _sums(shares, part), _sums(visits, part)

    @property
    def visits_per_share(self) -> float | None:
        """Of what was brought by sharing: nobody shared the programme's own links."""
        return ratio(self.brought_by_content().total(), self.shares.now)

    @property
    def tells_reach(self) -> bool:
        """Never by department: what people said of their audience was not meant for that."""
        return self.ground.scope.department is None

    @cached_property
    def reach(self) -> Estimate | None:
        return self._reach(self.ground.scope.period)

    @cached_property
    def reach_before(self) -> Estimate | None:
        if self._beside:
            return self._beside.reach
        return self._reach(self.ground.scope.compared) if self.ground.knows_before else None

    def _reach(self, period):
        if not self.tells_reach:
            return None
        return estimate(self.ground.active_by_band(period), settings.MINIMUM_GROUP)


def _sums(places, part):
    sums: Counter[int] = Counter()
    for place, number in places.items():
        sums[place[part]] += number
    return sums
