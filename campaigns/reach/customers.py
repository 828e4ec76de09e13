"""Customers beside all others: one line of their own, told or hidden like a department's."""

from functools import cached_property

from django.db.models import Count, OuterRef, Subquery, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ambassadors.accounts.roles import Belonging
from ambassadors.enrolment.models import Ambassador
from campaigns.planning.aimed import CUSTOMERS
from campaigns.reach.alive import Alive
from campaigns.reach.ground import Ground
from campaigns.reach.scope import Scope, declared_in, on_days
from campaigns.reach.suppression import Reason
from campaigns.reach.tables import Certainty, Column, Row, Table
from campaigns.reach.three import ThreeFigures
from campaigns.tracking.models import Tally


class Customers:
    def __init__(self, ground: Ground, three: ThreeFigures, alive: Alive):
        self.ground, self.scope, self.heads = ground, ground.scope, ground.heads
        self.three, self.alive = three, alive

    @cached_property
    def are_counted(self) -> bool:
        """Whether customers take part, or ever did: figures of the whole hold theirs too."""
        head = self.heads.on(self.scope.period.last).get(CUSTOMERS)
        return bool(head and head.enrolled + head.former) and not self.scope.department

    @property
    def tells(self) -> bool:
        return self.scope.is_whole and self.are_counted

    @cached_property
    def table(self) -> Table:
        names = (_("Customers"), _("All others"))
        hidden = self.ground.hidden_departments.get(CUSTOMERS) or self._reason
        values = [(), ()] if hidden else self._customers_and_others()
        return Table(
            key="customers",
            title=_("Customers beside all others"),
            head=pgettext_lazy("of people", "Who"),
            columns=[
                Column(pgettext_lazy("people", "Enrolled")),
                Column(pgettext_lazy("people", "Active")),
                Column(_("Shares"), certainty=Certainty.DECLARED),
                Column(_("Visits"), certainty=Certainty.MEASURED),
            ],
            rows=[Row(name, each, hidden) for name, each in zip(names, values, strict=True)],
        )

    @property
    def _reason(self) -> Reason | None:
        """Days on which nobody told them apart: how many they were then is not known."""
        period, days = self.scope.period, self.heads.days
        within = [days[day] for day in days if period.first <= day <= period.last]
        return None if all(CUSTOMERS in day for day in within) else Reason.SMALL

    def _customers_and_others(self):
        enrolled = self.heads.on(self.scope.period.last)[CUSTOMERS].enrolled
        active = self.alive.by_department.get(CUSTOMERS, 0)
        theirs = (enrolled, active, *_effect(self.scope))
        alive, three = self.alive, self.three
        whole = (alive.enrolled.now, alive.active.now, three.shares.now, three.visits.now)
        return [theirs, tuple(n - own for n, own in zip(whole, theirs, strict=True))]


def _effect(scope: Scope) -> tuple[int, int]:
    """Declared shares and people's clicks of customers in the period, in one query.

    As many look-ups in an index as there are customers: no total tells them from employees.
    """
    theirs = scope.shares.filter(declared_in(scope.period), link__ambassador=OuterRef("pk"))
    human = Tally.objects.human().filter(on_days(scope.period), ambassador=OuterRef("pk"))
    human = human.exclude(campaign__in=scope.left_out)
    shares = theirs.order_by().values("link__ambassador").annotate(n=Count("pk")).values("n")
    visits = human.order_by().values("ambassador").annotate(n=Sum("clicks")).values("n")
    customers = Ambassador.objects.filter(user__belonging=Belonging.CUSTOMER)
    each = customers.annotate(of_shares=Subquery(shares), of_visits=Subquery(visits))
    sums = each.aggregate(s=Sum("of_shares", default=0), v=Sum("of_visits", default=0))
    return sums["s"], sums["v"]
