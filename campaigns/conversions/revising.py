"""Verdicts once more, of visitors whose clicks were judged otherwise afterwards."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import connection

from campaigns.conversions.judging import judge
from campaigns.conversions.models import Conversion, mark_of
from campaigns.conversions.settling import columns, lock_wishes, take_turns, write
from campaigns.tracking.classify import local_day
from campaigns.tracking.reclassify import Changes, follow

# A first touch is another when any click of that visitor's day is.
OF_THE_SAME = """
WITH changed AS (
    SELECT id, visitor FROM campaigns_click
    WHERE at >= %(start)s AND at < %(end)s AND id = ANY(%(ids)s::uuid[])
)
SELECT id, at FROM campaigns_click
WHERE at >= %(start)s AND at < %(end)s
  AND (id IN (SELECT id FROM changed) OR visitor IN (SELECT visitor FROM changed))
"""
UNDO = """
UPDATE campaigns_conversion
SET state = 'pending', reason = '', touch = NULL, content_id = NULL, network_id = NULL,
    department_id = NULL, ambassador_id = NULL, click_id = v.click_id, click_at = v.click_at
FROM unnest(%s::bigint[], %s::uuid[], %s::timestamptz[]) AS v (id, click_id, click_at)
WHERE campaigns_conversion.id = v.id
"""
TAKE_OFF = """
UPDATE campaigns_conversiontally AS total SET conversions = total.conversions - v.n
FROM unnest(%s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::integer[])
     AS v (day, goal_id, content_id, network_id, department_id, n)
WHERE total.day = v.day AND total.goal_id = v.goal_id AND total.content_id = v.content_id
  AND total.network_id = v.network_id
  AND total.department_id IS NOT DISTINCT FROM v.department_id
"""


@follow
def revise(changes: Changes) -> None:
    """Judges again what is owed to these clicks, or was refused for them; totals follow.

    In the transaction that changed the clicks. A settled row does not say which click it came
    from: it is known again by its mark, from the clicks that are asked about.
    """
    known = Conversion.objects.exclude(state=Conversion.State.PENDING)
    if not known.filter(occurred_at__gte=changes.start).exists():
        return
    take_turns()
    clicks = {mark_of(pk.bytes): (pk, at) for pk, at in _clicks_beside(changes)}
    if owed := _owed(known.filter(occurred_at__gte=changes.start), clicks):
        verdicts = judge(owed)
        # Before any row is: a withdrawal holds the wish, and then waits for the rows.
        lock_wishes(verdicts)
        _undo(owed)
        write(verdicts)


def _clicks_beside(changes) -> list[tuple[UUID, datetime]]:
    asked = {"start": changes.start, "end": changes.end, "ids": changes.ids}
    with connection.cursor() as cursor:
        cursor.execute(OF_THE_SAME, asked)
        return cursor.fetchall()


def _owed(known, clicks) -> list[Conversion]:
    """Those whose click is one of these, which they name again."""
    rows = known.values_list("pk", "click").iterator()
    pks = [pk for pk, mark in rows if bytes(mark) in clicks]
    found = Conversion.objects.filter(pk__in=pks).select_related("goal")
    owed = list(found.order_by("received_at", "pk"))
    for conversion in owed:
        conversion.click_id, conversion.click_at = clicks[bytes(conversion.click)]
    return owed


def _undo(owed) -> None:
    """No row may hold a visitor while another is given them."""
    counted = Counter(_place(c) for c in owed if c.state == Conversion.State.ATTRIBUTED)
    with connection.cursor() as cursor:
        cursor.execute(UNDO, columns((c.pk, c.click_id, c.click_at) for c in owed))
        if counted:
            cursor.execute(TAKE_OFF, columns((*where, n) for where, n in counted.items()))
            cursor.execute("DELETE FROM campaigns_conversiontally WHERE conversions = 0")


def _place(conversion):
    where = (conversion.content_id, conversion.network_id, conversion.department_id)
    return (local_day(conversion.occurred_at), conversion.goal_id, *where)
