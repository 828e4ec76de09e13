"""The months that Click is cut into. Made ahead of time, or when sample data needs past ones."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

from campaigns.tracking.classify import day_bounds, local_day
from campaigns.tracking.models import Horizon

PREFIX = "campaigns_click_"
# Adopts what the default partition already holds of that month, which a plain CREATE refuses.
CREATE = """
CREATE TABLE {name} (LIKE campaigns_click INCLUDING ALL);
WITH moved AS (
    DELETE FROM campaigns_click_default WHERE at >= '{start}' AND at < '{end}' RETURNING *
) INSERT INTO {name} SELECT * FROM moved;
ALTER TABLE campaigns_click ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}');
"""
EXISTING = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent = 'campaigns_click'::regclass ORDER BY 1
"""


def month_of(at: datetime) -> date:
    """The month, in UTC, as its first day."""
    return at.astimezone(UTC).date().replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def with_the_one_before(months: Iterable[date]) -> set[date]:
    """A month of UTC begins inside a day of ours: that day needs the month before to be whole."""
    return {month for last in months for month in (month_before(last), last)}


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def ensure(months: Iterable[date]) -> None:
    """Makes the partitions that are missing. Two at once wait for each other.

    None for a month whose clicks were dropped: a late one is kept in the default partition until
    that is swept.
    """
    if not (months := set(months) - set(existing())):
        return
    if day := Horizon.objects.whole_from():
        months -= set(_ended(months, day_bounds(day)[0]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE campaigns_click_default IN ACCESS EXCLUSIVE MODE")
        for month in sorted(set(months) - set(existing())):
            cursor.execute(
                CREATE.format(
                    name=f"{PREFIX}{month:%Y_%m}",
                    start=f"{month} 00:00+00",
                    end=f"{next_month(month)} 00:00+00",
                )
            )


def existing() -> list[date]:
    """The months that have a partition of their own, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(EXISTING)
        names = [name.removeprefix(PREFIX) for (name,) in cursor.fetchall()]
    return [datetime.strptime(name, "%Y_%m").date() for name in names if name != "default"]


def ended_before(moment: datetime) -> list[date]:
    """The months with a partition of which every click is older."""
    return _ended(existing(), moment)


def _ended(months, moment):
    return [m for m in months if datetime.combine(next_month(m), time.min, UTC) <= moment]


def drop(months: Iterable[date]) -> int:
    """Drops their partitions and every click in them; how many there were."""
    dropped = [f"{PREFIX}{month:%Y_%m}" for month in months]
    with connection.cursor() as cursor:
        for name in dropped:
            cursor.execute(f"DROP TABLE {name}")
    return len(dropped)


def first_whole_day() -> date | None:
    """From this day on every raw click is still there; None when there never were any.

    Tallies of earlier days outlive their clicks: nobody may rebuild those, or compare them.
    """
    bounds = [Horizon.objects.whole_from()]
    if months := existing():
        before = datetime.combine(months[0], time.min, UTC) - timedelta(seconds=1)
        bounds.append(local_day(before) + timedelta(days=1))
    return max(filter(None, bounds), default=None)
