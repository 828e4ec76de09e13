"""Click events into Click rows and rollups: each event once, however often it is handed over."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns.tracking import partitions, rollups, sql
from campaigns.tracking.arrivals import Arrival
from campaigns.tracking.binary import COPY, table
from campaigns.tracking.classify import (
    Judge,
    Past,
    Trail,
    Verdict,
    day_and_hour,
    day_bounds,
    moment,
    scans,
    trail_of,
)
from campaigns.tracking.models import ClickKind
from campaigns.tracking.stream import ClickEvent

# The more at once, the more of them meet in the same row of a rollup.
BATCH = 50_000
TURNS = 0x70762D636C69636B
KINDS_OF_PEOPLE = [ClickKind.HUMAN, ClickKind.REPEAT, ClickKind.SELF]

KNOWN = """
SELECT c.id FROM unnest(%s::bigint[], %s::uuid[]) AS e (ms, id)
JOIN campaigns_click c ON c.at = 'epoch'::timestamptz + e.ms * interval '1 ms' AND c.id = e.id
WHERE c.at BETWEEN %s AND %s
"""
# is_unproved: may a click of this batch prove a share that nothing proved so early before?
ORIGINS = """
SELECT link.id, link.ambassador_id, link.content_id, content.campaign_id, link.network_id,
       person.department_id, (extract(epoch FROM link.created_at) * 1000)::bigint,
       EXISTS (SELECT FROM campaigns_share share WHERE share.link_id = link.id
               AND (share.seen_at IS NULL OR share.seen_at > %s))
FROM campaigns_link link
JOIN campaigns_content content ON content.id = link.content_id
LEFT JOIN ambassadors_person person ON person.user_id = link.ambassador_id
WHERE link.id = ANY(%s::bigint[])
"""
PASTS = """
SELECT t.n, earliest.kind = 'self',
       (extract(epoch FROM coalesce(latest.at, earliest.at)) * 1000)::bigint
FROM unnest(%(link)s::bigint[], %(visitor)s::bytea[], %(at)s::bigint[])
     WITH ORDINALITY AS t (link_id, visitor, ms, n)
