"""Working hours: nights, weekends, holidays and leave are left alone, in every time zone."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from activity.calendar import NONE, REGIONS, Times, is_holiday, region_of

ZONES = [
    *("Pacific/Honolulu", "America/Anchorage", "America/Vancouver", "America/Edmonton"),
    *("America/Regina", "America/Winnipeg", "America/Toronto", "America/Montreal"),
    *("America/Halifax", "America/St_Johns", "America/Martinique", "America/Cayenne"),
    *("America/Sao_Paulo", "UTC", "Europe/London", "Europe/Paris", "Africa/Casablanca"),
    *("Europe/Helsinki", "Indian/Reunion", "Asia/Kolkata", "Asia/Tokyo"),
    *("Australia/Lord_Howe", "Pacific/Noumea", "Pacific/Chatham"),
]
MONTREAL = ZoneInfo("America/Montreal")
QUEBEC = Times("America/Montreal", region="CA-QC")


def at(*moment):
    return datetime(*moment, tzinfo=MONTREAL)


def outside(times, moment):
    """Told apart from the code under test: by the wall clock alone."""
    local = moment.astimezone(ZoneInfo(times.zone))
    wall, day = local.time(), local.date()
    night = not time(7, 30) <= wall < time(18)
    away = times.away and times.away[0] <= day <= times.away[1]
    return night or day.weekday() > 4 or is_holiday(day, times.region) or bool(away)


def test_of_10_000_messages_in_24_zones_none_leaves_outside_the_hours():
    assert len(set(ZONES)) == 24
    draw = random.Random(7)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(10_000):
        zone = ZONES[n % 24]
        first = date(2026, 1, 1) + timedelta(days=draw.randrange(730))
        away = (first, first + timedelta(days=draw.randrange(30))) if n % 3 == 0 else None
        region = draw.choice(REGIONS)[0] if n % 2 else region_of(zone)
        times = Times(zone, region=region, away=away)
        wanted = begin + timedelta(minutes=draw.randrange(730 * 24 * 60))
        leaves = times.opening(wanted)
        assert leaves >= wanted
        assert not outside(times, leaves)
        # Not later than it must be: a minute before, it was closed, or it was not wanted yet.
        assert leaves == wanted or outside(times, leaves - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("zone", "moment", "utc"),
    [
        # The evening before and the evening after the clocks change, in spring and in autumn.
        ("America/Montreal", (2027, 3, 11, 20), "2027-03-12 12:30"),
        ("America/Montreal", (2027, 3, 14, 20), "2027-03-15 11:30"),
        ("America/Montreal", (2026, 10, 29, 20), "2026-10-30 11:30"),
        ("America/Montreal", (2026, 11, 1, 20), "2026-11-02 12:30"),
        ("Europe/Paris", (2027, 3, 25, 20), "2027-03-26 06:30"),
        ("Europe/Paris", (2027, 3, 28, 20), "2027-03-29 05:30"),
        ("Europe/Paris", (2026, 10, 22, 20), "2026-10-23 05:30"),
        ("Europe/Paris", (2026, 10, 25, 20), "2026-10-26 06:30"),
    ],
)
def test_the_morning_is_by_the_clock_on_the_wall(zone, moment, utc):
    opening = Times(zone).opening(datetime(*moment, tzinfo=ZoneInfo(zone)))
    assert f"{opening:%Y-%m-%d %H:%M}" == utc


@pytest.mark.parametrize(
    ("day", "region", "free"),
    [
        ("2026-06-24", "CA-QC", True),
        ("2026-06-24", "FR", False),
        ("2026-07-14", "FR", True),
        ("2026-07-14", "CA-QC", False),
        ("2027-05-06", "FR", True),  # Ascension
        ("2026-10-12", "CA-QC", True),  # Thanksgiving
        ("2026-12-25", NONE, False),
    ],
)
def test_holidays_are_those_of_the_place(day, region, free):
    assert is_holiday(date.fromisoformat(day), region) is free


def test_a_long_weekend_is_waited_out():
    # Friday evening before the Monday of the Patriots.
    assert QUEBEC.opening(at(2026, 5, 15, 19)) == at(2026, 5, 19, 7, 30)


def test_a_leave_is_waited_out():
    times = Times("America/Montreal", away=(date(2026, 12, 1), date(2026, 12, 10)))
    assert times.opening(at(2026, 12, 1, 10)) == at(2026, 12, 11, 7, 30)
    assert times.is_open(at(2026, 11, 30, 10))


def test_who_works_at_night_is_left_alone_by_day():
    times = Times("America/Montreal", quiet_from=time(8), quiet_until=time(20))
    assert times.is_open(at(2026, 12, 1, 23))
    assert times.opening(at(2026, 12, 1, 12)) == at(2026, 12, 1, 20)


def test_the_same_time_twice_is_never_quiet():
    times = Times("UTC", quiet_from=time(), quiet_until=time(), weekends=True)
    assert times.is_open(datetime(2026, 12, 5, 3, tzinfo=UTC))


def test_a_week_begins_on_the_monday_of_the_person():
    sunday_evening_in_montreal = datetime(2026, 12, 7, 2, tzinfo=UTC)
    assert QUEBEC.week(sunday_evening_in_montreal) == date(2026, 11, 30)
    assert Times("Europe/Paris").week(sunday_evening_in_montreal) == date(2026, 12, 7)
