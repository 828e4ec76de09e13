"""What the page adds to a report: drawings, and how much of a long table is shown at first."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from campaigns.reach.charts import (
    LineChart,
    SmallLine,
    Spot,
    line_charts,
    small_line,
    steps,
    width,
)
from campaigns.reach.definitions import OF_QUESTION, Definition, definitions_of
from campaigns.reach.foot import Foot
from campaigns.reach.forms import ReachFilter, Spans
from campaigns.reach.money import Comparison, comparison_of
from campaigns.reach.report import Report
from campaigns.reach.saved import SavedView
from campaigns.reach.tables import Certainty, Column, Row, ratio
from campaigns.reach.what import is_worn
from campaigns.templatetags.figures import count, percent, short_day, whole_day

ITEMS_AT_FIRST = 12
LONGEST_NOTE = 34


@dataclass(frozen=True)
class Bar:
    """A line of a bar chart: how long (of 100), how much, and its part of the one before."""

    name: Any
    width: str
    value: int | None
    certainty: Certainty | None = None
    part: float | None = None
    of_visits: bool = False
    about: Any = None


@dataclass(frozen=True)
class Multiple:
    """A department's small drawing, and what it shows in words."""

    name: Any
    line: SmallLine
    words: str
    last_week: SafeString
    about: Any = None


@dataclass(frozen=True)
class Item:
    """A line of the table of items."""

    row: Row
    cells: list[tuple[Column, Any]]
    is_worn: bool


@dataclass(frozen=True)
class Week:
    """A week of the trend: its figures, and the query of a report on it alone."""

    row: Row
    cells: list[tuple[Column, Any]]
    query: str