JOIN LATERAL (
    SELECT c.kind, c.at FROM campaigns_click c
    WHERE c.link_id = t.link_id AND c.visitor = t.visitor AND c.kind = ANY(%(people)s)
      AND c.at >= %(start)s AND c.at < %(end)s
    ORDER BY c.at LIMIT 1
) earliest ON true
LEFT JOIN LATERAL (
    SELECT c.at FROM campaigns_click c
    WHERE c.link_id = t.link_id AND c.visitor = t.visitor AND c.kind = ANY(%(people)s)
      AND c.at >= %(start)s AND c.at < %(end)s
      AND c.at <= 'epoch'::timestamptz + t.ms * interval '1 ms'
    ORDER BY c.at DESC LIMIT 1
) latest ON true
"""
# The earliest click that proves the post: after it was opened, before it was given up.
SEEN = """
UPDATE campaigns_share AS share SET seen_at = proof.at
FROM (
    SELECT s.id, min(c.at) AS at FROM campaigns_share s
    JOIN (
        SELECT link_id, 'epoch'::timestamptz + ms * interval '1 ms' AS at
        FROM unnest(%s::bigint[], %s::bigint[]) AS given (link_id, ms)
    ) c USING (link_id)
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
    made: int
    is_unproved: bool


def ingest(events: Iterable[ClickEvent]) -> int:
    """Stores and counts events; how many of them were new. One transaction for every 50,000.

    Handed over oldest first, a repeat is told from a first click; late ones are put right by
    `reclassify`. Raises UnknownLink, and then nothing of that batch is stored.
    """
    clicks = [Arrival.of(event) for event in events]
    batches = (clicks[start : start + BATCH] for start in range(0, len(clicks), BATCH))
    return sum(take_in(batch) for batch in batches)


def take_in(batch: Sequence[Arrival], meanwhile: Callable[[], Any] = lambda: None) -> int:
    """The same for one batch that has been decoded already, in one transaction.

    meanwhile: called once PostgreSQL is about to be busy for long, to start something beside it.
    """
    clicks = {click.id: click for click in batch}
    try:
        return _store(clicks, meanwhile)
    except IntegrityError:
        # Some were stored before. That is rare (a consumer died between its commit and its
        # acknowledgement), so nobody asks beforehand.
        return _store_unknown(clicks)


@transaction.atomic
def _store_unknown(clicks):
    take_turns()
    known = _known(clicks.values())
    fresh = {number: click for number, click in clicks.items() if number not in known}
    return _store(fresh, lambda: None)


@transaction.atomic
def _store(clicks: Mapping[bytes, Arrival], meanwhile: Callable[[], Any]) -> int:
    if not clicks:
        return 0
    take_turns()
    ordered = sorted(clicks.values())
    _make_room(ordered)
    origins = _origins(ordered)
    verdicts = _judge(ordered, origins)
    rows = table(ordered, verdicts, (origins[click.link_id].department for click in ordered))
    meanwhile()
    with _inserting(rows):
        counted = _counted(ordered, verdicts, origins)
    rollups.add(counted)
    _mark_seen(ordered, verdicts, origins)
    return len(ordered)


def take_turns() -> None:
    """One at a time until the commit: of two at once, both would find a visitor's first click."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def _make_room(clicks):
    """Months are made ahead of time; sample data and a long-lost spool bring others. A clock gone
    wrong gets none: its clicks are kept in the default partition."""
    now = timezone.now()
    hours = {moment(hour * 3_600_000) for hour in {click.at // 3_600_000 for click in clicks}}
    credible = (at for at in hours if timedelta(days=-1) < now - at < timedelta(days=1100))
    months = {partitions.month_of(at) for at in credible}
    partitions.ensure(partitions.with_the_one_before(months))


def _known(clicks) -> set[bytes]:
    """The numbers of those that are stored already."""
    times = [click.at for click in clicks]
    ids = sql.array(click.id.hex() for click in clicks)
    bounds = moment(min(times)), moment(max(times))
    return {number.bytes for (number,) in sql.ask(KNOWN, [sql.array(times), ids, *bounds])}


def _origins(clicks) -> Mapping[int, Origin]:
    wanted = {click.link_id for click in clicks}
    possible = [pk for pk in wanted if pk < 2**63]
    rows = sql.ask(ORIGINS, [moment(clicks[0].at), sql.array(possible)])
    origins = {pk: Origin(*origin) for pk, *origin in rows}
    if unknown := wanted - set(origins):
        raise UnknownLink(f"no such link: {sorted(unknown)[:10]}")
    return origins


def _judge(clicks, origins) -> list[Verdict]:
    made = {link: origin.made for link, origin in origins.items()}
    judge = Judge(made, _pasts(clicks), scans(clicks))
    return [judge.decide(click) for click in clicks]


def _pasts(clicks) -> dict[Trail, Past]:
    """What is known of the trails in this batch from earlier ones."""
    beginnings: dict[Trail, int] = {}
    for click in reversed(clicks):
        if click.visitor:
            beginnings[trail_of(click)] = click.at
    days = {day for _, _, day in beginnings}
    return {trail: past for day in days for trail, past in _pasts_of(day, beginnings)}


def _pasts_of(day, beginnings):
    trails = [trail for trail in beginnings if trail[2] == day]
    start, end = day_bounds(day)
    parameters = {
        "people": KINDS_OF_PEOPLE,
        "link": sql.array(link for link, _, _ in trails),
        "visitor": sql.bytes_array(visitor for _, visitor, _ in trails),
        "at": sql.array(beginnings[trail] for trail in trails),
        "start": start,
        "end": end,
    }
    for n, own, last in sql.ask(PASTS, parameters):
        yield trails[n - 1], Past(own, last)


@contextmanager
def _inserting(rows):
    """PostgreSQL has the rows; what is done inside is done while it puts them in their places.

    Raises IntegrityError at the end when one of them is stored already.
    """
    with sql.cursor() as cursor, cursor.copy(COPY) as into:
        into.write(rows)
        yield


def _counted(clicks, verdicts, origins) -> dict[rollups.Place, rollups.Figures]:
    counted, new = Counter(), Counter()
    for click, verdict in zip(clicks, verdicts, strict=True):
        place = day_and_hour(click.at)[1], click.link_id, verdict.kind
        counted[place] += 1
        if verdict.is_first:
            new[place] += 1
    return {
        _place(hour, link, kind, origins[link]): (number, new[hour, link, kind])
        for (hour, link, kind), number in counted.items()
    }


def _place(hour, link, kind, origin):
    ambassador, content, campaign, network, department, *_ = origin
    return rollups.Place(hour, link, kind, department, ambassador, content, campaign, network)


def _mark_seen(clicks, verdicts, origins):
    proofs = [
        click
        for click, verdict in zip(clicks, verdicts, strict=True)
        if origins[click.link_id].is_unproved and verdict.kind == ClickKind.HUMAN
    ]
    if proofs:
        sql.ask(SEEN, [sql.array(c.link_id for c in proofs), sql.array(c.at for c in proofs)])
