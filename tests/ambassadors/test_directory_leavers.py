"""Who leaves at a date is closed once it has passed, by the day's task."""

import datetime as dt

import pytest
from django.utils import timezone

from activity.models import Entry
from ambassadors.directory.leaving import close_leavers
from tests.factories import make_admin, make_person, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def leaving(user, days):
    return make_person(user, leaves_on=timezone.localdate() + days * DAY).user


def test_the_day_after_the_last_one_the_account_is_closed_and_once():
    user = leaving(make_user(), -1)
    close_leavers()
    close_leavers()
    user.refresh_from_db()
    assert not user.is_active
    assert Entry.objects.filter(verb="user.deactivated").count() == 1


def test_on_the_last_day_the_account_is_still_open():
    user = leaving(make_user(), 0)
    close_leavers()
    user.refresh_from_db()
    assert user.is_active


def test_the_last_administrator_stays():
    admin = leaving(make_admin(), -1)
    close_leavers()
    admin.refresh_from_db()
    assert admin.is_active
