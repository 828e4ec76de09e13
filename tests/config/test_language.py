"""Every page, as each role, in both languages: no sentence of the other one is left in it."""

import re
from functools import cache
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse

from activity.tokens import unsubscribe_token
from ambassadors.directory.imports.models import Import
from ambassadors.models import Ambassador, Role
from campaigns.models import Caption, Content
from campaigns.planning.wizard import Step
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_invitation,
    make_link,
    make_ready_campaign,
    make_share,
    make_tally,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db

# Shorter, a sentence cannot be told from a word both languages have.
LONG_ENOUGH = 13
HOLES = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|\s*\n\s*")
SPOKEN = {"aria-label", "title", "placeholder", "alt"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# In two languages on purpose, or not read by people.
LEFT_OUT = {"styleguide", "picture", "manifest", "healthz", "reach-export"}


@cache
def pieces():
    """{language: runs of text that are only ever said in it}, from the compiled catalogue."""
    path = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        catalogue = GNUTranslations(file)._catalog
    english, french = set(), set()
    for key, translated in catalogue.items():
        message = key[0] if isinstance(key, tuple) else key
        original = message.rpartition("\x04")[2]
        if original and original != translated:
            english |= _runs(original)
            french |= _runs(translated)
    return {"en": _only(english, french), "fr": _only(french, english)}


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


def the_world(user):
    """One of each thing a page may be about: {first word of a URL's name: its arguments}."""
    running = make_campaign(name_en="Sober buildings", objective_en="Make our sites known.")
    draft = make_ready_campaign(four_eyes=False)
    contents = [
        make_content(campaign=running, topics=[make_topic(name_en="Sites")]),
        make_content(campaign=running, status=Content.Status.DRAFT, published_at=None),
    ]
    captions = [make_caption(content) for content in contents]
    make_caption(contents[0], language="en", text="Words.", status=Caption.Status.IN_REVIEW)
    _share_and_visit(user, contents[0])
    campaigns = [{"slug": campaign.slug} for campaign in (running, draft)]
    return {
        "campaign": campaigns,
        "campaign-step": [{"slug": draft.slug, "step": step} for step in Step],
        "caption": [{"pk": caption.pk} for caption in captions],
        "caption-new": [{"pk": contents[0].pk}],
        "content": [{"pk": content.pk} for content in contents],
        "invitation": [{"token": make_invitation(make_user()).token}],
        "share": [{"pk": content.pk} for content in contents],
        "unsubscribe": [{"token": unsubscribe_token(user.pk, "digest")}],
        "welcome": [{"step": step} for step in Ambassador.Step],
    }


def _share_and_visit(user, content):
    ambassador = Ambassador.objects.get(user=user)
    make_tally(make_share(make_link(ambassador, content)).link)


def _an_import(client):
    """With a line to put right."""
    client.post(reverse("ambassadors:import-paste"), {"addresses": "mia@orvaly.example, no"})
    return Import.objects.get()


def addresses(world):
    """Every address of the URL map, but those that need arguments the world has not."""
    for name, arguments in _names(get_resolver()):
        word = name.rpartition(":")[2]
        if word in LEFT_OUT:
            continue
        given = world.get(word) or world.get(word.partition("-")[0], []) if arguments else [{}]
        for kwargs in given:
            yield reverse(name, kwargs=kwargs)


def _names(resolver, space=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _names(pattern, space + inner)
        elif pattern.name:
            yield space + pattern.name, pattern.pattern.converters


# A manager's pages are among the administrator's.
@pytest.mark.parametrize("role", [None, Role.AMBASSADOR, Role.ADMIN])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_keeps_a_sentence_of_the_other_language(client, as_user, language, role):
    user = make_user(role=role or Role.AMBASSADOR, language=language)
    make_ambassador(user)
    world = the_world(user)
    if role:
        as_user(user)
    if role == Role.ADMIN:
        world["import"] = [{"pk": _an_import(client).pk}]
    left, opened = {}, 0
    for address in addresses(world):
        answer = client.get(address, headers={"accept-language": language})
        if answer.headers.get("content-type", "").startswith("text/html") and answer.content:
            opened += 1
            left |= {address: found} if (found := left_in(answer.text, language)) else {}
    assert not left
    assert opened > (20 if role else 8)


def test_an_english_sentence_in_a_french_page_is_seen():
    page = (
        '<html lang="fr"><p>Bonjour</p><a aria-label="Nothing waits for a decision.">x</a></html>'
    )
    assert left_in(page, "fr") == ["Nothing waits for a decision"]


def test_words_marked_as_another_language_are_not_a_fault():
    page = '<html lang="fr"><p lang="en">Nothing waits for a decision.</p></html>'
    assert left_in(page, "fr") == []
