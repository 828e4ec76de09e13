"""Takes click events from the stream to the database, and survives what happens to either."""

import gc
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DataError, IntegrityError, connection
from django.db import Error as DatabaseFailure
from redis import Redis, RedisError, ResponseError

from campaigns.tracking.arrivals import Arrival, decode
from campaigns.tracking.ingest import BATCH, UnknownLink, take_in
from campaigns.tracking.stream import DEAD, STREAM, Spool

log = logging.getLogger(__name__)

GROUP = "ingest"
BLOCK_MS = 1000
# So many are asked for and let go at once: an answer of a whole batch is megabytes, which Redis and
# this process would each write to memory and read back from there.
PORTION = 2_500
# Longer than a batch takes; an entry that waits so long belongs to a consumer that is gone.
IDLE_MS = 20_000
TEND_SECONDS = 5.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# How often an entry is handed out: each time with a quarter of the others, from the tenth on alone,
# then to the dead letters. Many times, and alone only late: a machine that keeps dying takes
# innocent clicks along; they are not to be given up, nor to need a transaction each.
FEWER, MOST = 4, 20
FORGET_CONSUMER_MS = 3_600_000
# What is wrong with one event and not with the database.
UNFIT = (DataError, IntegrityError, UnknownLink, ValueError, KeyError, OverflowError)


class Entry(NamedTuple):
    """What the stream holds: its own number, and a click or what should have been one.

    words: name, value, name, value, as Redis has them. click: None where they make none.
    """

    id: str
    words: Sequence[str]
    click: Arrival | None

    @classmethod
    def read(cls, pk: str, words: Sequence[str]) -> "Entry":
        try:
            return cls(pk, words, decode(words))
        except UNFIT:
            return cls(pk, words, None)

    @property
    def fields(self) -> dict[str, str]:
        return dict(zip(self.words[::2], self.words[1::2], strict=False))


def connect() -> Redis:
    """Redis as the consumer needs it: patient enough to block on a stream."""
    redis = Redis.from_url(
        settings.CLICKS_REDIS_URL,
        decode_responses=True,
        protocol=2,
        socket_timeout=BLOCK_MS / 1000 + 5,
        socket_connect_timeout=2,
    )
    # A dictionary of each entry would cost as much as all else that is done with it.
    redis.set_response_callback("XREADGROUP", lambda answer, **_: answer or [])
    redis.set_response_callback("XCLAIM", lambda answer, **_: answer)
    return redis


def _without_search_for_cycles(run):
    """There are none in a batch, and Python would look through all its tuples for them again and
    again: that took half of the consumer's time. Now and then (`_tend`) is enough."""

    @wraps(run)
    def undisturbed(*args):
        gc.disable()
        try:
            return run(*args)
        finally:
            gc.enable()

    return undisturbed


