"""A page of the company's own that links to articles, as a list of them. Asks the web nothing."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from justhtml import stream

from campaigns.content.addresses import page_key, without_tracking
from campaigns.content.pages import MOST_READ, clean, text_of
from campaigns.sources.articles import MOST_ARTICLES, Article, NoLinks, unique, web_address

LONGEST_TITLE = 300
# What frames every page of a site leads to its sections, not to its articles.
FRAMES = frozenset({"nav", "header", "footer", "aside", "template"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
# A link with fewer letters is “Read on”, or the name of a section.
LEAST_LETTERS = 12
FILES = (".pdf", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".zip", ".doc", ".docx", ".xml", ".mp4")


def articles_of(body: bytes, url: str, charset: str = "") -> list[Article]:
    """The articles that the page at `url` links to, in its order. Raises NoLinks.

    Those beneath the page’s own address, where there are any; else all of the same site. What an
    article says of itself is read from its own page, later.
    """
    page = _Links(text_of(body[:MOST_READ], charset), url)
    articles = list(unique(page.articles()))
    beneath = [article for article in articles if _is_beneath(article.url, url)]
    if not articles:
        raise NoLinks
    return (beneath or articles)[:MOST_ARTICLES]


def _is_beneath(link, url):
    folder = urlsplit(url).path.rstrip("/") + "/"
    return folder != "/" and urlsplit(link).path.startswith(folder)


class _Links:
    """Reads the page as a stream of tags, like campaigns.content.pages."""

    def __init__(self, text, url):
        self.url, self.base = url, url
        # [address, pieces of its words], in the page's order.
        self.found: list[tuple[str, list[str]]] = []
        self._open, self._frames, self._in_article = None, [], 0
        deeds = {"start": self._start, "end": self._end, "text": self._hear}
        for event, value in stream(text):
            if event in deeds:
                deeds[event](value)

    def _start(self, tag):
        name, attrs = tag
        if name == "base" and attrs.get("href"):
            self.base = web_address(self.url, attrs["href"]) or self.base
        elif name == "article":
            self._in_article += 1
        elif name in FRAMES and not self._in_article:
            self._frames.append(name)
        elif name == "a" and not self._frames:
            self._open = (attrs.get("href") or "", [])
            self.found.append(self._open)
        elif name in HEADINGS and self._open:
            # The heading inside a link is its title, not the text beside it.
            self._open[1].clear()

    def _end(self, name):
        if name == "article":
            self._in_article = max(self._in_article - 1, 0)
        elif self._frames and self._frames[-1] == name:
            self._frames.pop()
        elif name == "a":
            self._open = None

    def _hear(self, text):
        if self._open:
            self._open[1].append(text)

    def articles(self) -> Iterator[Article]:
        titles = {}
        for href, pieces in self.found:
            link = web_address(self.base, href)
            if link and self._is_an_article(link):
                url, words = without_tracking(link), clean("".join(pieces), LONGEST_TITLE) or ""
                # The longest words of several links to one page: the others are “Read on”.
                known = titles.get(page_key(url), (link, url, ""))
                titles[page_key(url)] = max(known, (link, url, words), key=lambda one: len(one[2]))
        for link, url, words in titles.values():
            if len(words) >= LEAST_LETTERS:
                yield Article(title=words, link=link, url=url)

    def _is_an_article(self, link):
        parts = urlsplit(link)
        here = _site(parts) == _site(urlsplit(self.url))
        other = page_key(link) != page_key(self.url)
        return here and other and parts.path.strip("/") and not parts.path.lower().endswith(FILES)


def _site(parts):
    return (parts.hostname or "").removeprefix("www.")
