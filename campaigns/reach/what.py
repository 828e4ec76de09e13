"""4. What? Which items are shared and bring visits, and which go round in the same words."""

from functools import cached_property

from django.utils.translation import gettext_lazy as _

from campaigns.reach import queries
from campaigns.reach.ground import Ground
from campaigns.reach.tables import Certainty, Column, Row, Table, Unit, ratio
from campaigns.reach.three import ThreeFigures

# No wording should be carried by more than about a tenth of an item's shares.
SAME_WORDS, ENOUGH_SHARES = 0.1, 10
VALUES = ("shares", "visits", "per_share", "wording")


class What:
    """sort: one of VALUES or "title", with a minus sign for the largest first."""

    def __init__(self, ground: Ground, three: ThreeFigures, sort: str):
        self.scope, self.three, self.sort = ground.scope, three, sort

    @property
    def tells(self) -> bool:
        """An item within a department would soon be one person's."""
        return self.scope.department is None

    @cached_property
    def contents(self) -> Table:
        shares, visits = self.three.by_content()
        brought = self.three.brought_by_content()
        wording = queries.most_used_wording(self.scope)
        known = queries.contents({*shares, *visits})
        three = self.three
        return Table(
            key="contents",
            title=_("Items shared"),
            head=_("Item"),
            columns=[
                Column(_("Shares"), certainty=Certainty.DECLARED, key="shares"),
                Column(_("Visits"), certainty=Certainty.MEASURED, key="visits"),
                Column(_("Per share"), Unit.RATIO, Certainty.MEASURED, key="per_share"),
                Column(_("Text used most"), Unit.SHARE, Certainty.DECLARED, key="wording"),
            ],
            rows=self._sorted(
                _row(content, shares[pk], visits[pk], brought[pk], wording.get(pk, 0))
                for pk, content in known.items()
            ),
            total=Row(
                _("Total"), [three.shares.now, three.visits.now, three.visits_per_share, None]
            ),
        )

    @cached_property
    def worn(self) -> list[Row]:
        """Items that go round too much in the same words."""
        return [row for row in self.contents.rows if is_worn(row)]

    @cached_property
    def leading(self) -> tuple[int, float] | None:
        """How many items, the most visited first, bring half of the visits; and their part."""
        total, reached = self.three.visits.now, 0
        visits = sorted((row.values[1] or 0 for row in self.contents.rows), reverse=True)
        for number, more in enumerate(visits, start=1):
            reached += more
            if reached and reached * 2 >= total:
                return number, reached / total
        return None

    def _sorted(self, rows):
        name, down = self.sort.lstrip("-"), self.sort.startswith("-")
        by_title = sorted(rows, key=lambda row: str(row.name).casefold())
        if name == "title":
            return by_title[::-1] if down else by_title
        position, sign = VALUES.index(name), -1 if down else 1
        # What has no figure comes last, whichever way one sorts.
        return sorted(
            by_title,
            key=lambda row: (row.values[position] is None, sign * (row.values[position] or 0)),
        )


def is_worn(row: Row) -> bool:
    """Whether an item's shares carry one wording too often to look like people's own words."""
    shares, _visits, _per_share, wording = row.values
    return (shares or 0) >= ENOUGH_SHARES and (wording or 0) > SAME_WORDS


def _row(content, shares, visits, brought, wording):
    values = [shares, visits, ratio(brought, shares), ratio(wording, shares)]
    return Row(content.title, values, about=content)
