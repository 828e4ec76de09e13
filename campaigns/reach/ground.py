"""What every part of a report stands on: the question, the head counts, and what may be told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.conf import settings

from campaigns.planning.aimed import meant_for_few, meant_only_for
from campaigns.reach import queries
from campaigns.reach.heads import Heads
from campaigns.reach.period import Period
from campaigns.reach.scope import Scope
from campaigns.reach.suppression import Hidden, hide


@dataclass(frozen=True)
class Change:
    """A figure and what it was before; `before` is None where that is not known or not told."""

    now: int
    before: int | None

    @property
    def difference(self) -> int | None:
        return None if self.before is None else self.now - self.before

    @property
    def distance(self) -> int:
        return abs(self.difference or 0)


class Ground:
    """A scope whose left-out campaigns are known, and the groups that stay hidden in it."""

    def __init__(self, scope: Scope):
        self.heads = Heads.of(scope)
        hidden = self.heads.hidden(scope.period)
        left_out = frozenset(meant_for_few() | meant_only_for(hidden))
        self.scope = replace(scope, left_out=left_out)

    @cached_property
    def is_hidden(self) -> bool:
        """The whole question is about too few people."""
        if self.heads.total(self.scope.period.last).enrolled < settings.MINIMUM_GROUP:
            return True
        department, network, campaign = (
            getattr(self.scope, name) and getattr(self.scope, name).pk
            for name in ("department", "network", "campaign")
        )
        return (
            (department is not None and department in self.hidden_departments)
            or (network is not None and network in self.hidden_networks)
            or (campaign is not None and campaign in self.scope.left_out)
        )

    @cached_property
    def hidden_departments(self) -> Hidden:
        return self.heads.hidden(self.scope.period)

    @cached_property
    def network_members(self) -> dict[int, queries.Members]:
        return queries.network_members()

    @cached_property
    def hidden_networks(self) -> Hidden:
        members = self.network_members
        return hide(
            {pk: network.size for pk, network in members.items()},
            settings.MINIMUM_GROUP,
            empty={pk for pk, network in members.items() if not network.people},
            together=lambda keys: len(set().union(*(members[pk].people for pk in keys))),
        )

    @cached_property
    def participation(self) -> Scope:
        """Whoever shared anything takes part, also in a campaign whose clicks are left out."""
        return self.scope if self.scope.by_content else replace(self.scope, left_out=frozenset())

    def active_by_department(self, period: Period) -> Counter[int | None]:
        """Active people, worked out from the shares."""
        return self._active(period, 0)

    def active_by_band(self, period: Period) -> Mapping[str, int]:
        """Active people by range of audience: as kept with the day, else from the shares."""
        return queries.kept_bands(self.participation, period) or self._active(period, 1)

    def _active(self, period, part):
        if period not in self._groups:
            self._groups[period] = queries.active_groups(self.participation, period)
        sums: Counter = Counter()
        for group, number in self._groups[period].items():
            sums[group[part]] += number
        return sums

    # Asked for by department and by range, and read once.
    @cached_property
    def _groups(self) -> dict[Period, dict[queries.Group, int]]:
        return {}

    @cached_property
    def beside(self) -> "Ground | None":
        """What the other campaign is told on; None where no other is asked for, or may be told."""
        scope = self.scope.beside
        ground = Ground(scope) if scope else None
        return ground if ground and scope.period.is_over and not ground.is_hidden else None

    @cached_property
    def knows_before(self) -> bool:
        """Whether there was a programme then, and it may be told about."""
        if self.scope.is_beside_another:
            return self.beside is not None and bool(self.heads.on(self.scope.compared.last))
        compared, department = self.scope.compared, self.scope.department
        if not self.heads.on(compared.last):
            return False
        return department is None or department.pk not in self.heads.hidden(compared)

    def change(self, now: int, before: int) -> Change:
        return Change(now, before if self.knows_before else None)
