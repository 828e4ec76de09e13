"""One item's own report: what it brought, where, on which days, and in which words.

An item is told about like any other figure: it could be about anybody in the programme. What is
broken down here could not, once few people have shared it, so below the minimum of people nothing
is: not its networks, not its weeks, not its texts.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.reach.charts import steps, width
from campaigns.reach.ground import Ground
from campaigns.reach.page import Bar
from campaigns.reach.period import Period
from campaigns.reach.scope import Scope, declared_in, on_days
from campaigns.reach.tables import Certainty, Column, Row, Table, in_order, ratio
from campaigns.sharing.models import Share
from campaigns.tracking.models import Tally

# Longer periods are told by week.
DAY_BY_DAY = 14


@dataclass(frozen=True)
class Wording:
    """A suggested text and how many declared shares carried it unchanged."""

    text: str
    language: str
    network: Any
    shares: int
    part: float | None


class ItemReport:
    def __init__(self, content: Content, scope: Scope):
        self.content, self.ground = content, Ground(scope)
        self.period: Period = scope.period

    @cached_property
    def is_hidden(self) -> bool:
        """The programme, or the campaign it belongs to, is about too few people."""
        return self.ground.is_hidden or self.content.campaign_id in self.ground.scope.left_out

    @cached_property
    def sharers(self) -> int:
        """How many people have ever said they shared it."""
        ever = Share.objects.declared().filter(link__content=self.content)
        return ever.aggregate(n=Count("link__ambassador", distinct=True))["n"]

    @property
    def minimum(self) -> int:
        return settings.MINIMUM_GROUP

    @property
    def is_broken_down(self) -> bool:
        return not self.is_hidden and self.sharers >= self.minimum

    @cached_property
    def visits(self) -> int:
        return sum(self._visits_by_network.values())

    @cached_property
    def brought(self) -> int:
        """Visits by the links of people; without the programme's own."""
        people = self.ground.network_members
        return sum(n for network, n in self._visits_by_network.items() if network in people)

    @cached_property
    def shares(self) -> int:
        return sum(self._shares_by_network.values())

    @property
    def per_share(self) -> float | None:
        return ratio(self.brought, self.shares)

    @cached_property
    def networks(self) -> Table:
        """As the report's own, hidden networks and all."""
        known = {**self._shares_by_network, **self._visits_by_network}
        rows = [self._network(network) for network in self._named(known)]
        rows.sort(key=lambda row: [-(value or 0) for value in row.values[1::-1]])
        return Table(
            key="networks",
            title=_("Visits and shares by network"),
            head=_("Network"),
            columns=[
                Column(_("Shares"), certainty=Certainty.DECLARED),
                Column(_("Visits"), certainty=Certainty.MEASURED),
            ],
            rows=in_order(rows),
        )

    @cached_property
    def weeks(self) -> Table:
        """Visits of each week of the period; of a short one, of each day."""
        spans = _spans(self.period)
        counts = dict(self._tallies.values_list("day").annotate(n=Sum("clicks")).order_by())
        rows = [
            Row(span.first, [sum(n for day, n in counts.items() if span.first <= day <= span.last)])
            for span in spans
        ]
        by_day = len(spans) == self.period.days
        return Table(
            key="weeks",
            title=_("Visits by day") if by_day else _("Visits by week"),
            head=_("Day") if by_day else _("Week of"),
            columns=[Column(_("Visits"), certainty=Certainty.MEASURED)],
            rows=rows,
        )

    @cached_property
    def bars(self) -> list[Bar]:
        highest = steps(max((row.values[0] for row in self.weeks.rows), default=0))[-1]
        return [
            Bar(row.name, width(row.values[0], highest), row.values[0]) for row in self.weeks.rows
        ]

    @cached_property
    def wordings(self) -> list[Wording]:
        """Suggested texts that went out unchanged, the most used first."""
        used = self._declared.filter(is_own_words=False, caption__isnull=False)
        rows = used.values_list("caption__text", "caption__language", "link__network__name")
        counted = rows.annotate(n=Count("pk")).order_by("-n", "caption__text")
        return [
            Wording(text, language, network, n, ratio(n, self.shares))
            for text, language, network, n in counted
        ]

    @cached_property
    def own_words(self) -> int:
        """Shares in words people wrote or changed themselves. What they wrote is theirs."""
        return self._declared.filter(is_own_words=True).count()

    @property
    def _declared(self):
        return Share.objects.filter(declared_in(self.period), link__content=self.content)

    @property
    def _tallies(self):
        return Tally.objects.human().filter(on_days(self.period), content=self.content)

    @cached_property
    def _shares_by_network(self):
        rows = self._declared.values_list("link__network").annotate(n=Count("pk"))
        return dict(rows.order_by())

    @cached_property
    def _visits_by_network(self):
        rows = self._tallies.values_list("network").annotate(n=Sum("clicks"))
        return dict(rows.order_by())

    def _network(self, network):
        if network.pk in self.ground.hidden_networks:
            return Row(network, hidden=self.ground.hidden_networks[network.pk])
        pk = network.pk
        values = [self._shares_by_network.get(pk, 0), self._visits_by_network.get(pk, 0)]
        return Row(network, values, about=network)

    def _named(self, keys):
        return Network.objects.in_bulk(list(keys)).values()


def _spans(period):
    if period.days <= DAY_BY_DAY:
        return [Period.of_days(1, period.first).shifted(n) for n in range(period.days)]
    return period.weeks(-(-period.days // 7))
