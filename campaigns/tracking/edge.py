"""The tracked link: resolve, record, redirect. A small ASGI callable and nothing around it.

    uvicorn campaigns.tracking.edge:app

No session, no cookie, no middleware, no database write, and never an address. The answer waits
until the click is safe (recorder), and is never refused because it could not be recorded.
"""

import logging
import os
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if not apps.ready:
    django.setup()

from django.conf import settings

from campaigns.content.models import Content
from campaigns.tracking import destination, pages, visitors
from campaigns.tracking.cache import (
    A_DAY,
    ITEM,
    LINK,
    Layered,
    Shared,
    Unreachable,
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
PATH = re.compile(r"/([0-9A-Za-z_-]{1,16})[/.,;:!?)\]»”'\"]*")
PURPOSES = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
# Of a header; what is remembered by it must not grow as somebody pleases.
LONGEST = 400
REDIRECT = [*NOT_KEPT, (b"vary", b"Sec-Purpose")]
NOT_YET = Answer(HTTPStatus.SERVICE_UNAVAILABLE, REDIRECT)


class Request:
    """What is read of a request."""

    def __init__(self, scope):
        self.method, self.path = scope["method"], scope["path"]
        self._headers = dict(scope["headers"])
        self.peer = (scope.get("client") or ("", 0))[0]

    def header(self, name: bytes) -> str:
        return self._headers.get(name, b"").decode("latin-1")

    @property
    def purpose(self):
        return next((value for name in PURPOSES if (value := self.header(name))), "")

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
        links = {"read": read_link, "size": 100_000, "fresh": 60, "kept": A_DAY}
        items = {"read": read_item, "size": 10_000, "fresh": 1, "kept": 5}
        salts = {"read": visitors.salt_of, "size": 1, "fresh": 3600, "kept": A_DAY}
        self._links = Layered(LINK, shared, threads, **links)
        self._items = Layered(ITEM, shared, threads, **items)
        self._salts = Layered(visitors.SALT_KEY, shared, threads, **salts)
        self._recorder = Recorder(shared, Spool(settings.CLICK_SPOOL))
        self._own_salt = secrets.token_hex(16)

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            await self._send(request, await self._answer(request), send)

    async def _answer(self, request) -> Answer:
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
        link = await self._links.get(code)
        item = await self._items.get(str(link["content"])) if link else None
        if item is None:
            return self._unknown(request)
        if refusal := self._refusal(request, item):
            return refusal
        to = destination.of_link(item["url"], item["id"], item["campaign"], link["network"])
        if to is None:
            log.error("content %s leads where nobody may be sent", item["id"])
            return self._ended(request, item)
        if request.method == "GET":
            await self._recorder.record(await self._event(request, link["id"]))
        return self._way_on(request, code, item, to)

    def _refusal(self, request, item):
        """Decided now, not when the row was read: a copy may be older than the hour it names."""
        now = time.time()
        if item["status"] == Content.Status.WITHDRAWN:
            withdrawn = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
            return pages.page(withdrawn, "withdrawn", request.language, item["fallback"])
        over = item["expires_at"] is not None and item["expires_at"] <= now
        if over or item["status"] == Content.Status.EXPIRED:
            return self._ended(request, item)
        early = item["embargo_until"] is not None and item["embargo_until"] > now
        if early or item["status"] != Content.Status.PUBLISHED:
            # An embargo is a secret: it looks as if there were nothing.
            return self._unknown(request)
        return None

    def _way_on(self, request, code, item, to):
        # A browser that was answered in advance would not ask again when the person does click.
        if is_in_advance(request.purpose):
            return NOT_YET
        if draws_cards(request.agent):
            about = (item["title"], item["language"], item["image"], item["image_alt"])
            return pages.card(code, to, *about)
        return Answer(HTTPStatus.FOUND, [*REDIRECT, (b"location", to.encode())])

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
        try:
            found = await self._salts.get(local_day(now).isoformat())
        except Unreachable:
            found = None
        # Nobody knows today's salt: one of this process, so that its own repeats are still told.
        salt = found["salt"] if found else self._own_salt
        return visitors.visitor_hash(bytes.fromhex(salt), request.address, request.agent)

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
        start = {"status": answer.status, "headers": [*answer.headers, length]}
        await send({"type": "http.response.start"} | start)
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
