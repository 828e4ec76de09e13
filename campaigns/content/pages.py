"""What a page says about itself: its card, as networks would read it. Nothing here asks the web."""

import codecs
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils.text import Truncator
from justhtml import stream

from activity.outside import NotAnAddress, encoded
from campaigns.content.addresses import without_tracking

# Tags come after 200 kB of scripts on some pages; past this, networks do not look either.
MOST_READ = 512 * 2**10
MOST_TAGS, MOST_BLOCKS = 2000, 20
LINKED_DATA = "application/ld+json"
LONGEST_TITLE, LONGEST_TEXT = 150, 300
# Where charsets are declared, and how; browsers read Latin-1 as Windows-1252.
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.ASCII | re.I)
BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
WESTERN = "cp1252"
READ_AS_WESTERN = {"iso8859-1", "ascii"}
# The ones pages are written in; Python knows others, such as `zip`, that are no charset at all.
CHARSETS = re.compile(
    r"utf-8|utf-16(-[lb]e)?|cp\d+|iso8859-\d+|koi8-[ru]|mac-\w+|ascii"
    r"|shift_jis\w*|euc_\w+|iso2022_jp\w*|big5\w*|gb\w+|hz|tis-620"
)
SPACES = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")
# Zero-width spaces, and what turns the direction of writing: a title must not reorder our page.
UNSEEN = re.compile("[\u200b\u2060\ufeff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Card:
    """What is known of a page. Texts are plain, never HTML; what is not known is None.

    image, canonical_url: http or https, percent-encoded. kind: article, website, job or login.
    is_open: False when strangers would find a login form there, or search engines are sent away.
    """

    title: str | None
    description: str | None
    image: str | None
    image_alt: str | None
    site_name: str | None
    language: str | None
    kind: str
    canonical_url: str
    is_open: bool


def card_of(body: bytes, url: str, charset: str = "") -> Card:
    """Reads the card out of a page. `url`: where it was fetched from; `charset`: its header's."""
    return _Page(text_of(body[:MOST_READ], charset), url).card()


def text_of(body: bytes, charset: str = "") -> str:
    """Bytes into text: by the mark they begin with, the header, what they declare, what fits."""
    for mark, name in BOMS.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    found = DECLARED.search(body[:4096])
    declared = _codec(charset) or (_codec(found[1].decode()) if found else None)
    if declared in {None, "utf-8"}:
        return _utf8_or_western(body)
    return body.decode(declared, "replace")


def _codec(label):
    try:
        name = codecs.lookup(label).name
    except (LookupError, UnicodeError, ValueError):
        return None
    if name in READ_AS_WESTERN:
        return WESTERN
    return name if CHARSETS.fullmatch(name) else None


def _utf8_or_western(body):
    """Pages that say UTF-8 and are not are Windows-1252, in our two languages.

    One broken letter in a page of good ones is a broken letter.
    """
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body)
    broken = text.count("\ufffd")
    good = sum(not char.isascii() for char in text) - broken if broken else 0
    return body.decode(WESTERN, "replace") if broken > good else text


def clean(text: str | None, longest: int) -> str | None:
    """One line of plain text, or None; no-break spaces are French typography and stay."""
    text = UNSEEN.sub("", SPACES.sub(" ", text or ""))
    text = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cs", "Cn"})
    return Truncator(text.strip(" ")).chars(longest) or None


