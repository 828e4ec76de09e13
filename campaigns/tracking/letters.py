"""What is on its way into the database, and what could not get there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis import Redis, ResponseError

from campaigns.tracking.consumer import GROUP
from campaigns.tracking.stream import DEAD, STREAM, Spool

# What the consumer wrote beside a click that it put aside.
ABOUT = {"entry", "reason"}
AT_ONCE = 500


class Backlog(NamedTuple):
    """How many clicks nobody has read yet, how many a consumer holds, how many files wait on this
    machine's disk, how many dead letters there are; and since when the oldest click waits."""

    unread: int
    held: int
    spooled: int
    dead: int
    since: datetime | None


class Letter(NamedTuple):
    """A click that could not be stored. fields: as it came."""

    pk: str
    reason: str
    fields: dict[str, str]


def backlog(redis: Redis, spool: Spool) -> Backlog:
    """Raises RedisError."""
    first: Any = redis.xrange(STREAM, count=1)
    unread, held, oldest = _waiting(redis)
    since = oldest or (first[0][0] if first and unread else None)
    return Backlog(unread, held, len(spool.files()), redis.xlen(DEAD), since and _when(since))


def letters(redis: Redis) -> Iterator[Letter]:
    """The dead letters, oldest first. Raises RedisError."""
    after = "-"
    while found := redis.xrange(DEAD, min=after, count=AT_ONCE):
        for pk, fields in found:
            rest = {name: value for name, value in fields.items() if name not in ABOUT}
            yield Letter(pk, fields.get("reason", ""), rest)
        after = f"({found[-1][0]}"


def replay(redis: Redis) -> int:
    """Sends every dead letter on its way again; how many. What cannot be stored comes back.

    Each in one transaction of Redis, so that none is on neither way; one that is on both for a
    moment counts once.
    """
    sent = 0
    for letter in list(letters(redis)):
        with redis.pipeline(transaction=True) as both:
            both.xadd(STREAM, letter.fields or {"broken": ""})
            both.xdel(DEAD, letter.pk)
            both.execute()
        sent += 1
    return sent


def _waiting(redis):
    """Unread, held, and the oldest that is held."""
    try:
        groups: Any = redis.xinfo_groups(STREAM)
    except ResponseError:  # no stream, hence no clicks yet
        return 0, 0, None
    group = next((g for g in groups if g["name"] == GROUP), None)
    if group is None:
        return redis.xlen(STREAM), 0, None
    held: Any = redis.xpending(STREAM, GROUP)
    return group["lag"] or 0, held["pending"], held["min"]


def _when(entry_id):
    return datetime.fromtimestamp(int(entry_id.partition("-")[0]) / 1000, UTC)
