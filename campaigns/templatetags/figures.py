"""How figures and days are written in the reader's language: 1 284, 36 %, 26 octobre."""

from django import template
from django.utils import formats
from django.utils.translation import get_language

register = template.Library()
NBSP = "\u00a0"
NOTHING = "–"


@register.filter
def count(number):
    """1284: “1 284” or “1,284”."""
    if number is None:
        return NOTHING
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


def _unbroken(words):
    return words.replace(" ", NBSP)