class _Page:
    """The tags of a page that speak about it.

    Read as a stream of tags and not as a tree, which hostile pages make slow to grow: only where
    a title or a template stands matters here.
    """

    KEPT = frozenset({"html", "base", "meta", "link", "input"})
    HEARD = frozenset({"title", "h1", "script"})

    def __init__(self, text, url):
        self.url = url
        self.tags = {name: [] for name in self.KEPT}
        self.texts = {name: [] for name in self.HEARD}
        self._heard, self._drawings, self._templates = "", 0, 0
        deeds = {"start": self._start, "end": self._end, "text": self._hear}
        for event, value in stream(text):
            if event in deeds:
                deeds[event](value)
        self.metas = list(_named(self.tags["meta"]))
        bases = [attrs.get("href") for attrs in self.tags["base"][:1]]
        self.base = next(_web(url, bases), url)

    def _start(self, tag):
        name, attrs = tag
        self._templates += name == "template"
        self._drawings += name == "svg"
        if self._templates or (name == "script" and attrs.get("type") != LINKED_DATA):
            return
        # A drawing has titles too.
        if name in self.HEARD and not self._drawings:
            self._heard = name
            self.texts[name].append([])
        elif name in self.KEPT and len(self.tags[name]) < MOST_TAGS:
            self.tags[name].append(attrs)

    def _end(self, name):
        self._templates -= bool(self._templates and name == "template")
        self._drawings -= bool(self._drawings and name == "svg")
        if name == self._heard:
            self._heard = ""

    def _hear(self, text):
        if self._heard:
            self.texts[self._heard][-1].append(text)

    def card(self):
        image, alt = self._image()
        return Card(
            title=clean(self._title(), LONGEST_TITLE),
            description=clean(
                self._first("og:description", "twitter:description", "description"), LONGEST_TEXT
            ),
            image=image,
            image_alt=clean(alt, 250),
            site_name=clean(self._first("og:site_name"), 100),
            language=self._language(),
            kind=self._kind(),
            canonical_url=self._canonical(),
            is_open=not (self._is_login or self._says_noindex),
        )

    def _first(self, *names):
        """The first that says something, by the order of `names`, then of the page."""
        for wanted in names:
            for name, value in self.metas:
                if name == wanted and value.strip():
                    return value
        return None

    def _title(self):
        return self._first("og:title", "twitter:title") or next(self._headings(), None)

    def _headings(self):
        texts = ("".join(pieces) for name in ("title", "h1") for pieces in self.texts[name])
        return (text for text in texts if text.strip())

    def _image(self):
        """The first that is one, secure where the page offers both, with its own words."""
        for picture in [*self._pictures("og:image"), *self._pictures("twitter:image")]:
            addresses = (picture.get("secure_url"), picture.get("url"))
            if url := next(_web(self.base, addresses), None):
                return url, picture.get("alt")
        return None, None

    def _pictures(self, prefix):
        """What follows a picture belongs to it, until the next one begins."""
        pictures: list[dict[str, str]] = []
        for name, value in self.metas:
            if name in {prefix, f"{prefix}:src"}:
                pictures.append({"url": value})
            elif name.startswith(f"{prefix}:"):
                if not pictures:
                    pictures.append({})
                pictures[-1].setdefault(name.removeprefix(f"{prefix}:"), value)
        return pictures

    def _language(self):
        roots = [attrs.get("lang") for attrs in self.tags["html"][:1]]
        for label in (*roots, self._first("og:locale"), self._first("content-language")):
            language = re.split("[-_,]", (label or "").strip().lower())[0]
            if language in dict(settings.LANGUAGES):
                return language
        return None

    def _kind(self):
        if self._is_login:
            return "login"
        if any(_is_job(thing) for thing in self._linked_data()):
            return "job"
        said = (self._first("og:type") or "").strip().lower()
        return "article" if said.startswith("article") else "website"

    def _linked_data(self):
        """Every JSON-LD thing of the page; blocks with mistakes in them are common."""
        for pieces in self.texts["script"][:MOST_BLOCKS]:
            try:
                data = json.loads("".join(pieces))
            except (ValueError, RecursionError):
                continue
            for thing in data if isinstance(data, list) else [data]:
                graph = thing.get("@graph") if isinstance(thing, dict) else None
                yield from graph if isinstance(graph, list) else [thing]

    def _canonical(self):
        links = (
            attrs.get("href")
            for attrs in self.tags["link"]
            if "canonical" in (attrs.get("rel") or "").lower().split()
        )
        # One that leads to another site is a mistake, or somebody else's page passed off as this.
        for url in _web(self.base, [*links, self._first("og:url")]):
            if _site(url) == _site(self.url):
                return url
        return without_tracking(self.url)

    @property
    def _is_login(self):
        """A form that asks for a password, on a page that sends people on or robots away."""
        asks = any((attrs.get("type") or "").lower() == "password" for attrs in self.tags["input"])
        return asks and (bool(self._first("refresh")) or self._says_noindex)

    @property
    def _says_noindex(self):
        return "noindex" in (self._first("robots") or "").lower()


def _named(metas: Iterable) -> Iterator[tuple[str, str]]:
    """Name and content of each: sites mix up `name` and `property`."""
    for attrs in metas:
        name = attrs.get("property") or attrs.get("name") or attrs.get("http-equiv")
        content = attrs.get("content")
        if name and content is not None:
            yield name.strip().lower(), content


def _web(base, addresses):
    """Those that are http or https once they are made absolute."""
    for address in addresses:
        if not (address or "").strip():
            continue
        try:
            url = encoded(urljoin(base, address.strip()))
            parts = urlsplit(url)
        except (ValueError, NotAnAddress):
            continue
        if parts.scheme in {"http", "https"} and parts.hostname:
            yield url


def _site(url):
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _is_job(thing):
    if not isinstance(thing, dict):
        return False
    types = thing.get("@type")
    return "JobPosting" in (types if isinstance(types, list) else [types])
