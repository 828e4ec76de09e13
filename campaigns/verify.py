"""What must always be true of campaigns, contents, shares and clicks."""

from collections.abc import Iterable, Iterator
from contextlib import closing

from django.conf import settings
from django.db import connection
from django.db.models import F
from redis import RedisError

from campaigns.content.models import Content, Review
from campaigns.conversions import keeping as conversions
from campaigns.reach import verify as reach
from campaigns.sharing.models import Share
from campaigns.tracking.classify import day_bounds
from campaigns.tracking.consumer import connect
from campaigns.tracking.models import Salt, Tally
from campaigns.tracking.partitions import first_whole_day
from campaigns.tracking.stream import DEAD

SHOWN = 10
TWICE = """
SELECT format('click %%s is stored %%s times', id, count(*))
FROM campaigns_click GROUP BY id HAVING count(*) > 1 LIMIT %(shown)s
"""
UNEQUAL = """
WITH raw AS (
    SELECT link_id, (at AT TIME ZONE %(zone)s)::date AS day, kind, department_id,
           count(*) AS clicks, count(*) FILTER (WHERE is_first) AS uniques
    FROM campaigns_click WHERE at >= %(from)s GROUP BY 1, 2, 3, 4
)
SELECT format('%%s, link %%s, %%s: %%s clicks and %%s uniques are tallied, there are %%s and %%s',
              coalesce(raw.day, t.day), coalesce(raw.link_id, t.link_id),
              coalesce(raw.kind, t.kind), coalesce(t.clicks, 0), coalesce(t.uniques, 0),
              coalesce(raw.clicks, 0), coalesce(raw.uniques, 0))
FROM raw FULL JOIN (SELECT * FROM campaigns_tally WHERE day >= %(day)s) t
  ON t.link_id = raw.link_id AND t.day = raw.day AND t.kind = raw.kind
 AND coalesce(t.department_id, 0) = coalesce(raw.department_id, 0)
WHERE (raw.clicks, raw.uniques) IS DISTINCT FROM (t.clicks::bigint, t.uniques::bigint)
LIMIT %(shown)s
"""
UNEQUAL_HOURS = """
WITH raw AS (
    SELECT link_id, date_trunc('hour', at, %(zone)s) AS hour, kind, department_id,
           count(*) AS clicks, count(*) FILTER (WHERE is_first) AS uniques
    FROM campaigns_click WHERE at >= %(from)s GROUP BY 1, 2, 3, 4
)
SELECT format('%%s, link %%s, %%s: %%s clicks and %%s uniques are tallied by the hour, '
              'there are %%s and %%s',
              coalesce(raw.hour, t.hour), coalesce(raw.link_id, t.link_id),
              coalesce(raw.kind, t.kind), coalesce(t.clicks, 0), coalesce(t.uniques, 0),
              coalesce(raw.clicks, 0), coalesce(raw.uniques, 0))
FROM raw FULL JOIN (SELECT * FROM campaigns_hourtally WHERE hour >= %(from)s) t
  ON t.link_id = raw.link_id AND t.hour = raw.hour AND t.kind = raw.kind
 AND coalesce(t.department_id, 0) = coalesce(raw.department_id, 0)
WHERE (raw.clicks, raw.uniques) IS DISTINCT FROM (t.clicks::bigint, t.uniques::bigint)
LIMIT %(shown)s
"""
UNEQUAL_TOTALS = """
WITH finer AS (
    SELECT day, content_id, network_id, department_id, kind,
           sum(clicks) AS clicks, sum(uniques) AS uniques
    FROM campaigns_tally GROUP BY 1, 2, 3, 4, 5
)
SELECT format('%%s, content %%s, network %%s, %%s: the total is %%s clicks and %%s uniques, '
              'its tallies are %%s and %%s',
              coalesce(finer.day, t.day), coalesce(finer.content_id, t.content_id),
              coalesce(finer.network_id, t.network_id), coalesce(finer.kind, t.kind),
              coalesce(t.clicks, 0), coalesce(t.uniques, 0),
              coalesce(finer.clicks, 0), coalesce(finer.uniques, 0))
FROM finer FULL JOIN campaigns_daytotal t
  ON t.day = finer.day AND t.content_id = finer.content_id AND t.network_id = finer.network_id
 AND t.kind = finer.kind
 AND coalesce(t.department_id, 0) = coalesce(finer.department_id, 0)
WHERE (finer.clicks, finer.uniques) IS DISTINCT FROM (t.clicks::bigint, t.uniques::bigint)
LIMIT %(shown)s
"""
FIRST_TWICE = """
SELECT format('%%s, link %%s: one visitor is counted as new %%s times',
              (at AT TIME ZONE %(zone)s)::date, link_id, count(*))
FROM campaigns_click WHERE is_first AND visitor IS NOT NULL
GROUP BY (at AT TIME ZONE %(zone)s)::date, link_id, visitor HAVING count(*) > 1 LIMIT %(shown)s
"""


def breaches() -> Iterator[str]:
    """One sentence for each thing that is not as it must be; nothing when all is well."""
    yield from _rows(TWICE)
    yield from _rows(FIRST_TWICE)
    yield from _tallies()
    yield from _seen_without_a_click()
    yield from _live_without_approval()
    yield from _salts_kept()
    yield from _dead_letters()
    yield from conversions.breaches()
    yield from reach.breaches()


def _rows(query, **parameters) -> Iterable[str]:
    around = {"zone": settings.TIME_ZONE, "shown": SHOWN}
    with connection.cursor() as cursor:
        cursor.execute(query, parameters | around)
        return [text for (text,) in cursor.fetchall()]


def _tallies():
    """By the click, of the days whose raw clicks are all still there; by content, of all."""
    if day := first_whole_day():
        bounds = {"day": day, "from": day_bounds(day)[0]}
        yield from _rows(UNEQUAL, **bounds)
        yield from _rows(UNEQUAL_HOURS, **bounds)
    yield from _rows(UNEQUAL_TOTALS)


def _seen_without_a_click():
    people = Tally.objects.human().values("link")
    for share in Share.objects.filter(seen_at__isnull=False).exclude(link__in=people)[:SHOWN]:
        yield f"share {share.pk} is seen, and no person has clicked its link"


def _live_without_approval():
    """Published means that a second person, where four eyes are asked for, approved the whole."""
    approvals = Review.objects.filter(decision=Review.Decision.APPROVED, caption=None)
    live = Content.objects.filter(published_at__isnull=False)
    for content in live.exclude(pk__in=approvals.values("content"))[:SHOWN]:
        yield f"content {content.pk} was published, and nobody had approved it"
    own = approvals.filter(content__campaign__four_eyes=True, reviewer=F("content__author"))
    for review in own[:SHOWN]:
        yield f"content {review.content_id} was approved by the person who wrote it"


def _salts_kept():
    days = Salt.objects.count()
    if days > 2:
        yield f"the salts of {days} days are kept, two at most may be"


def _dead_letters():
    try:
        with closing(connect()) as redis:
            dead = redis.xlen(DEAD)
    except RedisError as error:
        yield f"the click stream cannot be read: {error}"
        return
    if dead:
        yield f"{dead} clicks lie among the dead letters ({DEAD}), with the reason beside each"
