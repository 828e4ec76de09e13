"""A click on its way into the database: plain values, because thousands come every second."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from campaigns.tracking.stream import EPOCH, LIMITS, ClickEvent, printable

A_MILLISECOND = timedelta(milliseconds=1)
AGENT, REFERRER, PURPOSE = LIMITS["agent"], LIMITS["referrer"], LIMITS["purpose"]
# What a datetime can hold, and so can PostgreSQL.
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999


class Arrival(NamedTuple):
    """What a ClickEvent says; in this order, so that arrivals sort by their time.

    at: milliseconds since 1970. id: the sixteen bytes of the event's own number. visitor: bytes,
    or None for who asks not to be counted.
    """

    at: int
    id: bytes
    link_id: int
    agent: str = ""
    referrer: str = ""
    purpose: str = ""
    visitor: bytes | None = None

    @classmethod
    def of(cls, event: ClickEvent) -> "Arrival":
        at = (event.at - EPOCH) // A_MILLISECOND
        said = event.agent, event.referrer, event.purpose
        return cls(at, event.id.bytes, event.link_id, *said, event.visitor)


def decode(words: Sequence[str]) -> Arrival:
    """From a stream entry as Redis gives it: name, value, name, value.

    Raises ValueError, KeyError or OverflowError for what never was an event.
    """
    given = iter(words)
    fields = dict(zip(given, given, strict=True))
    number, at, visitor = bytes.fromhex(fields["i"]), int(fields["t"]), fields.get("v")
    if len(number) != 16:
        raise ValueError(f"no event's number: {fields['i']}")
    if not FIRST_MS <= at <= LAST_MS:
        raise OverflowError(f"no event's time: {at}")
    return Arrival(
        at,
        number,
        int(fields["l"]),
        _fit(fields.get("a", ""), AGENT),
        _fit(fields.get("r", ""), REFERRER),
        _fit(fields.get("p", ""), PURPOSE),
        bytes.fromhex(visitor) if visitor else None,
    )


def _fit(text, limit):
    return (text if text.isprintable() else printable(text))[:limit]
