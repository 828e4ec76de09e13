"""Tables of a report: the same for the page, the CSV and the workbook, hidden rows and all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.reach.suppression import Reason


def why_hidden(reason: Reason) -> str:
    """Why a group has no figures, in the reader's language."""
    if reason is Reason.SMALL:
        return _("Hidden: fewer than %(n)s people") % {"n": settings.MINIMUM_GROUP}
    return _("Hidden too, so that its neighbour cannot be worked out")


class Certainty(StrEnum):
    """How a figure is known: the sort that is never added to another."""

    PEOPLE = "people"  # counted by the programme itself
    DECLARED = "declared"
    MEASURED = "measured"
    ESTIMATED = "estimated"


CERTAINTIES = {
    Certainty.PEOPLE: gettext_lazy("Counted"),
    Certainty.DECLARED: gettext_lazy("Declared"),
    Certainty.MEASURED: gettext_lazy("Measured"),
    Certainty.ESTIMATED: gettext_lazy("Estimated"),
}


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # of a whole, from 0 to 1
    RATIO = "ratio"  # so many of one for one of another


@dataclass(frozen=True)
class Column:
    label: Any
    unit: Unit = Unit.COUNT
    certainty: Certainty = Certainty.PEOPLE
    is_muted: bool = False
    key: str = ""


@dataclass(frozen=True)
class Row:
    """A line: what it is about, and its figures; None where there is nothing to tell.

    hidden: why it has no figures. about: the object behind the name, for a link. certainty: where
    the line's own is not its column's.
    """

    name: Any
    values: Sequence[Any] = ()
    hidden: Reason | None = None
    about: Any = None
    certainty: Certainty | None = None

    @property
    def reason(self):
        return why_hidden(self.hidden) if self.hidden else ""


@dataclass(frozen=True)
class Table:
    """key names it in addresses and files; title says what it holds; head, its first column."""

    key: str
    title: Any
    head: Any
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None

    @property
    def lines(self):
        """Rows, each with its cells: (column, value)."""
        return [(row, self.cells(row)) for row in self.rows]

    @property
    def last_line(self):
        return self.total and self.cells(self.total)

    @property
    def shown(self):
        return [row for row in self.rows if not row.hidden]

    @property
    def hidden(self):
        return [row for row in self.rows if row.hidden]

    def cells(self, row):
        values = row.values or [None] * len(self.columns)
        return list(zip(self.columns, values, strict=True))


def ratio(part, whole):
    """`part` for one of `whole`; None where there is no whole to speak of."""
    return part / whole if whole else None


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Those that may be told about as they come, then the hidden ones by name."""
    hidden = sorted((row for row in rows if row.hidden), key=lambda row: str(row.name).casefold())
    return [*(row for row in rows if not row.hidden), *hidden]
