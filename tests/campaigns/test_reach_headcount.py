from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from ambassadors.models import Ambassador, Invitation
from campaigns.models import HeadCount
from campaigns.reach.headcount import backfill, count_days
from campaigns.reach.tasks import count_heads
from tests.factories import (
    make_ambassador,
    make_content,
    make_department,
    make_link,
    make_location,
    make_person,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("America/Montreal")
NOON = datetime(2026, 11, 22, 12, tzinfo=HERE)
DAY = NOON.date()


def make_member(department=None, location=None, **fields):
    person = make_person(department=department, location=location)
    return make_ambassador(user=person.user, **{"joined_at": NOON - timedelta(days=40)} | fields)


def head(department=None, day=DAY, location=None):
    return HeadCount.objects.get(day=day, department=department, location=location)


def test_each_department_and_place_has_its_row():
    sales, lyon = make_department(), make_location()
    for department, location in [(sales, lyon), (sales, lyon), (sales, None), (None, None)]:
        make_member(department, location)
    count_days([DAY])
    rows = HeadCount.objects.values_list("department", "location", "enrolled")
    assert set(rows) == {(sales.pk, lyon.pk, 2), (sales.pk, None, 1), (None, None, 1)}


def test_counting_a_day_again_replaces_what_was_counted():
    make_member()
    count_days([DAY])
    make_member()
    count_days([DAY])
    assert head().enrolled == 2


def test_a_group_that_emptied_during_the_day_leaves_no_row():
    sales = make_department()
    member = make_member(sales)
    count_days([DAY])
    member.user.person.delete()
    count_days([DAY])
    assert not HeadCount.objects.filter(department=sales).exists()


def test_who_declined_counts_as_asked_and_as_nothing_else():
    make_member(state=Ambassador.State.DECLINED, joined_at=None)
    count_days([DAY])
    row = head()
    assert (row.employed, row.invited, row.enrolled, row.former) == (1, 1, 0, 0)


def test_who_left_is_former_from_that_day_on():
    make_member(state=Ambassador.State.LEFT, left_at=NOON - timedelta(days=3))
    backfill(days=5, today=DAY)
    seen = {row.day.day: (row.enrolled, row.former) for row in HeadCount.objects.all()}
    assert seen == {18: (1, 0), 19: (0, 1), 20: (0, 1), 21: (0, 1), 22: (0, 1)}


def test_somebody_invited_tomorrow_is_not_yet_asked():
    user, tomorrow = make_user(), NOON + timedelta(days=1)
    make_ambassador(user, state=Ambassador.State.INVITED, joined_at=None)
    Invitation.objects.create(user=user, nonce="n", created_at=tomorrow, expires_at=tomorrow)
    backfill(days=1, today=DAY)
    count_days([DAY + timedelta(days=1)])
    assert list(HeadCount.objects.order_by("day").values_list("invited", flat=True)) == [0, 1]


def test_who_left_the_company_is_former_and_counts_as_nothing_else():
    member = make_member()
    member.user.is_active = False
    member.user.save()
    count_days([DAY])
    row = head()
    assert (row.employed, row.invited, row.enrolled, row.former) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("declared", "active_7", "active_28"),
    [
        (datetime(2026, 11, 16, 0, 0, tzinfo=HERE), 1, 1),
        (datetime(2026, 11, 15, 23, 59, 59, tzinfo=HERE), 0, 1),
        (datetime(2026, 10, 26, 0, 0, tzinfo=HERE), 0, 1),
        (datetime(2026, 10, 25, 23, 59, 59, tzinfo=HERE), 0, 0),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=HERE), 1, 1),
        (datetime(2026, 11, 23, 0, 0, tzinfo=HERE), 0, 0),
    ],
)
def test_active_means_a_declared_share_within_7_and_28_days_of_here(declared, active_7, active_28):
    make_share(make_link(make_member()), declared_at=declared, opened_at=declared)
    count_days([DAY])
    assert (head().active_7, head().active_28) == (active_7, active_28)


def test_somebody_who_shares_five_times_is_one_active_person():
    member, content = make_member(), make_content()
    for network in ["linkedin", "x", "facebook", "bluesky", "threads"]:
        make_share(make_link(member, content, network), declared_at=NOON, opened_at=NOON)
    count_days([DAY])
    assert head().active_7 == 1


def test_last_years_count_stays_when_people_go():
    member = make_member()
    make_share(make_link(member), declared_at=NOON, opened_at=NOON)
    count_days([DAY])
    member.user.delete()
    with time_machine.travel(NOON + timedelta(days=300), tick=False):
        count_heads()
    assert (head().enrolled, head().active_28) == (1, 1)


def test_the_task_counts_today_yesterday_and_the_days_it_missed():
    make_member()
    with time_machine.travel(NOON - timedelta(days=4), tick=False):
        count_heads()
    with time_machine.travel(NOON, tick=False):
        count_heads()
        count_heads()
    days = list(HeadCount.objects.order_by("day").values_list("day", flat=True))
    assert days == [date(2026, 11, d) for d in (17, 18, 19, 20, 21, 22)]


def test_the_first_run_counts_no_days_before_the_programme_existed():
    make_member()
    with time_machine.travel(NOON, tick=False):
        count_heads()
        assert HeadCount.objects.count() == 2
