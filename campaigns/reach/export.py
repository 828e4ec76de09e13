"""A report as files: the tables it may tell, hidden rows and all, and what was asked."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from activity.spreadsheet import Sheet
from campaigns.reach.report import Report
from campaigns.reach.scope import LAST_YEAR
from campaigns.reach.suppression import Reason
from campaigns.reach.tables import CERTAINTIES, Table, Unit, why_hidden

# Shares of a whole and ratios: more digits than a page shows, and no false precision.
DIGITS = {Unit.SHARE: 4, Unit.RATIO: 2}


def one_list(report: Report) -> Sheet:
    """All tables one under another, a figure to a line: what a pivot table wants."""
    header = [_("Table"), _("Line"), _("Figure"), _("Certainty"), _("Value"), _("Note")]
    return Sheet(_("Reach"), header, _figures(report))


def sheet(table: Table) -> Sheet:
    """A table as the page shows it. Hidden rows stay, with their reason and nothing else."""
    header = [table.head, *(column.label for column in table.columns), _("Note")]
    rows = [
        [_name(row), *(_value(column, value) for column, value in cells), row.reason]
        for row, cells in table.lines
    ]
    if table.total:
        rows.append([_name(table.total), *(_value(*cell) for cell in table.last_line or []), ""])
    return Sheet(str(table.title), header, rows)


def workbook(report: Report) -> list[Sheet]:
    """What was asked and what the words mean, then a sheet for each table."""
    return [about(report), *(sheet(table) for table in report.tables)]


def about(report: Report) -> Sheet:
    """The question, the three figures with their definitions, and what was left out."""
    return Sheet(_("About"), [_("What"), _("Value"), _("Note")], list(_about(report)))


def _figures(report) -> Iterator[list[Any]]:
    if report.is_hidden:
        yield [None, None, None, None, None, why_hidden(Reason.SMALL)]
    for table in report.tables:
        for row, cells in table.lines:
            if row.hidden:
                yield [table.title, _name(row), None, None, None, row.reason]
                continue
            for column, value in cells:
                certainty = CERTAINTIES[row.certainty or column.certainty]
                yield [table.title, _name(row), column.label, certainty, _value(column, value), ""]


def _about(report):
    scope = report.scope
    yield [_("Organisation"), settings.ORGANISATION, ""]
    yield [_("From"), scope.period.first, ""]
    yield [
        _("To"),
        scope.period.last,
        _("Days begin and end in %(zone)s.") % {"zone": settings.TIME_ZONE},
    ]
    compared = _("A year earlier") if scope.comparison == LAST_YEAR else _("The period before")
    yield [_("Compared with"), compared, f"{scope.compared.first} – {scope.compared.last}"]
    yield from _filters(scope)
    yield [_("Made on"), timezone.now(), _("Figures may still change for 72 hours.")]
    if report.is_hidden:
        yield [why_hidden(Reason.SMALL), None, ""]
        return
    yield from _three_figures(report)


def _filters(scope):
    asked = [
        (_("Campaign"), scope.campaign),
        (_("Kind"), scope.kind),
        (_("Department"), scope.department),
        (_("Network"), scope.network),
        (_("Content in"), scope.language),
    ]
    for label, value in asked:
        yield [label, str(value) if value else pgettext("any value of a filter", "All"), ""]


def _three_figures(report):
    yield [
        _("Measured: visits"),
        report.three.visits.now,
        _("Clicks by people on volunteers’ links. Not different people."),
    ]
    yield [
        _("Measured: daily unique visitors"),
        report.three.daily_uniques,
        _("Counted once per link and day; a sum over days is not a number of people."),
    ]
    yield [
        _("Declared: shares"),
        report.three.shares.now,
        _("“Yes, it’s live”, said by the person."),
    ]
    if report.three.reach:
        what = _("Sum of the ranges of audience that people chose to give. Not a number of views.")
        yield [_("Estimated: potential reach, from"), report.three.reach.low, what]
        yield [_("Estimated: potential reach, to"), report.three.reach.high, what]
    for label, number in report.three.set_aside:
        yield [_("Clicks set aside: %(kind)s") % {"kind": label}, number, ""]
    if report.left_out:
        yield [
            _("Campaigns not counted"),
            report.left_out,
            _("Meant for fewer than %(n)s people.") % {"n": settings.MINIMUM_GROUP},
        ]


def _name(row):
    return row.name if hasattr(row.name, "isoformat") else str(row.name)


def _value(column, value):
    if value is None or column.unit not in DIGITS:
        return value
    return round(value, DIGITS[column.unit])
