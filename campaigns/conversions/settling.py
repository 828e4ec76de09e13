"""Verdicts written down with the totals, in one transaction: what waits, and what is revised."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from campaigns.conversions.judging import Verdict, judge
from campaigns.conversions.models import Conversion, Credit
from campaigns.tracking.classify import local_day

TURNS = 0x7076636F6E76
# Of one transaction, which others wait for: a second or so.
CHUNK = 5000

END = """
UPDATE campaigns_conversion AS conversion
SET state = CASE v.reason WHEN '' THEN 'attributed' ELSE 'unattributed' END, reason = v.reason,
    touch = v.touch, content_id = v.content, network_id = v.network,
    department_id = v.department, ambassador_id = v.ambassador, click_id = NULL, click_at = NULL
FROM unnest(%s::bigint[], %s::text[], %s::bytea[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::bigint[])
     AS v (id, reason, touch, content, network, department, ambassador)
WHERE conversion.id = v.id
"""
ADD = """
INSERT INTO campaigns_conversiontally AS total
       (day, goal_id, campaign_id, content_id, network_id, department_id, conversions)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                     %s::bigint[], %s::integer[])
ON CONFLICT (goal_id, day, content_id, network_id, department_id)
DO UPDATE SET conversions = total.conversions + excluded.conversions
"""


def settle_all() -> int:
    """Settles what waits; how many of them wait no more. Safe to run twice at once."""
    waiting = Conversion.objects.pending().order_by("received_at", "pk")
    pks = list(waiting.values_list("pk", flat=True))
    return sum(settle(pks[start : start + CHUNK]) for start in range(0, len(pks), CHUNK))


@transaction.atomic
def settle(pks: Sequence[int]) -> int:
    """Decides about these as far as they are pending and their clicks there; how many it were."""
    take_turns()
    waiting = Conversion.objects.pending().filter(pk__in=pks).select_related("goal")
    verdicts = judge(list(waiting.order_by("received_at", "pk")))
    write(verdicts)
    return len(verdicts)


def take_turns() -> None:
    """One at a time until the commit: of two at once, both would count one visitor."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def write(verdicts: Sequence[Verdict]) -> None:
    """The rows, and what they add to the totals. To be called with the turn taken."""
    if not verdicts:
        return
    wishes = lock_wishes(verdicts)
    rows = [_row(verdict, wishes) for verdict in verdicts]
    places = Counter(_place(verdict) for verdict in verdicts if verdict.touch)
    with connection.cursor() as cursor:
        cursor.execute(END, columns(rows))
        if places:
            cursor.execute(ADD, columns((*where, n) for where, n in places.items()))


def lock_wishes(verdicts: Sequence[Verdict]) -> dict[int, datetime]:
    """Since when each ambassador asks for it; a withdrawal meanwhile waits for this commit."""
    names = {verdict.touch.ambassador for verdict in verdicts if verdict.touch}
    asked = Credit.objects.select_for_update().filter(ambassador__in=names - {None})
    return dict(asked.order_by("pk").values_list("pk", "since"))


def _row(verdict, wishes):
    conversion, reason, touch = verdict
    if touch is None:
        return (conversion.pk, str(reason), None, None, None, None, None)
    since = wishes.get(touch.ambassador)
    # What came before the wish stays nobody's, when it is judged again too.
    name = touch.ambassador if since and since <= conversion.received_at else None
    return (conversion.pk, "", touch.mark, touch.content, touch.network, touch.department, name)


def _place(verdict):
    conversion, _reason, touch = verdict
    where = (touch.campaign, touch.content, touch.network, touch.department)
    return (local_day(conversion.occurred_at), conversion.goal_id, *where)


def columns(rows: Iterable[tuple]) -> list[list]:
    """As unnest takes them; at least one row."""
    return [list(column) for column in zip(*rows, strict=True)]
