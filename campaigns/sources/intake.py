"""Reading a source: what is new is written down first, then becomes drafts, so many a day.

A worker that dies between two steps loses nothing: what was written down is found again.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone

from activity import outside
from campaigns.content.models import Content, WrongState
from campaigns.content.pages import card_of
from campaigns.content.reading import cover_from
from campaigns.sources.articles import Article, CampaignOver, unique
from campaigns.sources.feeds import feed_of
from campaigns.sources.links import articles_of
from campaigns.sources.models import InTheLibrary, Sighting, Source

MOST_BYTES = 2**20
UNCHANGED = 304


@dataclass(frozen=True)
class Found:
    """What came of reading a source once. passed_over: entries without a page to share."""

    title: str
    articles: list[Article]
    passed_over: int
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""


@dataclass(frozen=True)
class Page:
    """What the page of an article says of itself; all of it empty where it could not be read.

    picture: the name of its cover in the storage.
    """

    title: str = ""
    description: str = ""
    language: str = ""
    picture: str = ""
    picture_alt: str = ""
    moved_to: str = ""

    def title_for(self, kind: str, seen: str) -> str:
        """A feed says its titles; a page of links only what it calls them."""
        first, second = (seen, self.title) if kind == Source.Kind.FEED else (self.title, seen)
        return first or second


def look(source: Source, patience: float = math.inf) -> Found | None:
    """Reads `source` (saved or not) once, and stores nothing. None: nothing new, says the site.

    patience: for its turn to be asked, in seconds. Raises Unreachable, also NotAFeed and NoLinks.
    """
    outside.wait_for_turn(_host(source.url), patience)
    is_feed = source.kind == Source.Kind.FEED
    kind = outside.FEEDS if is_feed else outside.PAGES
    try:
        got = outside.fetch(source.url, kind, most=MOST_BYTES, cut=True, headers=_asking(source))
    except outside.Refused as refusal:
        if refusal.status == UNCHANGED:
            return None
        raise
    if is_feed:
        feed = feed_of(got.body, got.url, got.charset, is_cut=got.is_cut)
        title, articles, passed_over = feed.title, list(unique(feed.articles)), feed.passed_over
    else:
        articles, title, passed_over = articles_of(got.body, got.url, got.charset), "", 0
    return Found(
        title=title,
        articles=articles,
        passed_over=passed_over,
        etag=_short(got.headers.get("etag", ""), 250),
        last_modified=_short(got.headers.get("last-modified", ""), 60),
        moved_to=got.moved_to,
    )


def _asking(source):
    """So that a site with nothing new need not send it all again."""
    asked = {"If-None-Match": source.etag, "If-Modified-Since": source.last_modified}
    return {name: value for name, value in asked.items() if value}


def _short(value, longest):
    """Cut short it would be another one."""
    return value if len(value) <= longest and value.isprintable() else ""


def _host(url):
    return urlsplit(url).hostname or ""


def read(source: Source, now: datetime | None = None) -> None:
    """Takes the turn of `source`, reads it, and brings in what there is room for today."""
    now = now or timezone.now()
    if not source.claim(now):
        return
    try:
        if not source.campaign.is_open:
            raise CampaignOver
        found = look(source)
    except outside.Unreachable as error:
        source.note_failure(error.code, now)
        return
    if found is None:
        source.note_unchanged(now)
    else:
        source.note_reading(found, now)
    bring_in_due(source, now)


def bring_in_due(source: Source, now: datetime) -> None:
    """Makes drafts of what is held, newest first, until the day is full."""
    for sighting in source.sightings.coming(now)[: source.left_today(now)]:
        with suppress(WrongState, InTheLibrary):
            bring_in(sighting, now=now)


def bring_in(sighting: Sighting, *, by=None, now: datetime | None = None) -> Content:
    """Makes a draft of one article, with what its page says. Raises WrongState, InTheLibrary."""
    try:
        return sighting.bring_in(page_of(sighting), by=by, now=now)
    except InTheLibrary:
        sighting.let_go()
        raise


def page_of(sighting: Sighting) -> Page:
    """Reads the article’s own page, and its picture, within five seconds."""
    outside.wait_for_turn(_host(sighting.url))
    deadline = outside.Deadline()
    offered = sighting.said.get("image", "")
    try:
        got = outside.fetch(sighting.url, outside.PAGES, cut=True, deadline=deadline)
    except outside.Unreachable:
        return Page(picture=cover_from(offered, deadline)[0])
    card = card_of(got.body, got.url, got.charset)
    if not card.is_open:
        # A login form says nothing of the article behind it.
        return Page(picture=cover_from(offered, deadline)[0])
    picture, _trouble = cover_from(card.image or offered, deadline)
    return Page(
        title=card.title or "",
        description=card.description or "",
        language=card.language or "",
        picture=picture,
        picture_alt=card.image_alt or "",
        moved_to=got.moved_to,
    )
