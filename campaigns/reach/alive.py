"""1. Is it alive? Who takes part, in the period and week by week."""

from functools import cached_property

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.planning.models import Campaign
from campaigns.reach import queries
from campaigns.reach.ground import Change, Ground
from campaigns.reach.heads import DepartmentId, Head
from campaigns.reach.tables import Column, Row, Table, ratio


class Alive:
    def __init__(self, ground: Ground):
        self.ground, self.scope, self.heads = ground, ground.scope, ground.heads

    @cached_property
    def invited(self) -> Change:
        return self._heads("invited")

    @cached_property
    def enrolled(self) -> Change:
        return self._heads("enrolled")

    @cached_property
    def active(self) -> Change:
        beside = self._beside
        before = beside.by_department if beside else self._active(self.scope.compared)
        return self.ground.change(sum(self.by_department.values()), sum(before.values()))

    @cached_property
    def _beside(self):
        """Of the other campaign, where it is compared with one."""
        return Alive(self.ground.beside) if self.ground.beside else None

    @property
    def rate(self) -> float | None:
        return ratio(self.active.now, self.enrolled.now)

    @cached_property
    def by_department(self) -> dict[DepartmentId, int]:
        """Active people; of all departments, also those that must be hidden."""
        return self._active(self.scope.period)

    @cached_property
    def trend(self) -> Table:
        """Active people of each of 13 weeks, and of the weeks they are compared with."""
        now, before = self._by_week
        return Table(
            key="weeks",
            title=_("Active people per week"),
            head=_("Week of"),
            columns=[
                Column(pgettext_lazy("people", "Active")),
                Column(pgettext_lazy("active people", "Before"), is_muted=True),
            ],
            rows=[
                Row(week.first, values)
                for week, *values in zip(self.scope.weeks, now, before, strict=True)
            ],
        )

    @cached_property
    def best_week(self) -> Row | None:
        told = [row for row in self.trend.rows if row.values[0]]
        return max(told, key=lambda row: row.values[0] or 0, default=None)

    @cached_property
    def launches(self) -> list[tuple[int, Campaign]]:
        """Campaigns that started within the trend, each with the number of its week."""
        return [
            (number, campaign)
            for campaign in queries.launches(self.scope)
            for number, week in enumerate(self.scope.weeks)
            if campaign.launched_at and week.start <= campaign.launched_at < week.end
        ]

    def _heads(self, name):
        now, before = (
            getattr(self._head_on(period.last), name)
            for period in (self.scope.period, self.scope.compared)
        )
        return self.ground.change(now, before)

    def _head_on(self, day):
        if self.scope.department:
            return self.heads.on(day).get(self.scope.department.pk, Head())
        return self.heads.total(day)

    def _active(self, period):
        """By department: as kept where that was counted, worked out elsewhere."""
        kept = queries.KEPT_WINDOWS.get(period.days)
        if self.scope.by_content or not kept or period.last not in self.heads.days:
            return self.ground.active_by_department(period)
        only = self.scope.department and self.scope.department.pk
        day = self.heads.on(period.last)
        return {pk: getattr(head, kept) for pk, head in day.items() if not only or pk == only}

    @cached_property
    def _by_week(self):
        weeks, compared = self.scope.weeks, self.scope.weeks_compared
        if self.scope.is_beside_another:
            theirs = self._beside.scope if self._beside else None
            before = queries.active_by_week(theirs, compared) if theirs else [None] * len(compared)
            return queries.active_by_week(self.scope, weeks), before
        if self.scope.by_content:
            counts = queries.active_by_week(self.scope, [*weeks, *compared])
            return counts[: len(weeks)], counts[len(weeks) :]
        return [*map(self._in_week, weeks)], [*map(self._in_week, compared)]

    def _in_week(self, week):
        """None where nothing was kept yet, or the department was hidden that week."""
        department = self.scope.department
        if not self.heads.on(week.last) or (
            department and department.pk in self.heads.hidden(week)
        ):
            return None
        return self._head_on(week.last).active_7
