"""Click events into Click rows and tallies: each event once, however often it is handed over."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from campaigns.sharing.models import Link
from campaigns.tracking import partitions, rollups
from campaigns.tracking.classify import (
    Judge,
    Past,
    Trail,
    Verdict,
    by_headers,
    day_bounds,
    local_hour,
    scans,
    trail_of,
)
from campaigns.tracking.models import ClickKind
from campaigns.tracking.stream import ClickEvent

BATCH = 5000
TURNS = 0x70762D636C69636B
KINDS_OF_PEOPLE = [ClickKind.HUMAN, ClickKind.REPEAT, ClickKind.SELF]

KNOWN = """
SELECT c.id FROM unnest(%(at)s::timestamptz[], %(id)s::uuid[]) AS e (at, id)
JOIN campaigns_click c USING (at, id)
WHERE c.at BETWEEN %(first)s AND %(last)s
"""
PASTS = """
SELECT t.n, earliest.kind = 'self', coalesce(latest.at, earliest.at)
FROM unnest(%(link)s::bigint[], %(visitor)s::bytea[], %(start)s::timestamptz[],
            %(end)s::timestamptz[], %(at)s::timestamptz[])
     WITH ORDINALITY AS t (link_id, visitor, start, finish, at, n)
JOIN LATERAL (
    SELECT c.kind, c.at FROM campaigns_click c
    WHERE c.link_id = t.link_id AND c.visitor = t.visitor AND c.kind = ANY(%(people)s)
      AND c.at >= t.start AND c.at < t.finish
    ORDER BY c.at LIMIT 1
) earliest ON true
LEFT JOIN LATERAL (
    SELECT c.at FROM campaigns_click c
    WHERE c.link_id = t.link_id AND c.visitor = t.visitor AND c.kind = ANY(%(people)s)
      AND c.at >= t.start AND c.at <= t.at
    ORDER BY c.at DESC LIMIT 1
) latest ON true
"""
INSERT = """
INSERT INTO campaigns_click (id, at, link_id, department_id, kind, reason, is_first,
                             agent, referrer, purpose, visitor)
SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::text[],
                     %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[], %s::bytea[])
ON CONFLICT DO NOTHING RETURNING id
"""
# The earliest click that proves the post: after it was opened, before it was given up.
SEEN = """
UPDATE campaigns_share AS share SET seen_at = proof.at
FROM (
    SELECT s.id, min(c.at) AS at FROM campaigns_share s
    JOIN unnest(%s::bigint[], %s::timestamptz[]) AS c (link_id, at) USING (link_id)
    WHERE s.opened_at <= c.at AND (s.dismissed_at IS NULL OR s.dismissed_at > c.at)
    GROUP BY s.id
) proof
WHERE proof.id = share.id AND (share.seen_at IS NULL OR share.seen_at > proof.at)
"""


class UnknownLink(Exception):
    """A click on a link that does not exist, or no longer: it cannot be counted anywhere."""


class Origin(NamedTuple):
    """What a link leads back to, today."""

    ambassador: int | None
    content: int
    campaign: int
    network: int
    department: int | None
    made: datetime


class Judged(NamedTuple):
    event: ClickEvent
    verdict: Verdict
    origin: Origin

    @property
    def place(self) -> rollups.Place:
        """Where it is counted."""
        origin = self.origin
        return rollups.Place(
            local_hour(self.event.at),
            self.event.link_id,
            self.verdict.kind,
            origin.department,
            origin.ambassador,
            origin.content,
            origin.campaign,
            origin.network,
        )


def ingest(events: Iterable[ClickEvent]) -> int:
    """Stores and counts events; how many of them were new. One transaction for every 5,000.

    Handed over oldest first, a repeat is told from a first click; late ones are put right by
    `reclassify`. Raises UnknownLink, and then nothing of that batch is stored.
    """
    events = list(events)
    batches = (events[start : start + BATCH] for start in range(0, len(events), BATCH))
    return sum(_ingest(batch) for batch in batches)


@transaction.atomic
def _ingest(batch):
    take_turns()
    _make_room(batch)
    events = _unknown(batch)
    if not events:
        return 0
    if stored := _insert(_judge(events, _origins(events))):
        _add_up(stored)
        _mark_seen(stored)
    return len(stored)


def take_turns() -> None:
    """One at a time until the commit: of two at once, both would find a visitor's first click."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def _make_room(batch):
    """Months are made ahead of time; sample data and a long-lost spool bring others. A clock gone
    wrong gets none: its clicks are kept in the default partition."""
    now = timezone.now()
    credible = (e.at for e in batch if timedelta(days=-1) < now - e.at < timedelta(days=1100))
    months = {partitions.month_of(at) for at in credible}
    partitions.ensure(partitions.with_the_one_before(months))


