"""Clicks as PostgreSQL reads them fastest: the binary format of COPY.

https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". What many clicks have in
common (an agent, a verdict, a department) is written out once and kept.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct

from campaigns.tracking.arrivals import Arrival
from campaigns.tracking.classify import Verdict

COPY = """
COPY campaigns_click (id, at, link_id, agent, referrer, purpose, department_id, kind, reason,
                      is_first, visitor) FROM STDIN (FORMAT BINARY)
"""
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
# PostgreSQL's own epoch, 1 January 2000, in milliseconds.
EPOCH = 946_684_800_000
# Eleven columns, and the first three of them, each after its length.
START = Struct(">hi16siqiq").pack
NUMBER = Struct(">iq").pack
LENGTH = Struct(">i").pack


def table(
    clicks: Sequence[Arrival], verdicts: Iterable[Verdict], departments: Iterable[int | None]
) -> bytes:
    """All that COPY wants to be given, in one piece."""
    parts = [HEADER]
    for click, verdict, department in zip(clicks, verdicts, departments, strict=True):
        at, number, link, agent, referrer, purpose, visitor = click
        parts += (
            START(11, 16, number, 8, (at - EPOCH) * 1000, 8, link),
            _texts(agent, referrer, purpose),
            _judged(department, *verdict),
            LENGTH(len(visitor)) + visitor if visitor else NULL,
        )
    return b"".join([*parts, TRAILER])


@lru_cache(maxsize=16384)
def _texts(*texts):
    return b"".join(map(_text, texts))


@lru_cache(maxsize=16384)
def _judged(department, kind, reason, is_first):
    number = NULL if department is None else NUMBER(8, department)
    return number + _text(kind) + _text(reason) + LENGTH(1) + bytes([is_first])


def _text(text):
    encoded = text.encode()
    return LENGTH(len(encoded)) + encoded
