"""What the edge knows of links and contents: process memory, then Redis, then the database.

A copy is trusted for a second in memory and for five in Redis, so even a row edited by hand is
soon followed. A domain verb is followed at once: `forget(content)` puts a marker in Redis that
says "ask the database", which, unlike a deletion, an edge that was just reading the old row
cannot overwrite.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import Error as DatabaseFailure
from django.db import close_old_connections
from redis import Redis, RedisError
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from campaigns.content.models import Content
from campaigns.networks.models import PROGRAMME, PROGRAMME_QR
from campaigns.sharing.models import Link, ShortAddress
from campaigns.tracking.line import Line

log = logging.getLogger(__name__)
Commands = tuple[tuple, ...]

LINK, ITEM, ADDRESS = "clicks:link:", "clicks:item:", "clicks:address:"
A_DAY = 24 * 3600
ASK = b"?"
# Longer than a reading of the database may take (DATABASE_PATIENCE), or an old row slips in.
ASK_SECONDS = 5
DATABASE_PATIENCE = 2.0
REDIS_PATIENCE = 0.25
REDIS_PAUSE = 1.0
MOST = 500
LINES = 8
ABSENT_SECONDS = 2.0
# Of what is remembered, for each that is there, of those that are not: guesses push out guesses.
ABSENT_PART = 10
NOTHING = (0.0, None)
# With so much of its time left a copy that is in use is asked for again, so that nobody waits.
AHEAD = 0.3


class Away(Exception):
    """Redis does not answer, or not in time."""


class Unreachable(Exception):
    """Nobody who would know answers, and nothing is remembered."""


# --- What the rows say, as plain data ----------------------------------------------------------
def read_link(code: str) -> dict[str, Any]:
    """Never changes once it is made, so it is kept for long. Raises Link.DoesNotExist."""
    return _plain_link(Link.objects.select_related("network").get(code=code))


def _plain_link(link):
    about = {"id": link.pk, "content": link.content_id, "network": link.network.slug}
    return about | {"kind": link.kind}


def read_address(code: str) -> dict[str, Any]:
    """A short address with its two links: the one to type, and the one that was scanned.

    Raises ShortAddress.DoesNotExist.
    """
    address = ShortAddress.objects.get(code=code)
    links = Link.objects.of_programme().filter(content=address.content_id)
    by_place = {link.network.slug: _plain_link(link) for link in links.select_related("network")}
    both = {"typed": by_place[PROGRAMME], "scanned": by_place[PROGRAMME_QR]}
    return both | {"is_on": address.is_on}


def read_item(key: str) -> dict[str, Any]:
    """What decides how a content's links answer. Times as seconds. Raises Content.DoesNotExist."""
    content = Content.objects.select_related("campaign").get(pk=key)
    return {
        "id": content.pk,
        "status": content.status,
        "url": content.url,
        "campaign": content.campaign.slug,
        "fallback": content.campaign.fallback_url,
        "embargo_until": content.embargo_until and content.embargo_until.timestamp(),
        "expires_at": content.expires_at and content.expires_at.timestamp(),
        "title": content.title,
        "language": content.language,
        "image": settings.BASE_URL + content.image.url if content.image else "",
        "image_alt": content.image_alt,
    }


def forget(*contents: int) -> None:
    """Has every edge ask the database for these contents (ids), within a second."""
    _forget(ITEM, contents)


def forget_addresses(*codes: str) -> None:
    """The same for short addresses, those too of which an edge knows that they do not exist."""
    _forget(ADDRESS, codes)


def _forget(prefix, keys):
    if not keys:
        return
    # A verb does not wait for a Redis that is away: the edges follow by themselves in six seconds.
    patience = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}
    with Redis.from_url(settings.CLICKS_REDIS_URL, **patience) as redis:
        pipeline = redis.pipeline(transaction=False)
        for key in keys:
            pipeline.set(f"{prefix}{key}", ASK, ex=ASK_SECONDS)
            pipeline.delete(f"old:{prefix}{key}")
        pipeline.execute()


