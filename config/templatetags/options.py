"""The lines of a list to choose from, written at once: as templates, a hundred of them take longer
than the page around them."""

from html import escape

from django import template
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_tag
def options(optgroups):
    """The groups of a Select widget, as Django's own select.html writes them."""
    return format_html_join("", "{}", ((_group(*group),) for group in optgroups))


def _group(name, choices, _index):
    # Each part of each line is escaped; escaping them one by one by format_html takes three times
    # as long, and that is what a list of a hundred campaigns is made of.
    lines = mark_safe("".join(map(_option, choices)))  # noqa: S308
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, lines) if name else lines


def _option(option):
    given = [pair for pair in option["attrs"].items() if pair[1] is not False]
    attributes = "".join(_attribute(*pair) for pair in given)
    label = localize(option["label"])
    return f'\n  <option value="{_safe(option["value"])}"{attributes}>{_safe(label)}</option>'


def _attribute(name, value):
    return f" {_safe(name)}" if value is True else f' {_safe(name)}="{_safe(value)}"'


def _safe(value):
    return value if hasattr(value, "__html__") else escape(str(value))
