"""The tracked link: resolve, record, redirect. A small ASGI callable and nothing around it.

    uvicorn campaigns.tracking.edge:app

No session, no cookie, no middleware, no database write, and never an address. The answer waits
until the click is safe (recorder), and is never refused because it could not be recorded.

A plain visit of a link that was visited lately takes the short way (`_at_once`): what it is
answered was worked out before. Everything else takes the long way, which decides (`_follow`).
"""

import asyncio
import gc
import logging
import math
import os
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if not apps.ready:
    django.setup()

from django.conf import settings

from campaigns.content.models import Content
from campaigns.sharing.models import Link, is_personal, is_short_address, plain_code
from campaigns.tracking import click_ids, destination, guesses, pages, visitors
from campaigns.tracking.cache import (
    A_DAY,
    ADDRESS,
    ITEM,
    LINK,
    Copy,
    Layered,
    Shared,
    Unreachable,
    read_addresses,
    read_items,
    read_links,
)
from campaigns.tracking.classify import by_headers, draws_cards, is_in_advance, local_day
from campaigns.tracking.models import ClickKind
from campaigns.tracking.own_pages import PAGES
from campaigns.tracking.pages import NOT_KEPT, Answer
from campaigns.tracking.recorder import Recorder
from campaigns.tracking.stream import LIMITS, ClickEvent, Spool, click, field, printable

log = logging.getLogger(__name__)
# The server would write the visitor's address beside the code: that line is never written.
logging.getLogger("uvicorn.access").disabled = True

# A link that ends a sentence often takes its full stop, or a bracket, along.
# Letters with accents too, in one piece or two: a short address is typed as it was heard.
PATH = re.compile(r"/([\w\u0300-\u036f-]{1,40})[/.,;:!?)\]»”'\"]*")
PURPOSES = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
# Of a header; what is remembered by it must not grow as somebody pleases.
LONGEST = 400
# Who sends one of these takes the long way: is not there yet, or asks not to be followed.
RARE = frozenset({*PURPOSES, b"dnt", b"sec-gpc"})
WAYS = 100_000
REDIRECT = [*NOT_KEPT, (b"vary", b"Sec-Purpose")]
NOT_YET = Answer(HTTPStatus.SERVICE_UNAVAILABLE, REDIRECT)


@lru_cache(maxsize=1024)
def bare(host: bytes) -> str:
    """A Host header without its port, small."""
    return re.sub(r":\d*$", "", host.decode("latin-1")).lower()


def hosts() -> frozenset[str]:
    """The names this answers to; ports are the business of whatever stands in front."""
    ours = (urlsplit(settings.LINK_BASE_URL).netloc, *settings.LINK_HOSTS)
    return frozenset(bare(host.encode()) for host in ours)


def sent_on(url: str) -> Answer:
    return Answer(HTTPStatus.FOUND, [*REDIRECT, (b"location", url.encode())])


way_to = lru_cache(maxsize=65536)(sent_on)


@lru_cache(maxsize=16384)
def referrer_host(header: bytes) -> str:
    try:
        return urlsplit(header.decode("latin-1")).hostname or ""
    except ValueError:
        return ""


class Agent(NamedTuple):
    """What a User-Agent header comes to: the text, the text as a click tells it, and who it is."""

    text: str
    told: str
    draws_cards: bool


@lru_cache(maxsize=16384)
def agent_of(header: bytes) -> Agent:
    text = header.decode("latin-1")
    return Agent(text, field("a", printable(text)[: LIMITS["agent"]]), draws_cards(text))


@lru_cache(maxsize=16384)
def referrer_told(header: bytes) -> str:
    return field("r", printable(referrer_host(header))[: LIMITS["referrer"]])


class Way(NamedTuple):
    """Where a personal link leads, ready to be sent; good as long as `item` is the content's copy.

    link: the link as a click tells it. start: the ASGI message. Until when, on two clocks: the
    copy of the link (monotonic), and the content itself (time of day).
    """

    item: Copy
    link: str
    start: dict[str, Any]
    known_until: float
    ends_at: float


END = {"type": "http.response.body", "body": b""}


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
        return self._headers.get(b"host", b"")[:LONGEST]

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
        return referrer_host(self._headers.get(b"referer", b"")[:LONGEST])

    @property
    def asks_not_to_be_followed(self):
        return self.header(b"sec-gpc") == "1" or self.header(b"dnt") == "1"


