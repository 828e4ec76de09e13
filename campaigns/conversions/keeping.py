"""How long conversions are kept, and their totals once more from them."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from campaigns.conversions.models import Conversion, ConversionTally
from campaigns.conversions.settling import take_turns
from campaigns.tracking.classify import local_day
from campaigns.tracking.ingest import day_bounds

# A row is what an event reported again is known by; thirteen months hold a season and the next.
KEPT_DAYS = 395
SHOWN = 10
REBUILD = """
INSERT INTO campaigns_conversiontally
       (day, goal_id, campaign_id, content_id, network_id, department_id, conversions)
SELECT (c.occurred_at AT TIME ZONE %(zone)s)::date, c.goal_id, goal.campaign_id, c.content_id,
       c.network_id, c.department_id, count(*)
FROM campaigns_conversion c JOIN campaigns_goal goal ON goal.id = c.goal_id
WHERE c.state = 'attributed' AND c.occurred_at >= %(from)s
GROUP BY 1, 2, 3, 4, 5, 6
"""
UNEQUAL = """
WITH raw AS (
    SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, goal_id, content_id, network_id,
           department_id, count(*) AS n
    FROM campaigns_conversion WHERE state = 'attributed' AND occurred_at >= %(from)s
    GROUP BY 1, 2, 3, 4, 5
)
SELECT format('%%s, goal %%s: %%s conversions are tallied, there are %%s',
              coalesce(raw.day, t.day), coalesce(raw.goal_id, t.goal_id),
              coalesce(t.conversions, 0), coalesce(raw.n, 0))
FROM raw FULL JOIN (SELECT * FROM campaigns_conversiontally WHERE day >= %(day)s) t
  ON t.goal_id = raw.goal_id AND t.day = raw.day AND t.content_id = raw.content_id
 AND t.network_id = raw.network_id
 AND coalesce(t.department_id, 0) = coalesce(raw.department_id, 0)
WHERE raw.n IS DISTINCT FROM t.conversions::bigint
LIMIT %(shown)s
"""


def whole_from() -> date:
    """The first day of which every conversion is still there."""
    return local_day(timezone.now()) - timedelta(days=KEPT_DAYS)


@transaction.atomic
def drop_old() -> int:
    """Conversions of earlier days than are kept; how many there were. Totals stay."""
    take_turns()
    start, _end = day_bounds(whole_from())
    dropped, _each = Conversion.objects.filter(occurred_at__lt=start).delete()
    return dropped


@transaction.atomic
def rebuild() -> None:
    """The totals anew, of the days that are whole. The same however often it is run."""
    take_turns()
    ConversionTally.objects.filter(day__gte=whole_from()).delete()
    with connection.cursor() as cursor:
        cursor.execute(REBUILD, _since())


def breaches() -> Iterator[str]:
    """What should not be so, a sentence each; nothing when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(UNEQUAL, _since() | {"shown": SHOWN})
        yield from (text for (text,) in cursor.fetchall())
    unasked = Conversion.objects.filter(ambassador__isnull=False, ambassador__credit=None)
    for conversion in unasked[:SHOWN]:
        yield f"conversion {conversion.pk} names an ambassador who has not asked for it"


def _since():
    day = whole_from()
    return {"zone": settings.TIME_ZONE, "day": day, "from": day_bounds(day)[0]}
