"""3. Where? By network, by topic, and department by department."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.planning.aimed import CUSTOMERS
from campaigns.reach import queries
from campaigns.reach.alive import Alive
from campaigns.reach.ground import Ground
from campaigns.reach.tables import Certainty, Column, Row, Table, Unit, in_order, ratio
from campaigns.reach.three import ThreeFigures

NO_DEPARTMENT = {None: _("No department"), CUSTOMERS: _("Customers")}


@dataclass(frozen=True)
class DepartmentWeeks:
    """How a department's part of active people went, week by week, from 0 to 1."""

    row: Row
    weeks: list[float | None]


class Where:
    def __init__(self, ground: Ground, three: ThreeFigures, alive: Alive):
        self.ground, self.scope, self.heads = ground, ground.scope, ground.heads
        self.three, self.alive = three, alive

    @property
    def tells_networks(self) -> bool:
        return self.scope.department is None and self.scope.network is None

    @cached_property
    def networks(self) -> Table:
        """Most visited first; the hidden ones after them, by name."""
        shares, visits = self.three.by_network()
        used = {pk for pk, members in self.ground.network_members.items() if members.people}
        known = queries.networks({*shares, *visits, *used})
        rows = [self._network_row(network, shares[pk], visits[pk]) for pk, network in known.items()]
        rows.sort(key=lambda row: [-(value or 0) for value in row.values[1::-1]])
        return Table(
            key="networks",
            title=_("Visits and shares by network"),
            head=_("Network"),
            columns=[
                Column(_("Shares"), certainty=Certainty.DECLARED),
                Column(_("Visits"), certainty=Certainty.MEASURED),
                Column(pgettext_lazy("of the visits", "Part"), Unit.SHARE, Certainty.MEASURED),
            ],
            rows=in_order([row for row in rows if row.hidden or any(row.values)]),
        )

    @property
    def tells_topics(self) -> bool:
        return self.scope.department is None and self.scope.topic is None

    @cached_property
    def topics(self) -> Table:
        """Most visited first. An item on two topics counts for both: there is no total."""
        sums = self._sums_by_topic()
        known = queries.topics() if sums else {}
        rows = [
            Row(
                known[pk] if pk else _("On no topic"),
                [items, shares, visits],
                about=known[pk] if pk else None,
            )
            for pk, (items, shares, visits) in sums.items()
        ]
        rows.sort(key=lambda row: (row.about is None, -row.values[2], -row.values[1]))
        return Table(
            key="topics",
            title=_("Visits and shares by topic"),
            head=_("Topic"),
            columns=[
                Column(_("Items")),
                Column(_("Shares"), certainty=Certainty.DECLARED),
                Column(_("Visits"), certainty=Certainty.MEASURED),
            ],
            rows=rows,
        )

    def _sums_by_topic(self):
        """By topic (key, or None): items, shares, visits."""
        shares, visits = self.three.by_content()
        contents = {*shares, *visits}
        topics = queries.topics_of(contents)
        sums: dict[int | None, list[int]] = {}
        for content in contents:
            for topic in topics.get(content, [None]):
                added = sums.setdefault(topic, [0, 0, 0])
                added[0] += 1
                added[1] += shares[content]
                added[2] += visits[content]
        return sums

    @property
    def tells_departments(self) -> bool:
        return self.scope.is_whole

    @cached_property
    def departments(self) -> Table:
        """Least active first; the hidden ones after them, by name."""
        today = self.heads.on(self.scope.period.last)
        names = queries.departments()
        rows = [
            self._department_row(pk, names[pk] if pk else NO_DEPARTMENT[pk], head)
            for pk, head in today.items()
            # Whoever runs the programme may have no department and no part in it either.
            if pk or head.enrolled + head.former
        ]
        rows.sort(key=lambda row: (row.values[2] if row.values else 0, str(row.name)))
        return Table(
            key="departments",
            title=_("People enrolled and active by department"),
            head=_("Department"),
            columns=[
                Column(pgettext_lazy("people", "Enrolled")),
                Column(pgettext_lazy("people", "Active")),
                Column(_("Rate"), Unit.SHARE),
            ],
            rows=in_order(rows),
        )

    @cached_property
    def weeks(self) -> list[DepartmentWeeks]:
        """Each department that may be told about, in the order of the table."""
        return [
            DepartmentWeeks(row, [self._rate(row.about, week) for week in self.scope.weeks])
            for row in self.departments.shown
        ]

    def _network_row(self, network, shares, visits):
        if network.pk in self.ground.hidden_networks:
            return Row(network, hidden=self.ground.hidden_networks[network.pk])
        return Row(network, [shares, visits, ratio(visits, self.three.visits.now)], about=network)

    def _department_row(self, pk, name, head):
        if pk in self.ground.hidden_departments:
            return Row(name, hidden=self.ground.hidden_departments[pk], about=pk)
        active = self.alive.by_department.get(pk, 0)
        return Row(name, [head.enrolled, active, ratio(active, head.enrolled)], about=pk)

    def _rate(self, pk, week):
        head = self.heads.on(week.last).get(pk)
        if head is None or pk in self.heads.hidden(week):
            return None
        return ratio(head.active_7, head.enrolled)
