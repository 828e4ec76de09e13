"""Classes and tallies anew from the raw clicks: the same result however often it is run."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Min

from campaigns.sharing.models import Link
from campaigns.tracking import rollups
from campaigns.tracking.arrivals import Arrival
from campaigns.tracking.classify import (
    SCAN_LINKS,
    Judge,
    day_bounds,
    local_day,
    milliseconds,
    scans,
)
from campaigns.tracking.ingest import take_turns
from campaigns.tracking.models import Click
from campaigns.tracking.partitions import first_whole_day

CHUNK = 5000
UPDATE = """
UPDATE campaigns_click AS click SET kind = v.kind, reason = v.reason, is_first = v.is_first
FROM unnest(%s::timestamptz[], %s::uuid[], %s::text[], %s::text[], %s::boolean[])
     AS v (at, id, kind, reason, is_first)
WHERE click.at = v.at AND click.id = v.id AND click.at BETWEEN %s AND %s
"""
MANY_LINKS = """
SELECT visitor FROM campaigns_click WHERE at >= %s AND at < %s AND visitor IS NOT NULL
GROUP BY visitor HAVING count(DISTINCT link_id) >= %s
"""
# Only what the clicks still tell: a share seen before the oldest of them stays seen. A composer
# opened again moves opened_at, not what was already proved.
SEEN_AGAIN = """
UPDATE campaigns_share AS share SET seen_at = proof.at
FROM (
    SELECT s.id, min(c.at) AS at FROM campaigns_share s
    LEFT JOIN campaigns_click c ON c.link_id = s.link_id AND c.kind = 'human'
        AND c.at >= least(s.opened_at, s.seen_at) AND c.at >= %(from)s
        AND (s.dismissed_at IS NULL OR s.dismissed_at > c.at)
    WHERE s.seen_at IS NULL OR s.seen_at >= %(from)s
    GROUP BY s.id
) proof
WHERE proof.id = share.id AND share.seen_at IS DISTINCT FROM proof.at
"""


class Changes(NamedTuple):
    """The clicks of a day that are judged otherwise than before. end: the first moment after it."""

    start: datetime
    end: datetime
    ids: list[UUID]


Follower = Callable[[Changes], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> Follower:
    """Has a later slice hear of Changes, in their transaction, once the totals are anew."""
    _followers.append(follower)
    return follower


class ClicksGone(Exception):
    """Days whose raw clicks were dropped: what was counted of them cannot be worked out again."""


def reclassify(first: date | None = None, last: date | None = None) -> int:
    """Judges every raw click of these days again; how many changed. One transaction for each day.

    first, last: the organisation's days, both included; by default all that are still whole.
    Raises ClicksGone when a day is asked for that is not; nothing has changed then.
    """
    _refuse_what_is_gone(first, last)
    made = {pk: milliseconds(at) for pk, at in Link.objects.values_list("pk", "created_at")}
    changed = sum(_reclassify_day(day, made) for day in _days(first, last))
    _mark_seen_again()
    return changed


def _refuse_what_is_gone(first, last):
    whole = first_whole_day()
    asked = min(filter(None, [first, last]), default=None)
    if whole and asked and asked < whole:
        raise ClicksGone(
            f"The raw clicks before {whole} are gone, and the totals of those days are final:"
            f" ask for {whole} or later."
        )


def _days(first, last) -> Iterator[date]:
    held = Click.objects.aggregate(first=Min("at"), last=Max("at"))
    if held["first"] is None:
        return
    bounds = [first, local_day(held["first"]), first_whole_day()]
    day = max(bound for bound in bounds if bound)
    final = min(bound for bound in [last, local_day(held["last"])] if bound)
    while day <= final:
        yield day
        day += timedelta(days=1)


@transaction.atomic
def _reclassify_day(day: date, made: Mapping[int, int]) -> int:
    take_turns()
    start, end = day_bounds(day)
    clicks = Click.objects.filter(at__gte=start, at__lt=end)
    judge = Judge(made, {}, scans(map(_arrival, clicks.filter(visitor__in=_busy(start, end)))))
    changes = [
        (click.at, click.id, *verdict)
        for click in clicks.order_by("at", "id").iterator(CHUNK)
        if (verdict := judge.decide(_arrival(click))) != (click.kind, click.reason, click.is_first)
    ]
    for position in range(0, len(changes), CHUNK):
        _update(changes[position : position + CHUNK])
    rollups.rebuild(day)
    if changes:
        _tell(Changes(start, end, [number for _at, number, *_verdict in changes]))
    return len(changes)


def _tell(changes):
    for follower in _followers:
        follower(changes)


def _arrival(click: Click) -> Arrival:
    said = click.agent, click.referrer, click.purpose
    visitor = bytes(click.visitor) if click.visitor else None
    return Arrival(milliseconds(click.at), click.id.bytes, click.link_id, *said, visitor)


def _busy(start, end) -> list[bytes]:
    """The visitors who opened enough links that day to be looked at for bursts."""
    with connection.cursor() as cursor:
        cursor.execute(MANY_LINKS, [start, end, SCAN_LINKS])
        return [visitor for (visitor,) in cursor.fetchall()]


def _update(changes):
    columns = [list(column) for column in zip(*changes, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [*columns, min(columns[0]), max(columns[0])])


@transaction.atomic
def _mark_seen_again():
    take_turns()
    if day := first_whole_day():
        with connection.cursor() as cursor:
            cursor.execute(SEEN_AGAIN, {"from": day_bounds(day)[0]})
