"""The tracked link: resolve, record, redirect. A small ASGI callable and nothing around it.

    uvicorn campaigns.tracking.edge:app

No session, no cookie, no middleware, no database write, and never an address. The answer waits
until the click is safe (recorder), and is never refused because it could not be recorded.
"""

import asyncio
import logging
import os
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if not apps.ready:
    django.setup()

from django.conf import settings

from campaigns.content.models import Content
from campaigns.sharing.models import Link, is_personal, is_short_address, plain_code
from campaigns.tracking import destination, guesses, pages, visitors
from campaigns.tracking.cache import (
    A_DAY,
    ADDRESS,
    ITEM,
    LINK,
    Layered,
    Shared,
    Unreachable,
    read_address,
    read_item,
    read_link,
)
from campaigns.tracking.classify import draws_cards, is_in_advance, local_day
from campaigns.tracking.pages import NOT_KEPT, Answer
from campaigns.tracking.recorder import Recorder
from campaigns.tracking.stream import ClickEvent, Spool

log = logging.getLogger(__name__)
# The server would write the visitor's address beside the code: that line is never written.
logging.getLogger("uvicorn.access").disabled = True

# A link that ends a sentence often takes its full stop, or a bracket, along.
# Letters with accents too, in one piece or two: a short address is typed as it was heard.
PATH = re.compile(r"/([\w\u0300-\u036f-]{1,40})[/.,;:!?)\]»”'\"]*")
PURPOSES = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
# Of a header; what is remembered by it must not grow as somebody pleases.
LONGEST = 400
REDIRECT = [*NOT_KEPT, (b"vary", b"Sec-Purpose")]
NOT_YET = Answer(HTTPStatus.SERVICE_UNAVAILABLE, REDIRECT)


@lru_cache(maxsize=1024)
def bare(host: str) -> str:
    """A Host header without its port, small."""
    return re.sub(r":\d*$", "", host).lower()


def hosts() -> frozenset[str]:
    """The names this answers to; ports are the business of whatever stands in front."""
    return frozenset(map(bare, (urlsplit(settings.LINK_BASE_URL).netloc, *settings.LINK_HOSTS)))


@lru_cache(maxsize=65536)
def way_to(url: str) -> Answer:
    return Answer(HTTPStatus.FOUND, [*REDIRECT, (b"location", url.encode())])


class Request:
    """What is read of a request."""

    def __init__(self, scope):
        self.method, self.path = scope["method"], scope["path"]
        self._headers = dict(scope["headers"])
        self.query = scope.get("query_string", b"")
        self.peer = (scope.get("client") or ("", 0))[0]

    def header(self, name: bytes) -> str:
        return self._headers.get(name, b"").decode("latin-1")

    @property
    def purpose(self):
        return next((value for name in PURPOSES if (value := self.header(name))), "")

    @property
    def host(self):
        return bare(self.header(b"host")[:LONGEST])

    @property
    def was_scanned(self):
        """A short address's QR code says so: `?q`, whatever an application adds behind it."""
        parameters = self.query.split(b"&")
        return any(parameter in {b"q", b"q="} for parameter in parameters)

    @property
    def agent(self):
        return self.header(b"user-agent")[:LONGEST]

    @property
    def language(self):
        return pages.language(self.header(b"accept-language")[:LONGEST])

    @property
    def address(self):
        return visitors.address(self.peer, self.header(b"x-forwarded-for"))

    @property
    def referrer_host(self):
        try:
            return urlsplit(self.header(b"referer")).hostname or ""
        except ValueError:
            return ""

    @property
    def asks_not_to_be_followed(self):
        return self.header(b"sec-gpc") == "1" or self.header(b"dnt") == "1"


