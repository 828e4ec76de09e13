"""The reach report: five questions, their figures, and nothing that a small group would show by.

Everything a page or a file says about reach comes from `Report`, which has hidden what must be.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.planning.aimed import CUSTOMERS
from campaigns.reach import queries
from campaigns.reach.alive import Alive
from campaigns.reach.brought import conversions_of
from campaigns.reach.customers import Customers
from campaigns.reach.ground import Change, Ground
from campaigns.reach.period import zone
from campaigns.reach.scope import Scope
from campaigns.reach.tables import Certainty, Column, Row, Table
from campaigns.reach.three import ThreeFigures
from campaigns.reach.what import What
from campaigns.reach.where import Where

# A department is quiet when it shares less than half as much as the programme does.
QUIET, QUIET_SHOWN = 0.5, 2


@dataclass(frozen=True)
class Task:
    """Something that waits for a decision: `count` of them, out of `of`."""

    key: str
    count: int
    name: Any = ""
    of: int = 0


class Report:
    """The answers to a question. Each is worked out when it is first asked for.

    sort: how the items are ordered, see What.
    """

    def __init__(self, scope: Scope, sort: str = "-visits"):
        self.ground = Ground(scope)
        self.scope = self.ground.scope
        self.three = ThreeFigures(self.ground)
        self.alive = Alive(self.ground)
        self.where = Where(self.ground, self.three, self.alive)
        self.customers = Customers(self.ground, self.three, self.alive)
        self.what = What(self.ground, self.three, sort)

    @cached_property
    def is_empty(self) -> bool:
        """Nobody has shared yet, ever."""
        return not queries.anything_yet()

    @property
    def is_hidden(self) -> bool:
        return self.ground.is_hidden

    @property
    def now(self):
        """The moment up to which the figures know, where the period is not over; else None."""
        return None if self.scope.period.is_over else timezone.localtime(timezone=zone())

    @property
    def left_out(self) -> int:
        """Campaigns that no figure of shares and visits counts."""
        return len(self.scope.left_out)

    @cached_property
    def conversions(self) -> Change | None:
        """What the campaigns' own sites said came of it; None where nothing was to be counted."""
        return conversions_of(self.ground)

    @cached_property
    def steps(self) -> Table:
        """2. What does it bring? People, then what came of it."""
        people = [
            (_("People invited"), self.alive.invited, Certainty.PEOPLE),
            (_("People enrolled"), self.alive.enrolled, Certainty.PEOPLE),
            (_("Active people"), self.alive.active, Certainty.PEOPLE),
        ]
        effects = [
            (_("Declared shares"), self.three.shares, Certainty.DECLARED),
            (_("Measured visits"), self.three.visits, Certainty.MEASURED),
        ]
        if self.conversions:
            effects.append((_("Conversions"), self.conversions, Certainty.MEASURED))
        # Who was asked and has not joined is nobody's business within a department.
        told = people[1:] if self.scope.department else people
        return Table(
            key="steps",
            title=_("Steps, from the invitation to the visit"),
            head=_("Step"),
            columns=[
                Column(_("Number")),
                Column(pgettext_lazy("number", "Before"), is_muted=True),
            ],
            rows=[
                Row(name, [change.now, change.before], certainty=certainty)
                for name, change, certainty in told + effects
            ],
        )

    @cached_property
    def tasks(self) -> list[Task]:
        """5. And then?"""
        soon, later = queries.endings(self.scope)
        found = [
            Task("ending", soon, of=later),
            *self._starved_topics,
            *self._quiet_departments,
            Task("waiting", queries.waiting_for_approval(self.scope)),
            Task("worn", len(self.what.worn) if self.what.tells else 0),
        ]
        return [task for task in found if task.count or task.name]

    @property
    def tables(self) -> list[Table]:
        """Every table that may be told, in the order of the questions."""
        if self.is_hidden:
            return []
        tables = [self.alive.trend, self.steps]
        if self.where.tells_networks:
            tables.append(self.where.networks)
        if self.where.tells_topics:
            tables.append(self.where.topics)
        if self.where.tells_departments:
            tables.append(self.where.departments)
        if self.customers.tells:
            tables.append(self.customers.table)
        if self.what.tells:
            tables.append(self.what.contents)
        return tables

    @property
    def _starved_topics(self):
        if not self.scope.is_whole:
            return []
        starved = queries.starved_topics()[:QUIET_SHOWN]
        return [Task("starved", followers, topic) for topic, followers in starved]

    @property
    def _quiet_departments(self):
        rate = self.alive.rate
        if not self.where.tells_departments or not rate:
            return []
        told = [row for row in self.where.departments.shown if row.about != CUSTOMERS]
        quiet = [row for row in told if (row.values[2] or 0) < QUIET * rate]
        return [
            Task("quiet", row.values[1], row.name, row.values[0]) for row in quiet[:QUIET_SHOWN]
        ]
