"""A click event, and its way from the edge to the consumer: a Redis stream, or a spool on disk."""

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

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
        return cls(
            uuid.uuid4(),
            at.replace(microsecond=at.microsecond // 1000 * 1000),
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

    def to_command(self) -> tuple[str, ...]:
        """What appends it to the stream. No MAXLEN: it would drop what is unread."""
        return "XADD", STREAM, "*", *chain.from_iterable(self.to_fields().items())

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