class Page:
    """A report as it is drawn."""

    def __init__(self, form: ReachFilter, report: Report, view: SavedView | None = None):
        self.form, self.report, self.view = form, report, view

    @property
    def minimum(self) -> int:
        return settings.MINIMUM_GROUP

    @cached_property
    def foot(self) -> Foot:
        return Foot.of(self.report)

    @cached_property
    def cost(self) -> Comparison | None:
        return comparison_of(self.report.three.visits.now)

    @property
    def definitions(self) -> dict[str, list[Definition]]:
        """What the figures of each question mean."""
        return {question: definitions_of(question) for question in OF_QUESTION}

    @property
    def period_words(self) -> Any:
        """The period as it was chosen: “Last 28 days”, or the days themselves."""
        if not self.form.takes_dates:
            return Spans(self.form.data["period"]).label
        period = self.form.scope.period
        return f"{whole_day(period.first)} – {whole_day(period.last)}"

    @property
    def filters(self) -> list[tuple[Any, str]]:
        """What the report is narrowed to, in words, for paper."""
        fields = (self.form[name] for name in self.form.FILTERS)
        return [(field.label, str(self._words(field))) for field in fields if field.value()]

    def _words(self, field):
        value = self.form.cleaned_data.get(field.name)
        return dict(getattr(field.field, "choices", ())).get(value, value)

    @property
    def and_more(self) -> str:
        """Somebody's audience has no upper end."""
        return "+" if self.report.three.reach and self.report.three.reach.is_open else ""

    @cached_property
    def trend(self) -> list[LineChart]:
        rows = self.report.alive.trend.rows
        return line_charts(
            [row.values[0] for row in rows],
            [row.values[1] for row in rows],
            [short_day(row.name) for row in rows],
            [
                (number, _shortened(campaign.name))
                for number, campaign in self.report.alive.launches
            ],
            count,
        )

    @cached_property
    def weeks(self) -> list[Week]:
        """Of the trend, each with the way to it."""
        return [
            Week(row, cells, self.form.narrowed_to(week))
            for (row, cells), week in zip(
                self.report.alive.trend.lines, self.report.scope.weeks, strict=True
            )
        ]

    @cached_property
    def trend_with_ways(self) -> list[tuple[LineChart, list[tuple[Spot, Week]]]]:
        """Each drawing of the trend with its points, each of which leads to its week."""
        return [
            (chart, [(spot, self.weeks[spot.number]) for spot in chart.spots])
            for chart in self.trend
        ]

    @cached_property
    def topics(self) -> list[Bar]:
        rows = self.report.where.topics.rows
        longest = max((row.values[2] for row in rows), default=0)
        return [
            Bar(row.name, width(row.values[2], longest), row.values[2], about=row.about)
            for row in rows
        ]

    @property
    def first_week(self) -> Row:
        return self.report.alive.trend.rows[0]

    @property
    def last_week(self) -> Row:
        return self.report.alive.trend.rows[-1]

    @property
    def last_before(self) -> int:
        """Of the last week compared with, for the plural."""
        return self.last_week.values[1] or 0

    @cached_property
    def people(self) -> list[Bar]:
        """The steps people take, each with its part of the one before."""
        rows = [r for r in self.report.steps.rows if r.certainty is Certainty.PEOPLE]
        parts = [None, *(ratio(b.values[0], a.values[0]) for a, b in pairwise(rows))]
        longest = max(row.values[0] for row in rows)
        return [
            Bar(row.name, width(row.values[0], longest), row.values[0], part=part)
            for row, part in zip(rows, parts, strict=True)
        ]

    @cached_property
    def effects(self) -> list[Bar]:
        """What came of it, on a scale of its own: a click is not a person."""
        report = self.report
        parts = [
            ratio(report.three.shares.now, report.alive.active.now),
            report.three.visits_per_share,
        ]
        if report.conversions:
            # Of all visits it would say little: most campaigns count nothing on their site.
            of_its_own = ratio(report.conversions.now, report.three.visits.now)
            parts.append(of_its_own if report.scope.campaign else None)
        rows = [r for r in report.steps.rows if r.certainty is not Certainty.PEOPLE]
        longest = max(row.values[0] for row in rows)
        return [
            Bar(row.name, width(row.values[0], longest), row.values[0], row.certainty, part, n > 1)
            for n, (row, part) in enumerate(zip(rows, parts, strict=True))
        ]

    @cached_property
    def networks(self) -> list[Bar]:
        rows = self.report.where.networks.shown
        longest = max((row.values[1] for row in rows), default=0)
        return [
            Bar(row.name, width(row.values[1], longest), row.values[1], about=row.about)
            for row in rows
        ]

    @cached_property
    def multiples_scale(self) -> float:
        """What the upper edge of every small drawing stands for."""
        rates = [rate for each in self.report.where.weeks for rate in each.weeks if rate]
        return min(1.0, steps(max(rates, default=0), 8, whole=False)[-1])

    @cached_property
    def multiples(self) -> list[Multiple]:
        return [self._multiple(each) for each in self.report.where.weeks]

    def _multiple(self, each):
        known = [rate for rate in each.weeks if rate is not None]
        first, last = (percent(known[n]) if known else percent(None) for n in (0, -1))
        words = _("%(name)s: %(first)s in the first week, %(last)s in the last") % {
            "name": each.row.name,
            "first": first,
            "last": last,
        }
        line = small_line(each.weeks, self.multiples_scale)
        # Here and not in the template, where forty times twice it takes a tenth of the page.
        last_week = format_html(_("<b>%(rate)s</b> in the last week") % {"rate": "{}"}, last)
        return Multiple(each.row.name, line, words, last_week, each.row.about)

    @cached_property
    def most_and_least(self) -> tuple[Row, Row] | None:
        """The departments that share most and least, where there are some to compare."""
        shown = self.report.where.departments.shown
        return (shown[-1], shown[0]) if len(shown) > 1 else None

    @cached_property
    def items(self) -> list[Item]:
        table = self.report.what.contents
        rows = table.rows if self.form.shows_every_item else table.rows[:ITEMS_AT_FIRST]
        return [Item(row, table.cells(row), is_worn(row)) for row in rows]

    @property
    def items_kept_back(self) -> int:
        return len(self.report.what.contents.rows) - len(self.items)


def _shortened(words):
    return words if len(words) <= LONGEST_NOTE else f"{words[: LONGEST_NOTE - 1].rstrip()}…"
