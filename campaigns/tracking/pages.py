"""What the links host says in words: small pages of its own, in the visitor's language."""

from functools import cache, lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from campaigns.content.images import HEIGHT, WIDTH
from campaigns.tracking.destination import safe

Headers = list[tuple[bytes, bytes]]

FILES = {
    "porte-voix.css": b"text/css; charset=utf-8",
    "mark.svg": b"image/svg+xml",
    "favicon.svg": b"image/svg+xml",
    "fonts/inter-latin.woff2": b"font/woff2",
    "fonts/inter-latin-ext.woff2": b"font/woff2",
}
POLICY = (
    b"default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
EVERYWHERE: Headers = [
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
if settings.LINK_BASE_URL.startswith("https:"):
    EVERYWHERE.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
NOT_KEPT: Headers = [*EVERYWHERE, (b"cache-control", b"private, no-store")]


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes = b""


def plain(status: HTTPStatus, text: str, *headers: tuple[bytes, bytes]) -> Answer:
    about = [*NOT_KEPT, (b"content-type", b"text/plain; charset=utf-8"), *headers]
    return Answer(status, about, text.encode())


@lru_cache(maxsize=1024)
def language(accepted: str) -> str:
    """Of the product's languages the one an Accept-Language header likes best."""
    known = dict(settings.LANGUAGES)
    for code, _weight in parse_accept_lang_header(accepted.lower()):
        if code.partition("-")[0] in known:
            return code.partition("-")[0]
    return settings.LANGUAGE_CODE


@lru_cache(maxsize=512)
def page(status: HTTPStatus, name: str, language: str, fallback: str = "") -> Answer:
    """templates/edge/<name>.html. fallback: where else one may go; left out when it is not safe."""
    context = {"fallback": safe(fallback) if fallback else None}
    return _html(status, name, language, context)


@lru_cache(maxsize=512)
def card(code: str, to: str, title: str, language: str, image: str, image_alt: str) -> Answer:
    """What a link preview shows: our own words, in the content's language.

    to: the destination, for the person whose browser was taken for a previewer.
    """
    context = {"address": f"{settings.LINK_BASE_URL}/{code}", "to": to, "title": title}
    context["host"] = (urlsplit(to).hostname or "").removeprefix("www.")
    picture = {"image": image, "image_alt": image_alt, "width": WIDTH, "height": HEIGHT}
    return _html(HTTPStatus.OK, "card", language, context | picture)


def _html(status, name, language, context):
    with translation.override(language):
        html = render_to_string(f"edge/{name}.html", context | _around(language))
    headers = [
        *NOT_KEPT,
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.encode()),
        (b"content-security-policy", POLICY),
        (b"vary", b"Sec-Purpose, Accept-Language"),
    ]
    return Answer(status, headers, html.encode())


def _around(language):
    return {
        "html_lang": settings.HTML_LANG[language],
        "locale": settings.HTML_LANG[language].replace("-", "_"),
        "organisation": settings.ORGANISATION,
        "help_email": settings.HELP_EMAIL,
        "version": _version(),
    }


@cache
def _version():
    """Changes with the stylesheet, so that browsers may keep it for long."""
    return sha256(_path("porte-voix.css").read_bytes()).hexdigest()[:12]


def _path(name):
    return Path(settings.STATICFILES_DIRS[0]) / name


@cache
def file(name: str) -> Answer | None:
    """One of the few files that the pages need."""
    if name not in FILES:
        return None
    kept = (b"cache-control", b"public, max-age=604800")
    headers = [*EVERYWHERE, (b"content-type", FILES[name]), kept]
    return Answer(HTTPStatus.OK, headers, _path(name).read_bytes())
