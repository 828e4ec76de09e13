"""An article as a source shows it, and what both kinds of sources have in common."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from justhtml import stream

from activity.outside import NotAnAddress, Unreachable, encoded
from campaigns.content.addresses import page_key, validate_public

MOST_ARTICLES = 100
LONGEST_URL = 2000
# After these, what follows is another word.
BREAKS = frozenset({"p", "br", "div", "li", "tr", "td", "h1", "h2", "h3", "h4", "blockquote"})
UNHEARD = frozenset({"script", "style", "template", "svg", "iframe"})


class NotAFeed(Unreachable):
    # Translators: fr: Ce n’est pas un fil RSS ou Atom. Pour une page de liens,
    # choisissez l’autre sorte.
    sentence = _("This is not an RSS or Atom feed. For a page with links, choose the other kind.")


class NoLinks(Unreachable):
    # Translators: fr: Aucun lien vers un article du même site n’a été trouvé sur cette page.
    sentence = _("No link to an article of the same site was found on this page.")


class CampaignOver(Unreachable):
    # Translators: fr: Sa campagne est terminée : choisissez-en une autre pour ses brouillons.
    sentence = _("Its campaign is over: choose another one for its drafts.")


@dataclass(frozen=True)
class Article:
    """Texts are plain, never HTML.

    link: as the source gives it, made absolute. url: the same page without tracking. published:
    None when it cannot be trusted. image: an http address, or "". language: a code of ours, or "".
    """

    title: str
    link: str
    url: str
    published: datetime | None = None
    summary: str = ""
    image: str = ""
    language: str = ""
    categories: list[str] = field(default_factory=list)

    @property
    def said(self) -> dict:
        """What is kept of it, as JSON, until it becomes a draft."""
        names = ("summary", "image", "language", "categories")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def web_address(base: str, href: str) -> str:
    """`href` on the page at `base`, absolute and percent-encoded; "" for what is no public page."""
    if not href.strip():
        return ""
    try:
        url = encoded(urljoin(base, href.strip()))
        validate_public(url)
    except (ValueError, NotAnAddress, ValidationError):
        return ""
    return url if urlsplit(url).scheme in {"http", "https"} and len(url) <= LONGEST_URL else ""


def unique(articles: Iterable[Article]) -> Iterator[Article]:
    """Without those that repeat a page shown before."""
    seen = set()
    for article in articles:
        key = page_key(article.url)
        if key not in seen:
            seen.add(key)
            yield article


def plain(html: str) -> str:
    """The words of a piece of HTML."""
    words, unheard = [], 0
    for event, value in stream(html):
        if event == "start":
            unheard += value[0] in UNHEARD
            words.append(" " * (value[0] in BREAKS))
        elif event == "end":
            unheard -= bool(unheard and value in UNHEARD)
            words.append(" " * (value in BREAKS))
        elif event == "text" and not unheard:
            words.append(value)
    return "".join(words)


def pictures(html: str) -> Iterator[str]:
    """The addresses of its pictures, but not of the one-pixel ones that count readers."""
    for event, value in stream(html):
        if event == "start" and value[0] == "img":
            attrs = value[1]
            sizes = {attrs.get("width"), attrs.get("height")}
            if attrs.get("src") and not sizes & {"0", "1", "0px", "1px"}:
                yield attrs["src"]
