"""The lines of a list to choose from, written at once: as templates, a hundred of them take longer
than the page around them."""

from django import template
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join

register = template.Library()


@register.simple_tag
def options(optgroups):
    """The groups of a Select widget, as Django's own select.html writes them."""
    return format_html_join("", "{}", ((_group(*group),) for group in optgroups))


def _group(name, choices, _index):
    lines = format_html_join("", "\n  {}", ((_option(option),) for option in choices))
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, lines) if name else lines


def _option(option):
    given = [pair for pair in option["attrs"].items() if pair[1] is not False]
    attributes = format_html_join("", "{}", ((_attribute(*pair),) for pair in given))
    value, label = str(option["value"]), localize(option["label"])
    return format_html('<option value="{}"{}>{}</option>', value, attributes, label)


def _attribute(name, value):
    return format_html(" {}", name) if value is True else format_html(' {}="{}"', name, str(value))
