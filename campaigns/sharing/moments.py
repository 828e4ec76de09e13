"""When to suggest that somebody shares: in their own working hours, and not when colleagues do.

Pure: numbers and times in, times out. Working hours lie well inside the hours in which nobody is
to be disturbed (weekdays from 8:00 to 19:00), so what is suggested never falls outside them.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count, islice, takewhile

from campaigns.sharing.lots import lot

FIRST, LAST = time(8, 30), time(17, 30)
QUARTER = timedelta(minutes=15)
QUARTERS = 36  # from 8:30 up to the one that ends at 17:30
SATURDAY = 5
OFFERED = 3
# What is nearer than that is now.
NOT_BEFORE = timedelta(minutes=30)
AHEAD = timedelta(days=30)


def suggested_moments(
    person: int, content: int, *, now: datetime, until: datetime | None = None
) -> list[datetime]:
    """Three moments, each on another working day; fewer where the item ends before.

    person, content: primary keys. now: in the person's own time zone, which is the moments' too.
    Each person has a quarter-hour of their own on each day, by lot: who asks late in the day gets
    tomorrow's, and not what is left of today, where all who ask late would meet.
    """
    soonest, latest = now + NOT_BEFORE, min(until or now + AHEAD, now + AHEAD)
    moments = (_moment(person, content, day, now.tzinfo) for day in _working_days(now.date()))
    to_come = (moment for moment in moments if moment >= soonest)
    return list(islice(takewhile(lambda moment: moment < latest, to_come), OFFERED))


def is_working_time(moment: datetime) -> bool:
    """moment: in the person's own time zone."""
    return moment.weekday() < SATURDAY and FIRST <= moment.time() < LAST


def _working_days(first: date) -> Iterator[date]:
    days = (first + timedelta(days=n) for n in count())
    return (day for day in days if day.weekday() < SATURDAY)


def _moment(person, content, day, zone):
    quarter = lot(person, f"moment:{content}:{day}", QUARTERS)
    # On the wall clock of one day, where no working hour is skipped or doubled.
    return datetime.combine(day, FIRST, zone) + quarter * QUARTER
