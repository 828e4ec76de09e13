"""What the edge knows of links and contents: process memory, then Redis, then the database.

A copy is trusted for a second in memory and for five in Redis, so even a row edited by hand is
soon followed. A domain verb is followed at once: `forget(content)` puts a marker in Redis that
says "ask the database", which, unlike a deletion, an edge that was just reading the old row
cannot overwrite.

Copies in use are asked for again before their time is over, all that are due in one question, so
that a visitor waits for the first one only.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import close_old_connections
from django.db.models import Count, Q
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
# With so much of its time left a copy that is in use is asked for again, so that nobody waits.
AHEAD = 0.3
# For so long, in seconds, copies that are due wait for others: one question costs about as much
# for a hundred of them as for one. Far less than AHEAD leaves them, or they run out meanwhile.
TOGETHER = 0.05


class Away(Exception):
    """Redis does not answer, or not in time."""


class Unreachable(Exception):
    """Nobody who would know answers, and nothing is remembered."""


# --- What the rows say, as plain data: all that are there of those asked for -------------------
Rows = dict[str, dict[str, Any]]


def read_links(codes: Iterable[str]) -> Rows:
    """By code. They never change once they are made, so they are kept for long."""
    links = Link.objects.filter(code__in=codes).select_related("network")
    return {link.code: _plain_link(link) for link in links}


def _plain_link(link):
    about = {"id": link.pk, "content": link.content_id, "network": link.network.slug}
    return about | {"kind": link.kind}


def read_addresses(codes: Iterable[str]) -> Rows:
    """Short addresses with their two links: the one to type, and the one that was scanned."""
    addresses = ShortAddress.objects.filter(code__in=codes)
    links = Link.objects.of_programme().filter(content__in=[a.content_id for a in addresses])
    places = {
        (link.content_id, link.network.slug): _plain_link(link)
        for link in links.select_related("network")
    }
    return {
        address.code: {
            "typed": places[address.content_id, PROGRAMME],
            "scanned": places[address.content_id, PROGRAMME_QR],
            "is_on": address.is_on,
        }
        for address in addresses
    }


def read_items(keys: Iterable[str]) -> Rows:
    """What decides how contents' links answer, by content id. Times as seconds.

    Of a content only what is needed here: all that are in use are read every few seconds.
    """
    own = ("pk", "status", "url", "embargo_until", "expires_at", "title", "language")
    campaign = ("campaign__slug", "campaign__fallback_url")
    # Through the relation: the slice that has goals comes after this one.
    open_goals = Count("campaign__goals", filter=Q(campaign__goals__ended_at=None))
    rows = (
        Content.objects.filter(pk__in=keys)
        .order_by()
        .values(*own, "image", "image_alt", *campaign, goals=open_goals)
    )
    return {str(row["pk"]): _plain_item(row) for row in rows}


def _plain_item(row):
    picture = row["image"] and Content._meta.get_field("image").storage.url(row["image"])
    return {
        "id": row["pk"],
        "status": row["status"],
        "url": row["url"],
        "campaign": row["campaign__slug"],
        "fallback": row["campaign__fallback_url"],
        "embargo_until": row["embargo_until"] and row["embargo_until"].timestamp(),
        "expires_at": row["expires_at"] and row["expires_at"].timestamp(),
        "title": row["title"],
        "language": row["language"],
        "image": settings.BASE_URL + picture if picture else "",
        "image_alt": row["image_alt"],
        "has_goals": bool(row["goals"]),
    }


def forget(*contents: int) -> None:
    """Has every edge ask the database for these contents (ids), within a second."""
    _forget(ITEM, contents)


def forget_addresses(*codes: str) -> None:
    """The same for short addresses, those too of which an edge knows that they do not exist."""
    _forget(ADDRESS, codes)


def forget_links(*codes: str) -> None:
    """The same for links that were stopped; an edge that has one in memory keeps it for an hour."""
    _forget(LINK, codes)


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
class Copy:
    """A row as it was when somebody asked, or None where there was none.

    raw: as JSON, to tell without reading it whether an answer says the same again. until: when it
    is no longer trusted, on the monotonic clock; 0 as soon as another one has taken its place.
    """

    __slots__ = ("key", "raw", "until", "value")

    def __init__(self, key: str, raw: bytes | None):
        self.key, self.raw, self.until = key, raw, 0.0
        self.value = None if raw is None else json.loads(raw)


class Layered:
    """Copies of one kind of row, each layer asked when the one before does not know or fails.

    read: from keys to the rows that are there, as plain data by key, in a thread.
    size: how many are remembered. fresh, kept: for how many seconds a copy is trusted, in memory
    and in Redis.
    """

    def __init__(self, prefix: str, shared: Shared, threads: Executor, *, read, size, fresh, kept):
        self._prefix, self._shared, self._threads = prefix, shared, threads
        self._read, self._size, self._fresh, self._kept = read, size, fresh, kept
        self.ahead = AHEAD * fresh
        self._memory: OrderedDict[str, Copy] = OrderedDict()
        self._absent: OrderedDict[str, Copy] = OrderedDict()
        self._asking: dict[str, asyncio.Task] = {}
        self._wanted: list[str] = []
        self._next: asyncio.Task | None = None
        self._due: set[str] = set()
        self._renewing: asyncio.Task | None = None

    async def get(self, key: str) -> dict[str, Any] | None:
        """The row, or None when there is none. Raises Unreachable."""
        if self.knows(key):
            return self._remembered(key).value
        found = await asyncio.shield(self._ask(key))
        if key not in found:
            raise Unreachable
        return found[key].value

    def _ask(self, key):
        """Who asks while another does waits for that answer: one question, however hot the link.

        What is asked for in the same moment is one question too, however many keys.
        """
        if key not in self._asking:
            if not self._wanted:
                self._next = asyncio.create_task(self._find_wanted())
            self._wanted.append(key)
            self._asking[key] = self._next
        return self._asking[key]

    async def _find_wanted(self):
        keys, self._wanted = self._wanted, []
        try:
            return await self._find(keys)
        finally:
            for key in keys:
                del self._asking[key]

    def at_hand(self, key: str) -> Copy | None:
        """The copy where memory has it, without a wait; None says nothing: `get` does."""
        copy = self._memory.get(key)
        return copy if copy is not None and self.holds(copy) else None

    def holds(self, copy: Copy) -> bool:
        """Whether a copy from here may still be trusted. To be asked at every use: it renews."""
        left = copy.until - time.monotonic()
        if left <= 0:
            return False
        if left < self.ahead:
            self._renew(copy.key)
        return True

    def knows(self, key: str) -> bool:
        """Whether it would answer without asking anybody."""
        copy = self._remembered(key)
        return copy is not None and time.monotonic() < copy.until

    def _remembered(self, key):
        return self._memory.get(key) or self._absent.get(key)

    def _renew(self, key):
        self._due.add(key)
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_due())

    async def _renew_due(self):
        await asyncio.sleep(TOGETHER)
        due = list(self._due)[:MOST]
        try:
            await self._find(due)
        finally:
            # Those that were used meanwhile were due still, and are no longer.
            self._due.difference_update(due)
            self._renewing = None

    async def _find(self, keys):
        """A copy for each key, remembered; none for a key of which nobody knows anything."""
        asked = time.monotonic()
        rows = await self._from_redis(keys)
        if missing := [key for key in keys if key not in rows]:
            try:
                rows |= await self._from_database(missing)
            except Unreachable:
                rows |= await self._last_known(missing)
                asked = time.monotonic()
        return {key: self._remember(key, raw, asked) for key, raw in rows.items()}

    async def _from_redis(self, keys):
        try:
            [found] = await self._shared.run(("MGET", *(self._prefix + key for key in keys)))
        except Away:
            return {}
        there = zip(keys, found, strict=True)
        return {key: raw for key, raw in there if raw and raw != ASK}

    async def _from_database(self, keys):
        """The rows, put into Redis too, unless a marker there says that one is about to change."""
        reading = asyncio.get_running_loop().run_in_executor(self._threads, self._read_rows, keys)
        try:
            rows = await asyncio.wait_for(reading, DATABASE_PATIENCE)
        except (DatabaseFailure, TimeoutError) as error:
            log.warning("The database is away: %s", error)
            raise Unreachable from error
        if there := {key: raw for key, raw in rows.items() if raw is not None}:
            await self._share(there)
        return rows

    def _read_rows(self, keys):
        close_old_connections()
        try:
            rows = self._read(keys)
        finally:
            close_old_connections()
        return {key: json.dumps(rows[key]).encode() if key in rows else None for key in keys}

    async def _share(self, rows):
        # The second for the hour when the database is away: old, but better than nothing.
        commands = []
        for key, raw in rows.items():
            name = self._prefix + key
            commands.append(("SET", name, raw, "EX", self._kept, "NX"))
            commands.append(("SET", f"old:{name}", raw, "EX", A_DAY))
        with suppress(Away):
            await self._shared.run(*commands)

    async def _last_known(self, keys):
        """For the keys of which anything is known, from before."""
        known = {key: copy.raw for key in keys if (copy := self._remembered(key))}
        others = [key for key in keys if key not in known]
        if not others:
            return known
        with suppress(Away):
            names = (f"old:{self._prefix}{key}" for key in others)
            [found] = await self._shared.run(("MGET", *names))
            known |= {key: raw for key, raw in zip(others, found, strict=True) if raw}
        return known

    def _remember(self, key, raw, asked):
        """The copy, trusted from when it was asked for: that is how old it may be."""
        if raw is None:
            fresh, size = min(self._fresh, ABSENT_SECONDS), self._size // ABSENT_PART
            there, gone = self._absent, self._memory
        else:
            fresh, size, there, gone = self._fresh, self._size, self._memory, self._absent
        copy = there.get(key)
        if copy is None or copy.raw != raw:
            self._take_away(key, gone, there)
            copy = there[key] = Copy(key, raw)
        copy.until = asked + fresh
        there.move_to_end(key)
        if len(there) > size:
            there.popitem(last=False)
        return copy

    def _take_away(self, key, *places):
        """Whoever still holds the old copy learns that it is none any more."""
        for place in places:
            if old := place.pop(key, None):
                old.until = 0.0