class Edge:
    def __init__(self):
        self._shared = shared = Shared(settings.CLICKS_REDIS_URL)
        self._threads = threads = ThreadPoolExecutor(4, "edge-database")
        # A link never changes; whether it still leads anywhere, its content says.
        links = {"read": read_link, "size": 100_000, "fresh": 3600, "kept": A_DAY}
        addresses = {"read": read_address, "size": 10_000, "fresh": 1, "kept": 5}
        items = {"read": read_item, "size": 10_000, "fresh": 1, "kept": 5}
        salts = {"read": visitors.salt_of, "size": 1, "fresh": 3600, "kept": A_DAY}
        self._links = Layered(LINK, shared, threads, **links)
        self._addresses = Layered(ADDRESS, shared, threads, **addresses)
        self._items = Layered(ITEM, shared, threads, **items)
        self._salts = Layered(visitors.SALT_KEY, shared, threads, **salts)
        self._recorder = Recorder(shared, Spool(settings.CLICK_SPOOL))
        self._own_salt = secrets.token_hex(16)
        self._hosts = hosts()
        self._guesses = guesses.Guesses(shared)
        self._guessers = asyncio.Semaphore(1)

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            await self._send(request, await self._answer(request), send)

    async def _answer(self, request) -> Answer:
        # Whoever asks how this process is does not know it by a name.
        if request.host not in self._hosts and request.path != "/healthz":
            return pages.plain(HTTPStatus.MISDIRECTED_REQUEST, "Unknown host\n")
        if request.method not in {"GET", "HEAD"}:
            allow = (b"allow", b"GET, HEAD")
            return pages.plain(HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD\n", allow)
        if found := self._own_page(request):
            return found
        path = PATH.fullmatch(request.path)
        if not path:
            return self._unknown(request)
        try:
            return await self._follow(request, path[1])
        except Unreachable:
            return pages.page(HTTPStatus.SERVICE_UNAVAILABLE, "busy", request.language)

    async def _follow(self, request, code):
        """What a code answers: to be sent on, a card, a page that says why not."""
        link, is_on = await self._link(request, code)
        item = await self._item(str(link["content"])) if link else None
        if item is None or self._is_secret(item):
            return await self._missed(request, code)
        if refusal := self._refusal(request, item, is_on):
            return refusal
        # What an older release has put into Redis does not say whose it is: everybody's was.
        kind = link.get("kind", Link.Kind.PERSONAL)
        to = destination.of_link(item["url"], item["id"], item["campaign"], link["network"], kind)
        if to is None:
            log.error("content %s leads where nobody may be sent", item["id"])
            return self._ended(request, item)
        if request.method == "GET":
            await self._recorder.record(await self._event(request, link["id"]))
        return self._way_on(request, code, item, to)

    async def _link(self, request, code):
        """The link behind a code, None without one; and whether the code is still on."""
        if link := self._links.at_hand(code):
            return link, True
        if is_personal(code):
            return await self._row(self._links, request, code), True
        code = plain_code(code)
        row = await self._row(self._addresses, request, code) if is_short_address(code) else None
        if row is None:
            return None, False
        return row["scanned" if request.was_scanned else "typed"], row["is_on"]

    async def _item(self, key):
        return self._items.at_hand(key) or await self._items.get(key)

    async def _row(self, rows, request, key):
        """Whoever guesses too much waits in a line of their own, so that nobody else does."""
        if rows.knows(key) or not self._guesses.anybody:
            return await rows.get(key)
        if not self._guesses.is_over(await self._guesser(request)):
            return await rows.get(key)
        async with self._guessers:
            return await rows.get(key)

    async def _missed(self, request, code):
        """No such code, or one that is a secret: the same answer, after the same work."""
        if await self._guesses.add(await self._guesser(request), code):
            pause = (b"retry-after", str(guesses.MINUTE).encode())
            answer = pages.page(HTTPStatus.TOO_MANY_REQUESTS, "guessing", request.language)
            return answer._replace(headers=[*answer.headers, pause])
        return self._unknown(request)

    async def _guesser(self, request):
        return guesses.hash_of(await self._salt(datetime.now(UTC)), request.address)

    def _is_secret(self, item):
        """An embargo is one, and what is not published: it looks as if there were nothing.

        Decided now, not when the row was read: a copy may be older than the hour it names.
        """
        if item["status"] in {Content.Status.WITHDRAWN, Content.Status.EXPIRED}:
            return False
        early = item["embargo_until"] is not None and item["embargo_until"] > time.time()
        return not self._is_over(item) and (early or item["status"] != Content.Status.PUBLISHED)

    def _is_over(self, item):
        return item["expires_at"] is not None and item["expires_at"] <= time.time()

    def _refusal(self, request, item, is_on):
        if item["status"] == Content.Status.WITHDRAWN:
            withdrawn = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
            return pages.page(withdrawn, "withdrawn", request.language, item["fallback"])
        if not is_on or item["status"] == Content.Status.EXPIRED or self._is_over(item):
            return self._ended(request, item)
        return None

    def _way_on(self, request, code, item, to):
        # A browser that was answered in advance would not ask again when the person does click.
        if is_in_advance(request.purpose):
            return NOT_YET
        if draws_cards(request.agent):
            about = (item["title"], item["language"], item["image"], item["image_alt"])
            return pages.card(code if is_personal(code) else plain_code(code), to, *about)
        return way_to(to)

    async def _event(self, request, link_id):
        now = datetime.now(UTC)
        return ClickEvent.make(
            link_id,
            at=now,
            agent=request.agent,
            referrer=request.referrer_host,
            purpose=request.purpose,
            visitor=await self._visitor(request, now),
        )

    async def _visitor(self, request, now):
        if request.asks_not_to_be_followed:
            return None
        salt = await self._salt(now)
        return visitors.visitor_hash(salt, request.address, request.agent)

    async def _salt(self, now):
        """Today's. Where nobody knows it, this process's own: its own repeats are still told."""
        day = local_day(now).isoformat()
        try:
            found = self._salts.at_hand(day) or await self._salts.get(day)
        except Unreachable:
            found = None
        return bytes.fromhex(found["salt"] if found else self._own_salt)

    def _own_page(self, request):
        if request.path == "/":
            return pages.page(HTTPStatus.OK, "notice", request.language)
        if request.path == "/healthz":
            return self._health()
        return pages.file(request.path[3:]) if request.path.startswith("/-/") else None

    def _health(self):
        """Always 200: people are sent on even while clicks wait on the disk."""
        spooled = len(self._recorder.spool.files())
        state = "degraded" if self._shared.is_away or self._recorder.lost else "ok"
        text = f"{state}\nspool files: {spooled}\nlost: {self._recorder.lost}\n"
        return pages.plain(HTTPStatus.OK, text)

    def _unknown(self, request):
        return pages.page(HTTPStatus.NOT_FOUND, "unknown", request.language)

    def _ended(self, request, item):
        return pages.page(HTTPStatus.GONE, "ended", request.language, item["fallback"])

    async def _send(self, request, answer, send):
        length = (b"content-length", str(len(answer.body)).encode())
        headers = [*answer.headers, length]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if request.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive, send):
        """Starts at once; before it stops, what was answered is safe."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._recorder.finish()
        await self._shared.close()
        self._threads.shutdown()
        await send({"type": "lifespan.shutdown.complete"})


app = Edge()
