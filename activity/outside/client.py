"""A request to a place that was checked: within a deadline, up to a size, no questions of trust.

No cookies, no proxies from the environment, no Referer, no address but the ones in `places`.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urljoin

import certifi
import urllib3.exceptions
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection

from activity.outside import places
from activity.outside.errors import (
    Downgraded,
    Elsewhere,
    Garbled,
    NoAnswer,
    NotAnAddress,
    NotSecure,
    Refused,
    TooBig,
    TooSlow,
    WrongKind,
)

SECONDS = 5.0
MOST_BYTES = 2 * 2**20
MOST_HOPS = 5
PIECE = 64 * 2**10
REDIRECTS = {301, 302, 303, 307, 308}
FOR_GOOD = {301, 308}


@dataclass(frozen=True)
class Kind:
    """What a reader can read: how it asks for it, and how the type of a right answer begins."""

    accept: str
    types: tuple[str, ...]


PAGES = Kind("text/html,application/xhtml+xml;q=0.9", ("text/html", "application/xhtml+xml"))
PICTURES = Kind("image/jpeg,image/png,image/webp", ("image/", "application/octet-stream"))
# Half of all feeds say the wrong thing about themselves.
FEEDS = Kind(
    "application/atom+xml,application/rss+xml,application/xml;q=0.9,text/xml;q=0.8",
    ("application/", "text/"),
)
ANYTHING = Kind("*/*", ("",))


class Deadline:
    """How long is left of `seconds`, however many requests and redirects share them."""

    def __init__(self, seconds: float = SECONDS):
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """In seconds. Raises TooSlow when nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left


