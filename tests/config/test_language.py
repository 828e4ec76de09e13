"""Every page, as each role, in both languages: as it answers, without a sentence of the other."""

import re
from collections import defaultdict
from functools import cache
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from tests.world import LANGUAGES, ROLES, World

pytestmark = pytest.mark.django_db

# Shorter, a sentence cannot be told from a word both languages have.
LONG_ENOUGH = 13
HOLES = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|\s*\n\s*")
SPOKEN = {"aria-label", "title", "placeholder", "alt"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
IN_BOTH = {"styleguide"}
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@cache
def pieces():
    """{language: runs of text that are only ever said in it}, from the compiled catalogue."""
    path = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        catalogue = GNUTranslations(file)._catalog
    english, french, both = set(), set(), set()
    for key, translated in catalogue.items():
        message = key[0] if isinstance(key, tuple) else key
        original = message.rpartition("\x04")[2]
        if original == translated:
            both |= _runs(original)
        elif original:
            english |= _runs(original)
            french |= _runs(translated)
    return {"en": _only(english, french | both), "fr": _only(french, english | both)}


def _runs(message):
    runs = (" ".join(run.split(" ")).strip(" .,:;") for run in HOLES.split(message))
    return {run for run in runs if len(run) >= LONG_ENOUGH}


def _only(these, others):
    everything = "\n".join(others)
    return {run for run in these if run not in everything}


class Reader(HTMLParser):
    """What a person sees or hears of a page; what is marked as another language is skipped."""

    def __init__(self, language):
        super().__init__()
        self.language, self.heard, self.stack = language, [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        foreign = attrs.get("lang", self.language).split("-")[0] not in ("", self.language)
        silent = tag in ("script", "style", "textarea") or foreign
        if not self.is_silent and not foreign:
            self.heard += [v or "" for k, v in attrs.items() if k in SPOKEN or k[:5] == "data-"]
        if tag not in VOID:
            self.stack.append((tag, silent))

    def handle_endtag(self, tag):
        while any(tag == opened for opened, _silent in self.stack):
            if self.stack.pop()[0] == tag:
                break

    def handle_data(self, data):
        if not self.is_silent:
            self.heard.append(data)

    @property
    def is_silent(self):
        return any(silent for _tag, silent in self.stack)


def heard_in(page, language):
    reader = Reader(language)
    reader.feed(page)
    return re.sub(r"[ \n\t]+", " ", " ".join(reader.heard))


def left_in(page, language):
    """The sentences of the other language in a page."""
    other = {"fr": "en", "en": "fr"}[language]
    text = heard_in(page, language)
    return sorted(run for run in pieces()[other] if run in text)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_answers_as_it_should_and_in_one_language(role, language):
    world = World(role, language)
    unexpected, left, titles = {}, {}, defaultdict(set)
    for page in world.pages():
        answer = world.get(page)
        if answer.status_code not in world.may_answer(page):
            unexpected[str(page)] = answer.status_code
        if is_html(answer) and page.word not in IN_BOTH:
            left |= {str(page): found} if (found := left_in(answer.text, language)) else {}
            if world.opens(page):
                titles[TITLE.search(answer.text)[1].strip()].add(page.name)
    assert unexpected == {}
    assert left == {}
    # A thing and what is done to it may have one title; a page nobody named would share it with all.
    assert {title: names for title, names in titles.items() if not title or len(names) > 3} == {}


def is_html(answer):
    return answer.headers.get("content-type", "").startswith("text/html") and answer.content


def test_an_english_sentence_in_a_french_page_is_seen():
    page = (
        '<html lang="fr"><p>Bonjour</p><a aria-label="Nothing waits for a decision.">x</a></html>'
    )
    assert "Nothing waits for a decision" in left_in(page, "fr")


def test_words_marked_as_another_language_are_not_a_fault():
    page = '<html lang="fr"><p lang="en">Nothing waits for a decision.</p></html>'
    assert left_in(page, "fr") == []
