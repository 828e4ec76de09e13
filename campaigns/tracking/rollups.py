"""What is counted of the clicks, at three grains: added to as they come, rebuilt from them.

HourTally and Tally are sums of Click rows; DayTotal is a sum of Tally rows over links.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from campaigns.tracking import sql
from campaigns.tracking.classify import day_bounds, local_day

Figures = tuple[int, int]
ADD_HOURS = """
INSERT INTO campaigns_hourtally AS total (hour, link_id, kind, department_id, ambassador_id,
                                          content_id, campaign_id, network_id, clicks, uniques)
SELECT * FROM unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
                     %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::int[])
ON CONFLICT (hour, link_id, kind, department_id)
DO UPDATE SET clicks = total.clicks + EXCLUDED.clicks, uniques = total.uniques + EXCLUDED.uniques
"""
ADD_DAYS = """
INSERT INTO campaigns_tally AS total (day, link_id, kind, department_id, ambassador_id,
                                      content_id, campaign_id, network_id, clicks, uniques)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
                     %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::int[])
ON CONFLICT (link_id, day, kind, department_id)
DO UPDATE SET clicks = total.clicks + EXCLUDED.clicks, uniques = total.uniques + EXCLUDED.uniques
"""
ADD_TOTALS = """
INSERT INTO campaigns_daytotal AS total (day, kind, department_id, content_id, campaign_id,
                                         network_id, clicks, uniques)
SELECT * FROM unnest(%s::date[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
                     %s::bigint[], %s::int[], %s::int[])
ON CONFLICT (day, content_id, network_id, department_id, kind)
DO UPDATE SET clicks = total.clicks + EXCLUDED.clicks, uniques = total.uniques + EXCLUDED.uniques
"""
REBUILD_HOURS = """
INSERT INTO campaigns_hourtally (hour, link_id, kind, department_id, ambassador_id,
                                 content_id, campaign_id, network_id, clicks, uniques)
SELECT date_trunc('hour', click.at, %(zone)s), click.link_id, click.kind, click.department_id,
       link.ambassador_id, link.content_id, content.campaign_id, link.network_id,
       count(*), count(*) FILTER (WHERE click.is_first)
FROM campaigns_click click
JOIN campaigns_link link ON link.id = click.link_id
JOIN campaigns_content content ON content.id = link.content_id
WHERE click.at >= %(start)s AND click.at < %(end)s
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
REBUILD_DAYS = """
INSERT INTO campaigns_tally (day, link_id, kind, department_id, ambassador_id,
                             content_id, campaign_id, network_id, clicks, uniques)
SELECT %(day)s, link_id, kind, department_id, ambassador_id, content_id, campaign_id, network_id,
       sum(clicks), sum(uniques)
FROM campaigns_hourtally WHERE hour >= %(start)s AND hour < %(end)s
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
# A content that was moved to another campaign during the day has one row: the later campaign's.
REBUILD_TOTALS = """
INSERT INTO campaigns_daytotal (day, kind, department_id, content_id, campaign_id, network_id,
                                clicks, uniques)
SELECT day, kind, department_id, content_id, max(campaign_id), network_id,
       sum(clicks), sum(uniques)
FROM campaigns_tally WHERE day = %(day)s
GROUP BY day, kind, department_id, content_id, network_id
"""


class Place(NamedTuple):
    """Where a click is counted: the columns of an HourTally, without the figures."""

    hour: datetime
    link: int
    kind: str
    department: int | None
    ambassador: int | None
    content: int
    campaign: int
    network: int


def add(hours: Mapping[Place, Figures]) -> None:
    """Counts so many more clicks, of which so many by new visitors, at all three grains.

    Call in the transaction that stores the clicks.
    """
    days = _summed((_of_day(place), figures) for place, figures in hours.items())
    totals = _summed((_of_everybody(place), figures) for place, figures in days.items())
    # Without waiting for one before the next is made ready.
    with sql.pipeline():
        for statement, rows in (ADD_HOURS, hours), (ADD_DAYS, days), (ADD_TOTALS, totals):
            _write(statement, rows)


def rebuild(day: date) -> None:
    """All three anew for one of the organisation's days, whose raw clicks must all be there."""
    start, end = day_bounds(day)
    parameters = {"day": day, "start": start, "end": end, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM campaigns_hourtally WHERE hour >= %s AND hour < %s", [start, end]
        )
        cursor.execute("DELETE FROM campaigns_tally WHERE day = %s", [day])
        cursor.execute("DELETE FROM campaigns_daytotal WHERE day = %s", [day])
        for statement in (REBUILD_HOURS, REBUILD_DAYS, REBUILD_TOTALS):
            cursor.execute(statement, parameters)


def _of_day(place: tuple) -> tuple:
    return local_day(place[0]), *place[1:]


def _of_everybody(place: tuple) -> tuple:
    day, _, kind, department, _, content, campaign, network = place
    return day, kind, department, content, campaign, network


def _summed(rows: Iterable[tuple[tuple, Figures]]) -> dict[tuple, Figures]:
    sums: dict[tuple, Figures] = {}
    for place, (clicks, uniques) in rows:
        before = sums.get(place, (0, 0))
        sums[place] = before[0] + clicks, before[1] + uniques
    return sums


def _write(statement, rows):
    columns = zip(*(place + figures for place, figures in rows.items()), strict=True)
    sql.ask(statement, [sql.array(column) for column in columns])
