from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.models import Click, DayTotal, Horizon, HourTally, Tally
from campaigns.tracking import partitions
from campaigns.tracking.classify import day_bounds, local_day
from campaigns.tracking.ingest import ingest
from campaigns.tracking.reclassify import ClicksGone, reclassify
from campaigns.tracking.retention import drop_old_clicks
from campaigns.tracking.stream import ClickEvent
from campaigns.verify import breaches
from tests.campaigns.conftest import BROWSER, make_posted_link

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clicks")]
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
KEPT = 90


@pytest.fixture(autouse=True)
def today(settings, time_machine):
    settings.RAW_CLICKS_DAYS = KEPT
    time_machine.move_to(NOW, tick=False)
    partitions.ensure(datetime(2026, month, 1).date() for month in range(7, 13))


def click_on(link, at):
    ingest([ClickEvent.make(link.pk, at=at, agent=BROWSER, visitor=b"v" * 16)])


def first_kept():
    return local_day(NOW) - timedelta(days=KEPT)


def test_a_click_is_kept_for_its_days_and_no_longer():
    link = make_posted_link(created_at=NOW - timedelta(days=500))
    start, _ = day_bounds(first_kept())
    for at in (start - timedelta(milliseconds=1), start, NOW):
        click_on(link, at)
    drop_old_clicks()
    assert list(Click.objects.order_by("at").values_list("at", flat=True)) == [start, NOW]
    assert HourTally.objects.count() == 2
    assert Tally.objects.totals() == DayTotal.objects.totals() == {"clicks": 3, "uniques": 3}


@pytest.mark.parametrize(
    ("late", "gone"), [(timedelta(microseconds=-1), False), (timedelta(), True)]
)
def test_a_month_goes_when_its_last_moment_is_past_its_time(settings, time_machine, late, gone):
    settings.TIME_ZONE = "UTC"
    timezone.get_default_timezone.cache_clear()
    link = make_posted_link(created_at=NOW - timedelta(days=500))
    click_on(link, datetime(2026, 8, 31, 23, 59, tzinfo=UTC))
    end = datetime.combine(datetime(2026, 9, 1), time.min, UTC)
    time_machine.move_to(end + timedelta(days=KEPT) + late, tick=False)
    drop_old_clicks()
    august = datetime(2026, 8, 1).date()
    assert (august in partitions.existing(), Click.objects.count()) == (not gone, int(not gone))
    assert Tally.objects.totals()["clicks"] == 1


def test_dropping_twice_drops_nothing_more():
    click_on(make_posted_link(created_at=NOW - timedelta(days=500)), NOW - timedelta(days=200))
    assert drop_old_clicks() > 0
    assert drop_old_clicks() == 0


def test_days_whose_clicks_are_gone_are_not_judged_again():
    link = make_posted_link(created_at=NOW - timedelta(days=500))
    click_on(link, NOW - timedelta(days=200))
    click_on(link, NOW - timedelta(days=1))
    drop_old_clicks()
    gone = first_kept() - timedelta(days=1)
    with pytest.raises(ClicksGone, match=f"before {first_kept()} are gone"):
        reclassify(gone, local_day(NOW))
    with pytest.raises(CommandError, match="the totals of those days are final"):
        call_command("reclassify", "--from", str(gone))
    assert reclassify(first_kept()) == 0
    assert Tally.objects.totals() == DayTotal.objects.totals() == {"clicks": 2, "uniques": 2}


def test_a_click_that_comes_too_late_is_counted_and_brings_no_month_back():
    link = make_posted_link(created_at=NOW - timedelta(days=500))
    at = NOW - timedelta(days=200)
    for minute in range(3):
        click_on(link, at + timedelta(minutes=minute))
    drop_old_clicks()
    click_on(link, at + timedelta(hours=2))
    assert partitions.month_of(at) not in partitions.existing()
    partitions.drop(partitions.existing())  # not even where no month is left
    reclassify()
    assert Tally.objects.totals()["clicks"] == DayTotal.objects.totals()["clicks"] == 4
    assert not [breach for breach in breaches() if "tall" in breach or "total" in breach]


def test_what_is_gone_stays_gone_when_more_is_to_be_kept_from_now_on(settings):
    click_on(make_posted_link(created_at=NOW - timedelta(days=500)), NOW - timedelta(days=200))
    drop_old_clicks()
    settings.RAW_CLICKS_DAYS = 700
    drop_old_clicks()
    assert Horizon.objects.whole_from() == partitions.first_whole_day() == first_kept()