@dataclass(frozen=True)
class Fetched:
    """An answer. `url`: where it came from in the end. `headers`: names in small letters.

    `body` is unpacked; `is_cut` says that there was more of it. `kind` and `charset` are what the
    answer says of itself, in small letters, or "". `moved_to`: the address that the site says is
    the right one from now on, or "".
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False
    moved_to: str = ""

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _equals, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip(" \"'").lower()
        return ""


def fetch(
    url: str,
    kind: Kind,
    *,
    most: int = MOST_BYTES,
    cut: bool = False,
    deadline: Deadline | None = None,
    headers: Mapping[str, str] | None = None,
    private: Mapping[str, str] | None = None,
    pause: Callable[[str], None] = lambda host: None,
) -> Fetched:
    """GET `url`: a 2xx answer of that `kind`, at most `most` bytes of it. Raises Unreachable.

    cut: what is longer comes back shortened instead of raising TooBig. At most five redirects are
    followed, each looked at like the first address, and none from https to http.
    headers: asked with as well; a 304 that they bring about is Refused, with that status.
    private: headers too, for the scheme, host and port of `url` alone: never sent after a redirect
    that leads elsewhere, nor without TLS (then NotSecure).
    pause: called with the host before a redirect is followed, to keep to a pace.
    """
    deadline = deadline or Deadline()
    place, moved_to, for_good = places.place_of(url), "", True
    home = place
    if private and place.scheme != "https" and not place.is_allowed:
        raise NotSecure
    asked = {"Accept": kind.accept} | dict(headers or {})
    for _hop in range(MOST_HOPS + 1):
        with _Exchange(place, deadline) as exchange:
            own = (private or {}) if _is_same_site(place, home) else {}
            answer = exchange.send("GET", headers=asked | dict(own))
            if answer.status not in REDIRECTS:
                return replace(exchange.read(answer, kind, most, cut), moved_to=moved_to)
            place = _next(place, answer)
        for_good = for_good and answer.status in FOR_GOOD
        moved_to = place.url if for_good else moved_to
        pause(place.host)
    raise Elsewhere


def _is_same_site(place, other):
    return (place.scheme, place.host, place.port) == (other.scheme, other.host, other.port)


def _next(place, answer):
    location = answer.headers.get("Location", "").strip()
    if not location:
        raise Garbled
    # http.client reads headers as Latin-1; the addresses in them are UTF-8.
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode()
    try:
        following = places.place_of(places.encoded(urljoin(place.url, location)))
    except ValueError:
        raise NotAnAddress from None
    if (place.scheme, following.scheme) == ("https", "http"):
        raise Downgraded
    return following


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    most: int = PIECE,
    deadline: Deadline | None = None,
) -> Fetched:
    """POST `body` to `url`: whatever the answer's status, its first `most` bytes.

    Raises Unreachable when there is no answer. A redirect is an answer: it is not followed.
    """
    deadline = deadline or Deadline()
    with _Exchange(places.place_of(url), deadline) as exchange:
        answer = exchange.send("POST", body=body, headers=headers)
        return exchange.take(answer, most)


class _Exchange:
    """One request and its answer, on a connection of its own that the deadline cuts."""

    def __init__(self, place, deadline):
        self.place, self.deadline = place, deadline
        addresses = places.addresses_of(place, deadline.left())
        made = _SecureLine if place.scheme == "https" else _Line
        self.line = made(place, addresses, deadline)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.hang_up()

    def send(self, method, *, headers, body=None):
        with _told(self.deadline):
            self.line.request(
                method,
                self.place.target,
                body=body,
                headers={"User-Agent": user_agent(), "Accept-Encoding": "gzip, deflate"}
                | dict(headers),
                preload_content=False,
            )
            answer = self.line.getresponse()
        # Headers cut short are headers, to http.client.
        self.deadline.left()
        return answer

    def read(self, answer, kind, most, cut):
        """What came, when it is what was asked for."""
        if not 200 <= answer.status < 300:
            raise Refused(answer.status)
        if not answer.headers.get("Content-Type", "").strip().lower().startswith(kind.types):
            raise WrongKind
        fetched = self.take(answer, most)
        if fetched.is_cut and not cut:
            raise TooBig
        return fetched

    def take(self, answer, most):
        with _told(self.deadline):
            body = b"".join(self._pieces(answer, most + 1))
        headers = {name.lower(): value for name, value in answer.headers.items()}
        url, is_cut = self.place.url, len(body) > most
        return Fetched(url, answer.status, headers, body[:most], is_cut)

    def _pieces(self, answer, most):
        """Unpacked piece by piece, so that a small file never becomes a large one in memory."""
        while most > 0 and (piece := answer.read(min(PIECE, most), decode_content=True)):
            self.deadline.left()
            most -= len(piece)
            yield piece
        self.deadline.left()


# All that a hostile answer makes the libraries raise; ValueError is http.client's for bad numbers.
TROUBLE = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError, ValueError)


@contextmanager
def _told(deadline):
    """Turns what libraries raise into one of ours."""
    try:
        yield
    except TROUBLE as error:
        # A connection that the deadline has cut fails in any of these ways.
        deadline.left()
        raise _meaning(error) from error


def _meaning(error):
    if isinstance(error, (ssl.SSLError, urllib3.exceptions.SSLError, ssl.CertificateError)):
        return NotSecure()
    if isinstance(error, (TimeoutError, urllib3.exceptions.TimeoutError)):
        return TooSlow()
    if isinstance(error, OSError):
        return NoAnswer()
    return Garbled()


class _Pinned:
    """A connection to addresses that were found, whatever the name would lead to by now.

    Name, port and certificate stay urllib3's to handle: only the socket is made here.
    """

    def __init__(self, place, addresses, deadline, **options):
        super().__init__(place.host, place.port, timeout=deadline.left(), **options)
        self.addresses, self.deadline = addresses, deadline
        self._watch = None

    def _new_conn(self):
        sock = _first_answering(self.addresses, self.port, self.deadline)
        self._watch = _Watch(sock, self.deadline.left())
        return sock

    def hang_up(self):
        if self._watch:
            self._watch.stop()
        self.close()


class _Line(_Pinned, HTTPConnection):
    pass


class _SecureLine(_Pinned, HTTPSConnection):
    def __init__(self, place, addresses, deadline):
        super().__init__(place, addresses, deadline, ssl_context=trust())


class _Watch:
    """Cuts a connection when its time is over: one that sends a byte a second never times out.

    Holds a second handle on the connection, since TLS takes the first one away.
    """

    def __init__(self, sock, seconds):
        self._handle = sock.dup()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self):
        with suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self._timer.cancel()
        self._timer.join()
        self._handle.close()


def _first_answering(addresses, port, deadline):
    """Each gets its share of what is left: a dead IPv6 route must not eat the whole time."""
    error = None
    for n, address in enumerate(addresses):
        try:
            return dial(address, port, deadline.left() / (len(addresses) - n))
        except OSError as failed:
            error = failed
    raise error


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connects to an IP address: the only place where this product opens a way outside."""
    return socket.create_connection((address, port), timeout=seconds)


@cache
def trust() -> ssl.SSLContext:
    """The system's certificates, where a company adds its own, and Mozilla's for bare machines."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def user_agent() -> str:
    return f"Porte-voix (+{settings.BASE_URL})"
