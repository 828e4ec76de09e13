"""A report as plain words and figures, in every language, so that it can be kept as it is."""

import re
from datetime import datetime
from html import unescape
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.reach.foot import Foot
from campaigns.reach.forms import ReachFilter
from campaigns.reach.page import Page
from campaigns.reach.period import zone
from campaigns.reach.report import Report
from campaigns.reach.snapshot import Snapshot
from campaigns.reach.tables import CERTAINTIES, Certainty
from campaigns.templatetags.figures import count, figure, percent, short_day

ANSWERS = [
    (gettext_lazy("1. Is it alive?"), "alive"),
    (gettext_lazy("2. What does it bring?"), "brings"),
    (gettext_lazy("3. Where?"), "where"),
    (gettext_lazy("4. What?"), "what"),
]


def freeze(form: ReachFilter, name: str, **fields: Any) -> Snapshot:
    """Keeps what `form` asks as it stands now. fields: of Snapshot.make."""
    report = Report(form.scope, form.order)
    period = report.scope.period
    words = {code: _in(code, form, report) for code, _name in settings.LANGUAGES}
    return Snapshot.make(
        name=name,
        question=form.narrowed_to(period),
        first=period.first,
        last=period.last,
        words=words,
        **fields,
    )


def words_of(snapshot: Snapshot) -> dict[str, Any]:
    """What is told in the language that is spoken now."""
    return snapshot.words[get_language() or settings.LANGUAGE_CODE]


def _in(language, form, report):
    with translation.override(language):
        page = Page(form, report)
        context = {"page": page, "form": form, "report": report, "scope": report.scope}
        words = {
            "period": _plain("_reach_period", context),
            "filters": [[str(name), value] for name, value in page.filters],
            "is_hidden": report.is_hidden,
            "minimum": settings.MINIMUM_GROUP,
        }
        if not report.is_hidden:
            words |= _told(page, report, context)
        return words


def _told(page, report, context):
    return {
        "figures": _figures(page, report, context),
        "answers": [
            [str(question), _plain(f"_reach_{name}_answer", context)] for question, name in ANSWERS
        ],
        "tables": [_table(table) for table in report.tables],
        "foot": _foot(Foot.of(report)),
    }


def _figures(page, report, context):
    three = report.three
    figures = [
        (Certainty.MEASURED, _("visits"), count(three.visits.now), three.visits),
        (Certainty.DECLARED, _("shares"), count(three.shares.now), three.shares),
    ]
    told = [
        {
            "certainty": certainty,
            "label": f"{CERTAINTIES[certainty]}",
            "what": what,
            "value": value,
            "delta": _plain("_reach_change", context | {"change": change}),
        }
        for certainty, what, value, change in figures
    ]
    if three.reach:
        told.append(_estimate(page, three.reach))
    return told


def _estimate(page, reach):
    value = _("%(low)s to %(high)s") % {
        "low": count(reach.low),
        "high": f"{count(reach.high)}{page.and_more}",
    }
    return {
        "certainty": Certainty.ESTIMATED,
        "label": str(CERTAINTIES[Certainty.ESTIMATED]),
        "what": _("potential reach"),
        "value": value,
        "delta": _("Not a number of views."),
    }


def _table(table):
    return {
        "key": table.key,
        "title": str(table.title),
        "head": str(table.head),
        "columns": [str(column.label) for column in table.columns],
        "rows": [
            {
                "name": _name(row),
                "values": [] if row.hidden else [str(figure(v, c.unit)) for c, v in cells],
                "reason": str(row.reason),
            }
            for row, cells in table.lines
        ],
    }


def _name(row):
    return short_day(row.name) if hasattr(row.name, "isoformat") else str(row.name)


def _foot(foot):
    return {
        "zone": foot.zone,
        "part_set_aside": percent(foot.part_set_aside),
        "set_aside": [[str(label), count(n)] for label, n, _part in foot.set_aside],
        "last_click": _moment(foot.last_click),
    }


def _moment(at: datetime | None) -> str:
    return at.astimezone(zone()).isoformat() if at else ""


def _plain(name, context):
    html = render_to_string(f"campaigns/{name}.html", context)
    return re.sub(r"[ \n\t]+", " ", unescape(strip_tags(html))).strip()
