"""The head counts a report needs, read once, and which departments they allow to be told about."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum

from campaigns.planning.aimed import CUSTOMERS
from campaigns.reach.headcount import counted
from campaigns.reach.models import HeadCount
from campaigns.reach.period import DAY, Period, today
from campaigns.reach.scope import Scope
from campaigns.reach.suppression import Hidden, hide, hide_on_any

# CUSTOMERS, who are a group of their own; None for who is in no department.
DepartmentId = int | None


class Head(NamedTuple):
    """People of one group at the end of a day. See HeadCount for what each figure means."""

    invited: int = 0
    enrolled: int = 0
    former: int = 0
    active_7: int = 0
    active_28: int = 0

    def __add__(self, other):
        return Head(*(a + b for a, b in zip(self, other, strict=True)))


Day = dict[DepartmentId, Head]


class Heads:
    """Head counts by day and department."""

    def __init__(self, days: dict[date, Day]):
        self.days = days

    @classmethod
    def of(cls, scope: Scope) -> "Heads":
        """What a report on `scope` needs, in two queries; a third counts a day nobody kept yet."""
        latest = HeadCount.objects.order_by("-day").values_list("day", flat=True).first()
        days = _kept(scope, latest)
        last = scope.period.last
        # Today changes while it lasts; and on the first day nothing has been kept at all.
        if last == today() or (last not in days and last >= today() - DAY):
            days[last] = _grouped(_plain(counted(last)))
        return cls(days)

    def on(self, day: date) -> Day:
        """By department on that day, or on the last one before it that was counted."""
        if day in self.days:
            return self.days[day]
        before = [kept for kept in self.days if kept <= day]
        return self.days[max(before)] if before else {}

    def total(self, day: date) -> Head:
        groups = self.on(day).values()
        return Head(*(sum(figures) for figures in zip(*groups, strict=True))) if groups else Head()

    def hidden(self, period: Period) -> Hidden:
        """The departments that may not be told about in that period (rule 3)."""
        if period not in self._periods:
            self._periods[period] = self._hidden_in(period)
        return self._periods[period]

    def _hidden_in(self, period):
        within = [day for day in self.days if period.first <= day <= period.last]
        if not within:
            return hide_on_any([self._hidden_on(day) for day in sorted(self.days)[-1:]])
        return hide_on_any(self._hidden_on(day) for day in {*within, max(self.days)})

    def _hidden_on(self, day):
        if day not in self._answers:
            self._answers[day] = self._hide(self.days[day])
        return self._answers[day]

    def _hide(self, groups):
        # Customers before those of no department: the order must never change.
        ordered = sorted(groups.items(), key=lambda group: (group[0] or 0, group[0] is None))
        sizes = {department: head.enrolled for department, head in ordered}
        empty = {department for department, head in ordered if not head.enrolled + head.former}
        return hide(sizes, settings.MINIMUM_GROUP, empty)

    # Asked for every department and week of the drawings.
    @cached_property
    def _periods(self) -> dict[Period, Hidden]:
        return {}

    @cached_property
    def _answers(self) -> dict[date, Hidden]:
        return {}


def _kept(scope, latest):
    trend = Period(scope.weeks[0].first, scope.weeks[-1].last)
    wanted = Q(day=latest) | Q(day__in=[week.last for week in scope.weeks_compared])
    for period in (scope.period, scope.compared, trend):
        wanted |= Q(day__gte=period.first, day__lte=period.last)
    groups = HeadCount.objects.filter(wanted).values("day", "department", "is_customers").order_by()
    sums = groups.annotate(*(Sum(name) for name in Head._fields))
    days: dict[date, Day] = defaultdict(dict)
    # Thousands of rows of whole numbers: read as they come, not through a converter for each.
    statement, parameters = sums.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for day, department, is_customers, *figures in cursor:
            days[day][CUSTOMERS if is_customers else department] = Head._make(figures)
    return dict(days)


def _plain(rows: Iterable[HeadCount]):
    return [(_group(row), Head(*(getattr(row, name) for name in Head._fields))) for row in rows]


def _group(row):
    return CUSTOMERS if row.is_customers else row.department_id


def _grouped(groups) -> Day:
    day: Day = {}
    for department, head in groups:
        day[department] = day[department] + head if department in day else head
    return day
