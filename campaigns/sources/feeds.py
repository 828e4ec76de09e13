"""RSS and Atom, well-formed or not, as a list of articles. Nothing here asks the web."""

import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import feedparser
from django.conf import settings
from django.utils import timezone

from campaigns.content.addresses import without_tracking
from campaigns.content.pages import LONGEST_TEXT, clean, text_of
from campaigns.sources.articles import (
    MOST_ARTICLES,
    Article,
    NotAFeed,
    pictures,
    plain,
    web_address,
)

LONGEST_TITLE, LONGEST_CATEGORY, MOST_CATEGORIES = 300, 60, 10
# Before the web there were no feeds: a clock at zero, not a date.
FIRST_DAY = datetime(1995, 1, 1, tzinfo=UTC)
ENTITY = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);", re.I)
MARKUP = {"text/html", "application/xhtml+xml"}
ENDS = (b"</item>", b"</entry>")
# What it is read as. Its own charset is read here: Python knows some that take minutes.
KIND = "application/xml; charset=utf-8"
DECLARED = re.compile(
    rb"""\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""", re.ASCII
)
# In digits: a picture of more pixels than that is a lie.
LONGEST_WIDTH = 6


@dataclass(frozen=True)
class Feed:
    """passed_over: how many entries have no page that could be shared."""

    title: str
    articles: list[Article]
    passed_over: int


def feed_of(body: bytes, url: str, charset: str = "", *, is_cut: bool = False) -> Feed:
    """Reads a feed that came from `url`. charset: its header’s. is_cut: its end is missing.

    Raises NotAFeed. The first MOST_ARTICLES entries are read, in their own order.
    """
    text = text_of(_whole(body) if is_cut else body, charset or _declared(body))
    read = feedparser.parse(
        # A file and not the bytes: those it would open, where they are the name of a file of ours.
        io.BytesIO(text.encode()),
        # Relative addresses start from where it came from; types other than XML are common lies.
        response_headers={"content-location": url, "content-type": KIND},
        # Texts become plain here, which is more than sanitising them.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not read.get("version") and not read.entries:
        raise NotAFeed
    entries = [_Entry(entry, read, url) for entry in read.entries[:MOST_ARTICLES]]
    articles = [entry.article() for entry in entries if entry.link]
    title = clean(plain(read.feed.get("title", "")), LONGEST_TITLE) or ""
    return Feed(title, articles, len(entries) - len(articles))


def _declared(body):
    """The charset it says of itself; XML that says nothing is UTF-8."""
    found = DECLARED.match(body)
    return found[1].decode() if found else "utf-8"


def _whole(body):
    """Up to the end of the last whole entry: half an address is another address."""
    ends = [body.rfind(end) + len(end) for end in ENDS if end in body]
    return body[: max(ends)] if ends else body


class _Entry:
    def __init__(self, entry, feed, url):
        self.entry, self.feed, self.url = entry, feed, url
        self.link = web_address(url, entry.get("link") or "")

    def article(self):
        return Article(
            title=self._title(),
            link=self.link,
            url=without_tracking(self.link),
            published=self._published(),
            summary=clean(plain(self._text()), LONGEST_TEXT) or "",
            image=next((found for found in self._images() if found), ""),
            language=self._language(),
            categories=self._categories(),
        )

    def _title(self):
        """The beginning of the text stands in for a title that is missing."""
        title = self.entry.get("title") or ""
        if self.entry.get("title_detail", {}).get("type") in MARKUP:
            title = plain(title)
        elif self.feed.get("version", "").startswith("rss"):
            # Many write HTML there without saying so.
            title = ENTITY.sub(lambda found: html.unescape(found[0]), title)
        return clean(title, LONGEST_TITLE) or clean(plain(self._text()), LONGEST_TITLE) or ""

    def _text(self):
        return self.entry.get("summary") or self._content()

    def _content(self):
        return next((part.get("value") or "" for part in self.entry.get("content", [])), "")

    def _published(self):
        """When it first appeared: an entry edited today is not new.

        A date to come is that of an event, and a reader of feeds that believed it would keep it
        on top until then.
        """
        said = self.entry.get("published") or self.entry.get("updated") or ""
        date = _instant(said, self._parsed())
        return date if date and FIRST_DAY < date <= timezone.now() + timedelta(days=1) else None

    def _parsed(self):
        name = "published" if self.entry.get("published") else "updated"
        return self.entry.get(f"{name}_parsed")

    def _images(self) -> Iterator[str]:
        """The best first: the widest that is meant as one, an enclosure, a thumbnail, the first
        in the text."""
        media = [one for one in self.entry.get("media_content", []) if _is_picture(one)]
        found = [one.get("url") for one in sorted(media, key=_width, reverse=True)]
        found += [one.get("href") for one in self.entry.get("enclosures", []) if _is_picture(one)]
        found += [one.get("url") for one in self.entry.get("media_thumbnail", [])]
        yield from (web_address(self.url, address or "") for address in found)
        base = self.entry.get("content", [{}])[0].get("base") or self.url
        for text in (self._content(), self.entry.get("summary") or ""):
            yield from (web_address(base, address) for address in pictures(text))

    def _language(self):
        said = self.feed.feed.get("language") or ""
        language = re.split("[-_]", said.strip().lower())[0]
        return language if language in dict(settings.LANGUAGES) else ""

    def _categories(self):
        terms = (tag.get("label") or tag.get("term") for tag in self.entry.get("tags", []))
        texts = (clean(term, LONGEST_CATEGORY) for term in terms)
        return [text for text in texts if text][:MOST_CATEGORIES]


def _is_picture(one):
    kind = one.get("type") or ""
    return kind.startswith("image/") or (not kind and one.get("medium") == "image")


def _width(one):
    width = one.get("width") or ""
    return int(width) if width.isdecimal() and len(width) <= LONGEST_WIDTH else 0


def _instant(said, parsed):
    """A moment, from what feeds write. A day without a time is that day where we are."""
    try:
        date = datetime.fromisoformat(said.strip())
    except ValueError:
        if not parsed:
            return None
        date = datetime(*parsed[:6], tzinfo=None if ":" not in said else UTC)
    return date if timezone.is_aware(date) else timezone.make_aware(date)