class Edge:
    def __init__(self):
        self._shared = shared = Shared(settings.CLICKS_REDIS_URL)
        self._threads = threads = ThreadPoolExecutor(4, "edge-database")
        # A link never changes; whether it still leads anywhere, its content says.
        links = {"read": read_links, "size": 100_000, "fresh": 3600, "kept": A_DAY}
        addresses = {"read": read_addresses, "size": 10_000, "fresh": 1, "kept": 5}
        items = {"read": read_items, "size": 10_000, "fresh": 1, "kept": 5}
        salts = {"read": visitors.salts_of, "size": 1, "fresh": 3600, "kept": A_DAY}
        self._links = Layered(LINK, shared, threads, **links)
        self._addresses = Layered(ADDRESS, shared, threads, **addresses)
        self._items = Layered(ITEM, shared, threads, **items)
        self._salts = Layered(visitors.SALT_KEY, shared, threads, **salts)
        self._recorder = Recorder(shared, Spool(settings.CLICK_SPOOL))
        self._own_salt = secrets.token_hex(16)
        self._hosts = hosts()
        self._guesses = guesses.Guesses(shared)
        self._guessers = asyncio.Semaphore(1)
        self._ways: dict[str, Way] = {}
        # A day begins with a minute: within one it keeps its salt.
        self._minute, self._salt_of_minute = 0, b""

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if found := self._at_once(scope):
                way, visit = found
                await self._recorder.record(visit)
                await send(way.start)
                await send(END)
            else:
                request = Request(scope)
                await self._send(request, await self._answer(request), send)

    # --- The short way -------------------------------------------------------------------------
    def _at_once(self, scope) -> tuple[Way, str] | None:
        """Where a plain visit leads, and its click; None for whatever takes the long way.

        Nine visits of ten are like this, so nothing is worked out that could be known before, and
        nothing decided that `_follow` has not: it keeps the ways.
        """
        way = self._ways.get(scope["path"])
        now = time.time()
        if way is None or scope["method"] != "GET" or not self._is_good(way, now):
            return None
        headers = dict(scope["headers"])
        if not RARE.isdisjoint(headers) or not self._is_ours(headers.get(b"host", b"")[:LONGEST]):
            return None
        agent = agent_of(headers.get(b"user-agent", b"")[:LONGEST])
        if agent.draws_cards or now // 60 != self._minute:
            return None
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        address = visitors.address((scope.get("client") or ("",))[0], forwarded)
        visitor = visitors.visitor_hash(self._salt_of_minute, address, agent.text)
        referrer = referrer_told(headers.get(b"referer", b"")[:LONGEST])
        return way, click(int(now * 1000), way.link, agent.told, referrer, visitor)

    def _is_good(self, way, now):
        """The copy says whether it is to be trusted: it is not, once a verb has changed the row."""
        in_time = now < way.ends_at and time.monotonic() < way.known_until
        return in_time and self._items.holds(way.item)

    def _is_ours(self, host):
        return bare(host) in self._hosts

    def _keep_way(self, code, link, item, to):
        """For the next visit. A destination that is another for each click must not be kept."""
        known, copy = self._links.at_hand(code), self._items.at_hand(str(link["content"]))
        if known is None or copy is None or copy.value is not item:
            return
        if len(self._ways) >= WAYS:
            self._ways.clear()
        start = self._start(way_to(to))
        # With some of the link's time left, so that the long way asks for it again meanwhile.
        until, ends = known.until - self._links.ahead, item["expires_at"] or math.inf
        self._ways[f"/{code}"] = Way(copy, field("l", str(link["id"])), start, until, ends)

    # --- The long way --------------------------------------------------------------------------

    async def _answer(self, request) -> Answer:
        # Whoever asks how this process is does not know it by a name.
        if not self._is_ours(request.host) and request.path != "/healthz":
            return pages.plain(HTTPStatus.MISDIRECTED_REQUEST, "Unknown host\n")
        if request.method not in {"GET", "HEAD"}:
            allow = (b"allow", b"GET, HEAD")
            return pages.plain(HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD\n", allow)
        if found := self._own_page(request):
            return found
        if handler := PAGES.get(request.path):
            return await handler(request)
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
            event = await self._event(request, link["id"])
            await self._recorder.record(event.to_command())
            if item.get("has_goals") and self._may_carry_id(event):
                return sent_on(click_ids.with_click(to, click_ids.ClickId(event.id, event.at)))
        if is_personal(code) and not item.get("has_goals"):
            self._keep_way(code, link, item, to)
        return self._way_on(request, code, item, to)

    async def _link(self, request, code):
        """The link behind a code, None without one; and whether the code is still on."""
        if known := self._links.at_hand(code):
            return known.value, True
        if is_personal(code):
            return await self._row(self._links, request, code), True
        code = plain_code(code)
        row = await self._row(self._addresses, request, code) if is_short_address(code) else None
        if row is None:
            return None, False
        return row["scanned" if request.was_scanned else "typed"], row["is_on"]

    async def _item(self, key):
        copy = self._items.at_hand(key)
        return copy.value if copy else await self._items.get(key)

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

    def _may_carry_id(self, event):
        """A person, as far as the headers say, who has not asked to be left alone."""
        return event.visitor is not None and by_headers(event).kind == ClickKind.HUMAN

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
            copy = self._salts.at_hand(day)
            found = copy.value if copy else await self._salts.get(day)
        except Unreachable:
            return bytes.fromhex(self._own_salt)
        salt = bytes.fromhex(found["salt"])
        self._minute, self._salt_of_minute = now.timestamp() // 60, salt
        return salt

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
        await send(self._start(answer))
        body = b"" if request.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    def _start(self, answer):
        length = (b"content-length", str(len(answer.body)).encode())
        headers = [*answer.headers, length]
        return {"type": "http.response.start", "status": answer.status, "headers": headers}

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
# What is loaded by now stays for good. Looking through all of it for garbage held every visitor up
# for a tenth of a second, now and then.
gc.freeze()
