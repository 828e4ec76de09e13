"""Reads the report as a stranger would, and says where it tells about too few people.

The head counts and shares are asked again, in other words than the report's own.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Sum
from django.http import QueryDict

from campaigns.networks.models import Network
from campaigns.planning.aimed import CUSTOMERS
from campaigns.reach import export
from campaigns.reach.forms import ReachFilter
from campaigns.reach.models import HeadCount
from campaigns.reach.report import Report
from campaigns.sharing.models import Link, Share

SHOWN = 10
UNEQUAL = """
WITH below AS (
    SELECT day, content_id, network_id, sum(clicks) AS clicks, sum(uniques) AS uniques,
           coalesce(sum(clicks) FILTER (WHERE kind = 'human'), 0) AS human
    FROM campaigns_daytotal GROUP BY 1, 2, 3
), told AS (
    SELECT day, content_id, network_id, uniques, human,
           human + repeat + own + bot + preview + scanner + prefetch AS clicks
    FROM campaigns_placetotal
)
SELECT format('reach: %%s, content %%s, network %%s: %%s clicks are told, there are %%s',
              day, content_id, network_id, coalesce(told.clicks, 0), coalesce(below.clicks, 0))
FROM below FULL JOIN told USING (day, content_id, network_id)
WHERE (coalesce(told.clicks, 0), coalesce(told.human, 0), coalesce(told.uniques, 0))
   <> (coalesce(below.clicks, 0), coalesce(below.human, 0), coalesce(below.uniques, 0))
LIMIT %s
"""


def breaches() -> Iterator[str]:
    """What should not be so, a sentence each; nothing when all is well."""
    yield from totals()
    report = Report(ReachFilter.of(QueryDict()).scope)
    if report.is_hidden:
        return
    yield from _small_departments(report)
    yield from _departments_told_by_subtraction(report)
    yield from _small_networks(report)
    yield from _figures_beside_a_reason(report)


def totals() -> Iterator[str]:
    """What reports read says the same as the rows it stands for."""
    with connection.cursor() as cursor:
        cursor.execute(UNEQUAL, [SHOWN])
        yield from (text for (text,) in cursor.fetchall())
    astray = Share.objects.exclude(content=F("link__content"), network=F("link__network"))
    for share in astray[:SHOWN]:
        yield f"reach: share {share.pk} is counted elsewhere than its link"


def _small_departments(report):
    """A department that is shown had enough people on every day of the period."""
    period = report.scope.period
    by_day = (
        HeadCount.objects.between(period.first, period.last)
        .values("day", "department", "is_customers")
        .annotate(people=Sum("enrolled"))
    )
    fewest: dict[int | None, int] = {}
    for group in by_day:
        department, people = group["department"], group["people"]
        department = CUSTOMERS if group["is_customers"] else department
        fewest[department] = min(people, fewest.get(department, people))
    for row in report.where.departments.shown:
        if fewest.get(row.about, settings.MINIMUM_GROUP) < settings.MINIMUM_GROUP:
            yield f"reach: department {row.about} is shown with {fewest[row.about]} people"


def _departments_told_by_subtraction(report):
    """Those that are hidden are enough people together, or nobody at all."""
    day = HeadCount.objects.filter(day=report.scope.period.last)
    hidden = [row.about for row in report.where.departments.hidden]
    groups = day.filter(department__in=[pk for pk in hidden if pk])
    if None in hidden:
        groups |= day.filter(department=None, is_customers=False)
    if CUSTOMERS in hidden:
        groups |= day.filter(is_customers=True)
    people = groups.aggregate(people=Sum("enrolled", default=0))["people"]
    everybody = day.aggregate(people=Sum("enrolled", default=0))["people"]
    if 0 < people < min(settings.MINIMUM_GROUP, everybody):
        yield f"reach: the hidden departments are {people} people, told by subtraction"


def _small_networks(report):
    of_people = set(Network.objects.of_people())
    for row in report.where.networks.shown:
        if row.about not in of_people:
            continue
        links = Link.objects.filter(network=row.about)
        number = links.aggregate(n=Count("ambassador", distinct=True))["n"]
        if number < settings.MINIMUM_GROUP:
            yield f"reach: network {row.about.pk} is shown with {number} people"


def _figures_beside_a_reason(report):
    """In what is exported, a hidden line holds its name and the reason, and no figure."""
    for table in report.tables:
        for name, *values, reason in export.sheet(table).rows:
            if reason and any(value is not None for value in values):
                yield f"reach: {table.key} has figures for “{name}”, which is hidden"
