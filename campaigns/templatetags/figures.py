"""How figures and days are written in the reader's language: 1 284, 36 %, 26 octobre."""

from urllib.parse import urlencode

from django import template
from django.utils import formats
from django.utils.html import format_html_join
from django.utils.translation import get_language

register = template.Library()
NBSP = "\u00a0"
NOTHING = "–"


@register.filter
def count(number):
    """1284: “1 284” or “1,284”."""
    if number is None:
        return NOTHING
    if type(number) is int:
        # In both languages thousands are grouped by threes.
        return f"{number:,}".replace(",", formats.get_format("THOUSAND_SEPARATOR"))
    return formats.number_format(number, 0, use_l10n=True, force_grouping=True)


@register.filter
def percent(part):
    """0.357: “36 %” or “36%”. Of next to nothing, “< 1 %” rather than a false zero."""
    if part is None:
        return NOTHING
    space = NBSP if get_language() == "fr" else ""
    if 0 < part < 0.005:
        return f"<{NBSP}1{space}%"
    return f"{count(round(100 * part))}{space}%"


@register.filter
def ratio(number):
    """4.04: “4,0” or “4.0”."""
    if number is None:
        return NOTHING
    return formats.number_format(number, 1, use_l10n=True, force_grouping=True)


UNITS = {"count": count, "share": percent, "ratio": ratio}


@register.filter
def figure(value, unit):
    """A cell of a table in its column's unit; words pass as they are."""
    return UNITS[unit](value) if value is None or isinstance(value, int | float) else value


@register.simple_tag
def cells(row):
    """The figures of a line, of which a report has hundreds: pairs of column and value."""
    return format_html_join(
        "",
        '<td class="n{}">{}</td>',
        (
            (" muted" if column.is_muted else "", figure(value, column.unit))
            for column, value in row
        ),
    )


@register.filter
def whole_day(day):
    """“26 octobre 2026” or “October 26, 2026”."""
    return _unbroken(formats.date_format(day, "DATE_FORMAT")) if day else ""


@register.filter
def day_of_year(day):
    """“26 octobre” or “October 26”."""
    return _unbroken(formats.date_format(day, "MONTH_DAY_FORMAT")) if day else ""


@register.filter
def short_day(day):
    """“26 oct.” or “Oct. 26”, where there is little room."""
    return _unbroken(formats.date_format(day, "jS N" if get_language() == "fr" else "N j"))


# By table: the filter that asks about one line of it alone, and what names the line there.
WAYS = {"networks": "network", "topics": "topic", "departments": "department"}


@register.simple_tag(takes_context=True)
def way(context, key, about):
    """The same question about one line of a table alone, as {% querystring %} would write it.

    A tag of its own: the page has a hundred of them, and an include costs ten times as much.
    """
    if key not in WAYS:
        return ""
    asked = context["request"].GET
    query = {name: asked.getlist(name) for name in asked if name not in {"sort", "every", "view"}}
    query[WAYS[key]] = [getattr(about, "slug", about)]
    return f"?{urlencode(query, doseq=True)}"


def _unbroken(words):
    return words.replace(" ", NBSP)