def _unknown(batch):
    """Without what is stored already and what comes twice, in order of time."""
    events = {event.id: event for event in batch}
    times = [event.at for event in events.values()]
    with connection.cursor() as cursor:
        bounds = {"first": min(times, default=None), "last": max(times, default=None)}
        cursor.execute(KNOWN, {"at": times, "id": list(events)} | bounds)
        for (known,) in cursor.fetchall():
            del events[known]
    return sorted(events.values(), key=lambda event: (event.at, event.id))


def _origins(events) -> Mapping[int, Origin]:
    wanted = {event.link_id for event in events}
    rows: Iterable[tuple[Any, ...]] = Link.objects.filter(pk__in=wanted).values_list(
        "pk",
        "ambassador_id",
        "content_id",
        "content__campaign_id",
        "network_id",
        "ambassador__user__person__department_id",
        "created_at",
    )
    origins = {pk: Origin(*origin) for pk, *origin in rows}
    if unknown := wanted - set(origins):
        raise UnknownLink(f"no such link: {sorted(unknown)[:10]}")
    return origins


def _judge(events, origins) -> list[Judged]:
    made = {link: origin.made for link, origin in origins.items()}
    judge = Judge(made, _pasts(events), scans(events))
    return [Judged(event, judge.decide(event), origins[event.link_id]) for event in events]


def _pasts(events) -> dict[Trail, Past]:
    """What is known of the trails in this batch from earlier ones."""
    beginnings: dict[Trail, datetime] = {}
    for event in events:
        if event.visitor and by_headers(event).kind == ClickKind.HUMAN:
            beginnings.setdefault(trail_of(event), event.at)
    trails = list(beginnings)
    bounds = [day_bounds(trail.day) for trail in trails]
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "people": KINDS_OF_PEOPLE,
            "link": [trail.link_id for trail in trails],
            "visitor": [trail.visitor for trail in trails],
            "start": [start for start, _ in bounds],
            "end": [end for _, end in bounds],
            "at": list(beginnings.values()),
        }
        cursor.execute(PASTS, parameters)
        return {trails[n - 1]: Past(own, last) for n, own, last in cursor.fetchall()}


def _insert(judged: Sequence[Judged]) -> list[Judged]:
    """Those that were really stored."""
    rows = [
        (
            event.id,
            event.at,
            event.link_id,
            origin.department,
            *verdict,
            event.agent,
            event.referrer,
            event.purpose,
            event.visitor,
        )
        for event, verdict, origin in judged
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, _columns(rows))
        stored = {pk for (pk,) in cursor.fetchall()}
    return [one for one in judged if one.event.id in stored]


def _add_up(stored: Sequence[Judged]) -> None:
    clicks = Counter(one.place for one in stored)
    uniques = Counter(one.place for one in stored if one.verdict.is_first)
    rollups.add(clicks, uniques)


def _mark_seen(stored: Sequence[Judged]) -> None:
    people = [one.event for one in stored if one.verdict.kind == ClickKind.HUMAN]
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [[e.link_id for e in people], [e.at for e in people]])


def _columns(rows) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)]
