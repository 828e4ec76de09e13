"""A click event, and its way from the edge to the consumer: a Redis stream, or a spool on disk."""

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import hiredis
from django.utils import timezone
from redis import Redis

STREAM = "clicks"
DEAD = "clicks:dead"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIMITS = {"agent": 400, "referrer": 100, "purpose": 60}


@dataclass(frozen=True, slots=True)
class ClickEvent:
    """What the edge saw of one answered request. `id` is what makes it count once.

    at: aware, in whole milliseconds. visitor: 16 bytes, or None for who asks not to be counted.
    """

    id: uuid.UUID
    at: datetime
    link_id: int
    agent: str = ""
    referrer: str = ""
    purpose: str = ""
    visitor: bytes | None = None

    @classmethod
    def make(
        cls,
        link_id: int,
        *,
        at: datetime | None = None,
        agent: str = "",
        referrer: str = "",
        purpose: str = "",
        visitor: bytes | None = None,
    ) -> "ClickEvent":
        """A new event, now or at the time given; texts are made fit for the database."""
        at = at or timezone.now()
        at_ms = (at - EPOCH) // timedelta(milliseconds=1)
        return cls(
            uuid.UUID(_new_id(at_ms)),
            EPOCH + timedelta(milliseconds=at_ms),
            link_id,
            printable(agent)[: LIMITS["agent"]],
            printable(referrer)[: LIMITS["referrer"]],
            printable(purpose)[: LIMITS["purpose"]],
            visitor,
        )

    def to_fields(self) -> dict[str, str]:
        """As a stream entry: short names, text only, nothing that is empty."""
        fields = {
            "i": self.id.hex,
            "t": str(round(self.at.timestamp() * 1000)),
            "l": str(self.link_id),
            "a": self.agent,
            "r": self.referrer,
            "p": self.purpose,
            "v": self.visitor.hex() if self.visitor else "",
        }
        return {name: value for name, value in fields.items() if value}

    def to_command(self) -> str:
        """What appends it to the stream, ready to be sent."""
        return command(*(field(name, value) for name, value in self.to_fields().items()))

    @classmethod
    def from_command(cls, text: str) -> "ClickEvent":
        """The reverse, for the day when there is nobody to send it to."""
        words = hiredis.Reader(encoding="utf-8")
        words.feed(text.encode())
        _, _, _, *fields = words.gets()
        return cls.from_fields(dict(zip(fields[::2], fields[1::2], strict=True)))

    @classmethod
    def from_fields(cls, fields: dict[str, str]) -> "ClickEvent":
        """The reverse. Raises ValueError, KeyError or OverflowError for what never was an event."""
        return cls(
            id=uuid.UUID(fields["i"]),
            at=EPOCH + timedelta(milliseconds=int(fields["t"])),
            link_id=int(fields["l"]),
            agent=printable(fields.get("a", ""))[: LIMITS["agent"]],
            referrer=printable(fields.get("r", ""))[: LIMITS["referrer"]],
            purpose=printable(fields.get("p", ""))[: LIMITS["purpose"]],
            visitor=bytes.fromhex(fields["v"]) if fields.get("v") else None,
        )


# --- As Redis is told ------------------------------------------------------------------------
# The edge has a few microseconds for a click: it puts together what was written out before, and
# what all clicks of a moment came to is turned into bytes at once (recorder).
def _words(*words):
    return "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)


# By the number of fields. No MAXLEN: it would drop what is unread.
_APPEND = [f"*{3 + 2 * count}\r\n{_words('XADD', STREAM, '*')}" for count in range(10)]
_ID, _TIME = _words("i"), _words("t")


@lru_cache(maxsize=16384)
def field(name: str, value: str) -> str:
    """A part of a command; "" for one without a value, which is left out."""
    return _words(name, value) if value else ""


def command(*fields: str) -> str:
    """What appends an entry to the stream, in Redis' own notation."""
    there = [part for part in fields if part]
    return _APPEND[len(there)] + "".join(there)


def click(at_ms: int, link: str, agent: str, referrer: str, visitor: bytes) -> str:
    """The command of a new click of somebody who may be counted, from parts written out before.

    at_ms: milliseconds since 1970. link, agent, referrer: each a `field`.
    """
    given = f"{_ID}$32\r\n{_new_id(at_ms)}\r\n{_TIME}$13\r\n{at_ms}\r\n"
    known = f"{link}{agent}{referrer}$1\r\nv\r\n$32\r\n{visitor.hex()}\r\n"
    return f"{_APPEND[4 + (agent != '') + (referrer != '')]}{given}{known}"


class _Random:
    """Digits, drawn from the system a few hundred at a time: each drawing is a system call."""

    DIGITS, CLICKS = 18, 256

    def __init__(self):
        self._drawn: list[str] = []

    def digits(self) -> str:
        if not self._drawn:
            all_of_them = os.urandom(self.DIGITS * self.CLICKS // 2).hex()
            places = range(0, len(all_of_them), self.DIGITS)
            self._drawn = [all_of_them[place : place + self.DIGITS] for place in places]
        return self._drawn.pop()


_random = _Random()


def _new_id(at_ms):
    """A UUID of version 7, as hexadecimal digits: it begins with the time, so that what is stored
    together stays together in an index. 72 bits of chance for each millisecond.
    """
    digits = _random.digits()
    return f"{at_ms:012x}7{digits[:3]}8{digits[3:]}"


def printable(text: str) -> str:
    """Without what PostgreSQL refuses (NUL, lone surrogates) and what would garble a log."""
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def push(redis: Redis, entries: Iterable[dict]) -> None:
    """Appends entries and returns once Redis has them. No MAXLEN: it would drop what is unread."""
    pipeline = redis.pipeline(transaction=False)
    for fields in entries:
        pipeline.xadd(STREAM, fields)
    pipeline.execute()


class Spool:
    """Where events wait on this machine's disk while Redis is away: one small file per write.

    A file appears whole or not at all, so a reader needs no lock; read twice, it counts once.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def keep(self, events: Iterable[ClickEvent]) -> None:
        """Returns once the disk has them. Raises OSError when it does not take them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = uuid.uuid4().hex
        part = self.folder / f"{name}.part"
        with part.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(event.to_fields()) + "\n" for event in events)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self.folder / f"{name}.jsonl")
        self._sync_folder()

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def replay(self, redis: Redis) -> int:
        """Moves every file into the stream; gives how many events. Raises RedisError, OSError."""
        moved = 0
        for file in self.files():
            entries = list(_lines(file))
            push(redis, entries)
            file.unlink(missing_ok=True)
            moved += len(entries)
        return moved

    def _sync_folder(self):
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _lines(file: Path) -> Iterator[dict[str, str]]:
    """A line that is no event goes into the stream as it is, and from there to the dead letters."""
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            fields = None
        yield fields if isinstance(fields, dict) and fields else {"broken": line[:1000]}
