"""What is counted of the clicks, at four grains: added to as they come, rebuilt from them.

HourTally and Tally are sums of Click rows; DayTotal is a sum of Tally rows over links; PlaceTotal
(campaigns.reach) one of DayTotal rows over departments, with a column for each kind.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from campaigns.tracking import sql
from campaigns.tracking.classify import day_bounds
from campaigns.tracking.models import ClickKind

Figures = tuple[int, int]
MORE = "clicks = total.clicks + EXCLUDED.clicks, uniques = total.uniques + EXCLUDED.uniques"
# The columns of PlaceTotal, by the kind of click that each counts.
KINDS = {("own" if kind == ClickKind.SELF else kind.value): kind.value for kind in ClickKind}
COLUMNS = ", ".join(["uniques", *KINDS])
SUMS = ", ".join(
    [
        "sum(uniques)",
        *(f"coalesce(sum(clicks) FILTER (WHERE kind = '{kind}'), 0)" for kind in KINDS.values()),
    ]
)
MORE_OF_EACH = ", ".join(f"{name} = total.{name} + EXCLUDED.{name}" for name in COLUMNS.split(", "))
# One statement for all four: each place is sent once, and PostgreSQL, which has more time to spare
# than the consumer, sums up for the coarser grains. In the order of the indexes: neighbours share
# a page.
ADD = f"""
WITH given AS MATERIALIZED (
    SELECT *, (hour AT TIME ZONE %(zone)s)::date AS day
    FROM unnest(%(hour)s::timestamptz[], %(link)s::bigint[], %(kind)s::text[],
                %(department)s::bigint[], %(ambassador)s::bigint[], %(content)s::bigint[],
                %(campaign)s::bigint[], %(network)s::bigint[],
                %(clicks)s::int[], %(uniques)s::int[])
         AS t (hour, link_id, kind, department_id, ambassador_id, content_id, campaign_id,
               network_id, clicks, uniques)
), hours AS (
    INSERT INTO campaigns_hourtally AS total (hour, link_id, kind, department_id, ambassador_id,
                                              content_id, campaign_id, network_id, clicks, uniques)
    SELECT hour, link_id, kind, department_id, ambassador_id, content_id, campaign_id, network_id,
           clicks, uniques
    FROM given ORDER BY hour, link_id
    ON CONFLICT (hour, link_id, kind, department_id) DO UPDATE SET {MORE}
), days AS (
    INSERT INTO campaigns_tally AS total (day, link_id, kind, department_id, ambassador_id,
                                          content_id, campaign_id, network_id, clicks, uniques)
    SELECT day, link_id, kind, department_id, ambassador_id, content_id, campaign_id, network_id,
           sum(clicks), sum(uniques)
    FROM given GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY link_id, day
    ON CONFLICT (link_id, day, kind, department_id) DO UPDATE SET {MORE}
), totals AS (
    INSERT INTO campaigns_daytotal AS total (day, kind, department_id, content_id, campaign_id,
                                             network_id, clicks, uniques)
    SELECT day, kind, department_id, content_id, max(campaign_id), network_id,
           sum(clicks), sum(uniques)
    FROM given GROUP BY day, kind, department_id, content_id, network_id ORDER BY day, content_id
    ON CONFLICT (day, content_id, network_id, department_id, kind) DO UPDATE SET {MORE}
)
INSERT INTO campaigns_placetotal AS total (day, content_id, network_id, campaign_id, {COLUMNS})
SELECT day, content_id, network_id, max(campaign_id), {SUMS}
FROM given GROUP BY day, content_id, network_id ORDER BY day, content_id
ON CONFLICT (day, content_id, network_id)
DO UPDATE SET campaign_id = EXCLUDED.campaign_id, {MORE_OF_EACH}
"""  # noqa: S608 -- our own names
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
REBUILD_PLACES = f"""
INSERT INTO campaigns_placetotal (day, content_id, network_id, campaign_id, {COLUMNS})
SELECT day, content_id, network_id, max(campaign_id), {SUMS}
FROM campaigns_daytotal WHERE day = %(day)s
GROUP BY day, content_id, network_id
"""  # noqa: S608 -- our own names


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
    """Counts so many more clicks, of which so many by new visitors, at every grain.

    Call in the transaction that stores the clicks.
    """
    columns = zip(*(place + figures for place, figures in hours.items()), strict=True)
    arrays = map(sql.array, columns)
    names = *Place._fields, "clicks", "uniques"
    sql.ask(ADD, dict(zip(names, arrays, strict=True)) | {"zone": settings.TIME_ZONE})


def rebuild(day: date) -> None:
    """All four anew for one of the organisation's days, whose raw clicks must all be there."""
    start, end = day_bounds(day)
    parameters = {"day": day, "start": start, "end": end, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM campaigns_hourtally WHERE hour >= %s AND hour < %s", [start, end]
        )
        for table in "tally", "daytotal", "placetotal":
            cursor.execute(f"DELETE FROM campaigns_{table} WHERE day = %s", [day])  # noqa: S608
        for statement in (REBUILD_HOURS, REBUILD_DAYS, REBUILD_TOTALS, REBUILD_PLACES):
            cursor.execute(statement, parameters)