class Consumer:
    """One member of the group. Any number may run, on any machine; a click counts once."""

    def __init__(self, redis: Redis | None = None, spool: Spool | None = None):
        self._redis = redis or connect()
        self._spool = spool or Spool(settings.CLICK_SPOOL)
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self._stopping = threading.Event()
        self._tended = 0.0
        self._is_member = False
        self._reader = ThreadPoolExecutor(1)
        self._ahead: Future[list[Entry]] | None = None
        self._committed: list[Entry] = []
        self._is_behind = False

    def stop(self) -> None:
        """Finishes the batch at hand, then `run` returns."""
        self._stopping.set()

    @_without_search_for_cycles
    def run(self) -> None:
        pause = SHORTEST_PAUSE
        while self._ahead or not self._stopping.is_set():
            try:
                self.turn()
                pause = SHORTEST_PAUSE
            except (RedisError, DatabaseFailure, OSError) as error:
                log.warning("will try again in %.0f s: %s", pause, error)
                self._reconnect()
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    @_without_search_for_cycles
    def drain(self) -> None:
        """Until nothing is left to read. For tests, benchmarks and a planned stop."""
        self._tended = 0.0
        while self.turn(block_ms=None):
            pass

    def turn(self, block_ms: int | None = BLOCK_MS) -> int:
        """What waits on the disk, what others left, then what is new; how many entries were new."""
        self._join()
        if time.monotonic() - self._tended > TEND_SECONDS:
            self._tend()
        entries = self._take_ahead() or self._read(block_ms)
        if entries:
            self._is_behind = len(entries) >= BATCH
            self._digest_by_halves(entries)
            self._committed += entries
            if self._ahead is None:
                self._acknowledge()
        return len(entries)

    def _read(self, block_ms) -> list[Entry]:
        """A batch, or whatever there is of one."""
        entries: list[Entry] = []
        while wanted := min(PORTION, BATCH - len(entries)):
            portion = self._read_portion(wanted, None if entries else block_ms)
            entries += portion
            if len(portion) < wanted:
                break
        return entries

    def _read_portion(self, count, block_ms) -> list[Entry]:
        read: Any = self._redis.xreadgroup(GROUP, self.name, {STREAM: ">"}, count, block_ms)
        return [Entry.read(*entry) for _, found in read for entry in found]

    def _read_ahead(self):
        """While PostgreSQL writes a full batch there is time to let go of the last one, and to read
        the next."""
        if self._is_behind and self._ahead is None and not self._stopping.is_set():
            self._ahead = self._reader.submit(self._turn_over)

    def _turn_over(self):
        self._acknowledge()
        return self._read(None)

    def _acknowledge(self):
        """What is committed, and nothing else."""
        committed, self._committed = self._committed, []
        if committed:
            self._done(committed)

    def _take_ahead(self) -> list[Entry]:
        """What was read ahead, if anything was. Raises RedisError."""
        ahead, self._ahead = self._ahead, None
        return ahead.result() if ahead else []

    def _join(self):
        if self._is_member:
            return
        try:
            self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._is_member = True

    def _reconnect(self):
        """Redis may come back empty, without the group; PostgreSQL without this connection."""
        self._is_member = False
        connection.close()

    def _tend(self):
        self._spool.replay(self._redis)
        while self._adopt():
            pass
        self._forget_consumers()
        self._trim()
        gc.collect(1)
        self._tended = time.monotonic()

    # --- A batch -------------------------------------------------------------------------------
    def _digest(self, entries: Sequence[Entry]) -> None:
        self._digest_by_halves(entries)
        self._done(entries)

    def _digest_by_halves(self, entries):
        """All at once; when something is wrong with one of them, each half by itself, and so on:
        its neighbours wait for a few transactions, not for one each."""
        try:
            self._store(entries)
        except UNFIT as error:
            if len(entries) == 1:
                self._bury(entries[0], f"{type(error).__name__}: {error}")
                return
            middle = len(entries) // 2
            self._digest_by_halves(entries[:middle])
            self._digest_by_halves(entries[middle:])

    def _store(self, entries):
        """As often as it takes: handing them out again would count against the entries."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                clicks = [entry.click or decode(entry.words) for entry in entries]
                return take_in(clicks, self._read_ahead)
            except UNFIT:
                raise
            except DatabaseFailure as error:
                log.warning("%d clicks wait for the database: %s", len(entries), error)
                connection.close()
                if self._stopping.wait(pause):
                    raise
                pause = min(pause * 2, LONGEST_PAUSE)

    def _done(self, entries):
        """After the commit: until then a death hands them to somebody else."""
        for start in range(0, len(entries), PORTION):
            portion = entries[start : start + PORTION]
            self._redis.xack(STREAM, GROUP, *(entry.id for entry in portion))
        self._trim()

    def _bury(self, entry, reason):
        log.error("click %s goes to the dead letters: %s", entry.id, reason)
        about = {"entry": entry.id, "reason": reason[:500]}
        self._redis.xadd(DEAD, {**entry.fields, **about})

    # --- What others left behind ---------------------------------------------------------------
    def _adopt(self) -> int:
        """Takes over what a dead consumer held; how many entries that were.

        Not XAUTOCLAIM, which does not say how often an entry was handed out: one that kills its
        consumer must be found out, and must not take its neighbours to the dead letters.
        """
        left: Any = self._redis.xpending_range(
            STREAM, GROUP, min="-", max="+", count=BATCH, idle=IDLE_MS
        )
        tried = {entry["message_id"]: entry["times_delivered"] for entry in left}
        for ids in _portions(tried):
            if entries := self._claim(ids):
                self._take_over(entries, tried)
        return len(tried)

    def _claim(self, ids):
        """Unless another consumer was faster. What has been trimmed meanwhile does not come."""
        found = self._redis.xclaim(STREAM, GROUP, self.name, IDLE_MS, ids)
        return [Entry.read(*entry) for entry in found]

    def _take_over(self, entries, tried):
        if tried[entries[0].id] >= MOST:
            self._bury(entries[0], f"handed out {tried[entries[0].id]} times")
            self._done(entries)
        else:
            self._digest(entries)

    def _forget_consumers(self):
        for other in self._redis.xinfo_consumers(STREAM, GROUP):
            gone = not other["pending"] and other["idle"] > FORGET_CONSUMER_MS
            if gone and other["name"] != self.name:
                self._redis.xgroup_delconsumer(STREAM, GROUP, other["name"])

    def _trim(self):
        """Drops what is committed, and nothing else: never by length."""
        # In this order: what is handed out between the two questions is younger than the first.
        group = next(g for g in self._redis.xinfo_groups(STREAM) if g["name"] == GROUP)
        pending = self._redis.xpending(STREAM, GROUP)
        handed_out = group["last-delivered-id"]
        self._redis.xtrim(STREAM, minid=min(pending["min"] or handed_out, handed_out, key=_order))


def _portions(tried: dict[str, int]) -> Iterator[list[str]]:
    """Entries to be taken over together: as many as have been handed out equally often, the fewer
    the oftener."""
    for times in sorted(set(tried.values())):
        ids = [pk for pk, handed_out in tried.items() if handed_out == times]
        size = max(BATCH // FEWER ** (times - 1), 1)
        for start in range(0, len(ids), size):
            yield ids[start : start + size]


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, number = entry_id.split("-")
    return int(milliseconds), int(number)
