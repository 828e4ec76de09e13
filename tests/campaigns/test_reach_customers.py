"""Customers have a line of their own in the report, and are hidden like any small group."""

from datetime import timedelta

import pytest
from django.conf import settings

from ambassadors.accounts.roles import Belonging
from ambassadors.models import User
from campaigns.models import HeadCount
from campaigns.planning.aimed import CUSTOMERS
from campaigns.planning.selection import Who
from campaigns.reach.headcount import count_days
from campaigns.reach.period import DAY, Period, midnight, today
from campaigns.reach.report import Report
from campaigns.reach.scope import Scope
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_department,
    make_link,
    make_manager,
    make_member,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
ENOUGH = settings.MINIMUM_GROUP


def yesterday():
    return today() - DAY


def scope(**fields):
    return Scope(Period.of_days(28, yesterday()), **fields)


def make_people(customers=ENOUGH, employees=ENOUGH, **fields):
    """Employees of one department, and customers; enrolled since long ago, counted every day."""
    joined = {"joined_at": midnight(today()) - timedelta(days=200)}
    works = make_department()
    staff = [make_member(works, **joined) for _ in range(employees)]
    users = [make_user(belonging=Belonging.CUSTOMER) for _ in range(customers)]
    return [make_ambassador(user, **joined) for user in users], staff


def count():
    count_days(today() - n * DAY for n in range(1, 29))


def bring(ambassador, clicks, content=None):
    at = midnight(yesterday()) + timedelta(hours=9)
    link = make_link(ambassador, content or make_content())
    make_share(link, declared_at=at)
    make_tally(link, day=yesterday(), clicks=clicks)


def test_customers_have_their_own_line_and_nobody_counts_twice():
    customers, staff = make_people()
    bring(customers[0], 4)
    bring(staff[0], 7)
    count()
    rows = {str(row.name): tuple(row.values) for row in Report(scope()).customers.table.rows}
    assert list(rows.values()) == [(ENOUGH, 1, 1, 4), (ENOUGH, 1, 1, 7)]


def test_fewer_than_five_customers_are_hidden_with_all_their_figures():
    customers, _staff = make_people(customers=ENOUGH - 1)
    bring(customers[0], 4)
    count()
    table = Report(scope()).customers.table
    assert [row.values for row in table.rows] == [(), ()]
    assert all(row.hidden for row in table.rows)


def test_days_that_did_not_tell_customers_apart_hide_them():
    make_people()
    count()
    HeadCount.objects.filter(day=yesterday() - 20 * DAY, is_customers=True).delete()
    assert Report(scope()).customers.table.hidden


def test_customers_are_hidden_where_they_would_give_a_small_group_away():
    make_people(employees=ENOUGH - 1)
    count()
    report = Report(scope())
    assert report.customers.table.hidden
    assert not report.where.departments.shown


def test_who_has_no_department_is_not_taken_for_a_customer():
    make_people()
    for _ in range(ENOUGH):
        make_member(None, joined_at=midnight(today()) - timedelta(days=200))
    count()
    groups = HeadCount.objects.filter(day=yesterday(), department=None)
    assert set(groups.values_list("is_customers", "enrolled")) == {(True, ENOUGH), (False, ENOUGH)}
    told = {row.about for row in Report(scope()).where.departments.shown}
    assert {None, CUSTOMERS} <= told


def test_a_company_without_customers_is_not_asked_about_them(queries_of):
    make_people(customers=0)
    count()
    report = Report(scope())
    assert not report.customers.tells
    assert queries_of(lambda: report.customers.tells) == 0
    assert "customers" not in [table.key for table in report.tables]


def test_the_line_costs_one_query(queries_of):
    make_people()
    count()
    report = Report(scope())
    assert [table.rows for table in report.tables]
    del report.customers.table
    assert queries_of(lambda: report.customers.table) == 1


def test_a_campaign_for_too_few_customers_alone_is_left_out():
    customers, _staff = make_people(customers=ENOUGH - 1)
    campaign = make_campaign()
    campaign.audience.who = Who.CUSTOMERS
    campaign.audience.save()
    bring(customers[0], 4, make_content(campaign=campaign))
    count()
    report = Report(scope())
    assert (report.left_out, report.three.visits.now) == (1, 0)


def test_a_filtered_report_says_that_customers_are_counted_in(as_user):
    customers, staff = make_people()
    bring(customers[0], 4)
    bring(staff[0], 4)
    count()
    client = as_user(make_manager(language="en"))
    assert "Customers beside all others" in client.get("/reach/").content.decode()
    filtered = client.get("/reach/", {"kind": "marketing"}).content.decode()
    assert "Customers beside all others" not in filtered
    assert "Customers are counted in with employees here" in filtered


def test_periods_of_any_length_tell_customers_apart():
    customers, _staff = make_people()
    bring(customers[0], 4)
    count()
    report = Report(Scope(Period(yesterday() - 9 * DAY, yesterday())))
    assert report.alive.by_department[CUSTOMERS] == 1
    assert User.objects.customers().count() == ENOUGH
