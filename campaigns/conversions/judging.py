"""Which click each of many conversions is owed to, if to any: a handful of questions for them all.

First touch: of a visitor's clicks on the campaign, the earliest within the window has the credit.
Visitors are known again within one day only (their hash is of that day), so "first" is the first
click of the day of the click whose id came back; what the same person clicked on another day is
another visitor's, to us and to everybody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from campaigns.conversions.models import Conversion, mark_of
from campaigns.tracking.classify import local_day
from campaigns.tracking.ingest import day_bounds
from campaigns.tracking.models import ClickKind

Reason = Conversion.Reason
PEOPLE = {ClickKind.HUMAN, ClickKind.REPEAT}
# A click waits on a disk when Redis was away; after that nobody expects it any more.
PATIENCE = timedelta(days=3)
# The site's clock and ours are not the same.
SKEW = timedelta(minutes=2)

# With their time, or PostgreSQL would look through every month.
TOLD = """
SELECT click.id, click.at, click.kind, click.visitor, click.department_id, link.content_id,
       content.campaign_id, link.network_id, link.ambassador_id
FROM unnest(%(at)s::timestamptz[], %(id)s::uuid[]) AS told (at, id)
JOIN campaigns_click click ON click.at = told.at AND click.id = told.id
JOIN campaigns_link link ON link.id = click.link_id
JOIN campaigns_content content ON content.id = link.content_id
WHERE click.at BETWEEN %(from)s AND %(to)s
"""
# Only links that were clicked that day: a campaign may have a hundred thousand.
FIRST = """
SELECT DISTINCT ON (told.pk) told.pk,
       click.id, click.at, click.kind, click.visitor, click.department_id, link.content_id,
       content.campaign_id, link.network_id, link.ambassador_id
FROM unnest(%(pk)s::bigint[], %(campaign)s::bigint[], %(day)s::date[], %(visitor)s::bytea[],
            %(since)s::timestamptz[], %(until)s::timestamptz[])
     AS told (pk, campaign, day, visitor, since, until)
JOIN campaigns_tally tally ON tally.campaign_id = told.campaign AND tally.day = told.day
                          AND tally.kind = 'human'
JOIN campaigns_click click ON click.link_id = tally.link_id AND click.visitor = told.visitor
                          AND click.kind = 'human'
                          AND click.at BETWEEN told.since AND told.until
JOIN campaigns_link link ON link.id = click.link_id
JOIN campaigns_content content ON content.id = link.content_id
WHERE click.at BETWEEN %(from)s AND %(to)s
ORDER BY told.pk, click.at, click.id
"""


class NotYet(Exception):
    """Its click has not come in."""


class Touch(NamedTuple):
    """A click and what its link leads back to."""

    id: UUID
    at: datetime
    kind: str
    visitor: bytes | None
    department: int | None
    content: int
    campaign: int
    network: int
    ambassador: int | None

    @property
    def mark(self) -> bytes:
        return mark_of(self.id.bytes)


class Verdict(NamedTuple):
    """touch: to which a conversion is owed; None where it counts for nobody, for this reason."""

    conversion: Conversion
    reason: str
    touch: Touch | None


def judge(conversions: Sequence[Conversion]) -> list[Verdict]:
    """What each comes to, without those whose click is not there yet.

    conversions: with their goal, and the click they name. Of two of one visitor the earlier in
    the list counts.
    """
    told = _told(conversions)
    touches = _first_touches([(c, told[c.click_id]) for c in conversions if c.click_id in told])
    taken = _taken(touches.values(), conversions)
    verdicts = []
    for conversion in conversions:
        try:
            reason = _refusal(conversion, told.get(conversion.click_id))
        except NotYet:
            continue
        touch = None if reason else touches.get(conversion.pk)
        verdicts.append(_verdict(conversion, reason, touch, taken))
    return verdicts


def _verdict(conversion, reason, touch, taken):
    if reason or touch is None:
        return Verdict(conversion, reason or Reason.TOO_LATE, None)
    place = (conversion.goal_id, touch.mark)
    if place in taken:
        return Verdict(conversion, Reason.AGAIN, None)
    taken.add(place)
    return Verdict(conversion, "", touch)


def _refusal(conversion: Conversion, told: Touch | None) -> str:
    """Why it counts for nobody, as far as the click that came back says; "". Raises NotYet."""
    goal = conversion.goal
    if conversion.click_at > conversion.occurred_at + SKEW:
        return Reason.BEFORE_CLICK
    # Any earlier touch is out of the window too; and its click may be gone from our books.
    if conversion.click_at < conversion.occurred_at - goal.window:
        return Reason.TOO_LATE
    if told is None:
        if timezone.now() - conversion.received_at > PATIENCE:
            return Reason.NO_CLICK
        raise NotYet
    if told.campaign != goal.campaign_id:
        return Reason.OTHER_CAMPAIGN
    if goal.ended_at and told.at > goal.ended_at:
        return Reason.CLOSED
    if told.kind == ClickKind.SELF:
        return Reason.OWN
    return "" if told.kind in PEOPLE else Reason.NOT_A_PERSON


def _told(conversions) -> dict[UUID, Touch]:
    """The clicks that came back, as far as they are there."""
    at, ids = [c.click_at for c in conversions], [c.click_id for c in conversions]
    rows = _rows(TOLD, {"at": at, "id": ids, "from": min(at), "to": max(at)}) if at else []
    return {row[0]: _touch(row) for row in rows}


def _first_touches(pairs) -> dict[int, Touch]:
    """By conversion, its visitor's first click of that day on the campaign, within the window."""
    unknown = {c.pk: told for c, told in pairs if told.visitor is None}
    known = [(c, told) for c, told in pairs if told.visitor is not None and told.kind in PEOPLE]
    if not known:
        return unknown
    since = [_earliest_of(conversion, told) for conversion, told in known]
    until = [told.at for _, told in known]
    asked = {
        "pk": [conversion.pk for conversion, _ in known],
        "campaign": [told.campaign for _, told in known],
        "day": [local_day(told.at) for _, told in known],
        "visitor": [told.visitor for _, told in known],
    }
    bounds = {"since": since, "until": until, "from": min(since), "to": max(until)}
    return unknown | {pk: _touch(row) for pk, *row in _rows(FIRST, asked | bounds)}


def _earliest_of(conversion, told):
    start, _end = day_bounds(local_day(told.at))
    return max(start, conversion.occurred_at - conversion.goal.window)


def _taken(touches, conversions) -> set[tuple[int, bytes]]:
    """(goal, mark) of the visitors among these who are counted already, by others than these."""
    marks = {touch.mark for touch in touches}
    others = Conversion.objects.exclude(pk__in=[conversion.pk for conversion in conversions])
    rows = others.filter(touch__in=marks).values_list("goal_id", "touch")
    return {(goal, bytes(touch)) for goal, touch in rows}


def _touch(row):
    touch = Touch(*row)
    return touch._replace(visitor=bytes(touch.visitor) if touch.visitor else None)


def _rows(statement, asked):
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return cursor.fetchall()
