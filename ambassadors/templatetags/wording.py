"""allauth's English writes its headings Like This; ours do not."""

import re

from django import template
from django.utils.translation import get_language

register = template.Library()
# A capital within a sentence that begins a word, but no acronym and not our own name.
CAPITAL = re.compile(r"(?<=\w[ -])(?!Porte-voix)[A-Z](?=[a-z])")


@register.filter
def sentence(words):
    """“Enter Sign-In Code”: “Enter sign-in code”. Other languages pass as they are."""
    words = str(words)
    if get_language() != "en":
        return words
    return CAPITAL.sub(lambda letter: letter[0].lower(), words)


@register.filter
def sentence_labels(form):
    """The form, its labels written as ours are."""
    for field in form:
        field.label = sentence(field.label)
    return form