# --- Redis, as the edge sees it ----------------------------------------------------------------
class Shared:
    """Redis that answers at once or is away; after a failure it is left alone for a second."""

    def __init__(self, url: str):
        self._redis = AsyncRedis.from_url(
            url,
            socket_timeout=REDIS_PATIENCE,
            socket_connect_timeout=REDIS_PATIENCE,
            retry=AsyncRetry(NoBackoff(), 0),
        )
        # A crowd of new codes must queue here, and not open a connection each and time out.
        self._lines = asyncio.Semaphore(LINES)
        self._away_until = 0.0
        self._line: Line | None = None
        self._waiting: list[tuple[Commands, asyncio.Future]] = []
        self._sending: asyncio.Task | None = None

    @property
    def is_away(self) -> bool:
        return time.monotonic() < self._away_until

    async def ask(self, question: Callable[[AsyncRedis], Awaitable[Any]]) -> Any:
        """The answer to `question(redis)`. Raises Away."""
        async with self._lines:
            if self.is_away:
                raise Away
            try:
                return await question(self._redis)
            except (RedisError, OSError) as error:
                log.warning("Redis is away: %s", error)
                self._away_until = time.monotonic() + REDIS_PAUSE
                raise Away from error

    async def run(self, *commands: tuple) -> list[Any]:
        """Redis' replies to small commands; what is asked meanwhile goes together. Raises Away."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((commands, done))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return await done

    async def _send(self):
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._settle(batch)
        finally:
            self._sending = asyncio.create_task(self._send()) if self._waiting else None

    async def _settle(self, batch):
        together = [command for commands, _ in batch for command in commands]
        try:
            replies = iter(await self.ask(lambda redis: self._ask_together(redis, together)))
        except Away as away:
            for _, done in batch:
                if not done.done():
                    done.set_exception(Away(str(away)))
            return
        for commands, done in batch:
            mine = [next(replies) for _ in commands]
            if not done.done():
                done.set_result(mine)

    async def _ask_together(self, redis, commands):
        if self._line is None or not self._line.is_open:
            self._line = await Line.open(redis)
        return await self._line.send(commands, REDIS_PATIENCE)

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()
        await self._redis.aclose()


# --- The three layers --------------------------------------------------------------------------
class Layered:
    """Copies of one kind of row, each layer asked when the one before does not know or fails.

    read: from a key to the row as plain data, in a thread; ObjectDoesNotExist when there is none.
    size: how many are remembered. fresh, kept: for how many seconds a copy is trusted, in memory
    and in Redis.
    """

    def __init__(self, prefix: str, shared: Shared, threads: Executor, *, read, size, fresh, kept):
        self._prefix, self._shared, self._threads = prefix, shared, threads
        self._read, self._size, self._fresh, self._kept = read, size, fresh, kept
        self._memory: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._absent: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._asking: dict[str, asyncio.Task] = {}

    async def get(self, key: str) -> dict[str, Any] | None:
        """The row, or None when there is none. Raises Unreachable."""
        until, value = self._remembered(key)
        if time.monotonic() < until:
            return value
        return await asyncio.shield(self._ask(key))

    def _ask(self, key):
        """Who asks while another does waits for that answer: one question, however hot the link."""
        if key not in self._asking:
            task = asyncio.create_task(self._find(key))
            self._asking[key] = task
            task.add_done_callback(lambda _: self._asking.pop(key))
        return self._asking[key]

    def at_hand(self, key: str) -> dict[str, Any] | None:
        """The row where memory has it, without a wait; None says nothing: `get` does."""
        until, value = self._memory.get(key, NOTHING)
        left = until - time.monotonic()
        if 0 < left < AHEAD * self._fresh:
            self._ask(key)
        return value if left > 0 else None

    def knows(self, key: str) -> bool:
        """Whether it would answer without asking anybody."""
        return time.monotonic() < self._remembered(key)[0]

    def _remembered(self, key):
        return self._memory.get(key) or self._absent.get(key) or NOTHING

    async def _find(self, key):
        try:
            value = await self._from_redis(key)
            if value is None:
                value = await self._from_database(key)
        except Unreachable:
            value = await self._last_known(key)
        self._remember(key, value)
        return value

    async def _from_redis(self, key):
        try:
            [found] = await self._shared.run(("GET", self._prefix + key))
        except Away:
            return None
        return json.loads(found) if found and found != ASK else None

    async def _from_database(self, key):
        """The row, put into Redis too, unless a marker there says that it is about to change."""
        reading = asyncio.get_running_loop().run_in_executor(self._threads, self._read_row, key)
        try:
            value = await asyncio.wait_for(reading, DATABASE_PATIENCE)
        except (DatabaseFailure, TimeoutError) as error:
            log.warning("The database is away: %s", error)
            raise Unreachable from error
        if value is not None:
            await self._share(key, json.dumps(value))
        return value

    def _read_row(self, key):
        close_old_connections()
        try:
            return self._read(key)
        except ObjectDoesNotExist:
            return None
        finally:
            close_old_connections()

    async def _share(self, key, value):
        # The second for the hour when the database is away: old, but better than nothing.
        name = self._prefix + key
        fresh = ("SET", name, value, "EX", self._kept, "NX")
        with suppress(Away):
            await self._shared.run(fresh, ("SET", f"old:{name}", value, "EX", A_DAY))

    async def _last_known(self, key):
        if (known := self._remembered(key)) is not NOTHING:
            return known[1]
        try:
            [found] = await self._shared.run(("GET", f"old:{self._prefix}{key}"))
        except Away:
            raise Unreachable from None
        if not found:
            raise Unreachable
        return json.loads(found)

    def _remember(self, key, value):
        if value is None:
            fresh, size = min(self._fresh, ABSENT_SECONDS), self._size // ABSENT_PART
            there, gone = self._absent, self._memory
        else:
            fresh, size, there, gone = self._fresh, self._size, self._memory, self._absent
        gone.pop(key, None)
        there[key] = (time.monotonic() + fresh, value)
        there.move_to_end(key)
        if len(there) > size:
            there.popitem(last=False)
