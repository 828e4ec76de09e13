"""A month of the library: what is on each day, and where there is too much of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.library.audiences import reached_by
from campaigns.models import Campaign
from tests.campaigns.test_library_filters import brought_by_a_source
from tests.factories import (
    make_campaign,
    make_content,
    make_department,
    make_location,
    make_manager,
    make_topic,
)

pytestmark = pytest.mark.django_db
CALENDAR = reverse("campaigns:content-calendar")


def at(month, day, hour=15):
    return datetime(2027, month, day, hour, tzinfo=UTC)


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


def long_campaign(**fields):
    return make_campaign(**{"starts_at": at(1, 1), "ends_at": at(12, 24)} | fields)


def out_on(day, campaign, **fields):
    return make_content(
        **{
            "campaign": campaign,
            "publish_at": at(3, day),
            "published_at": at(3, day),
            "expires_at": None,
        }
        | fields
    )


def month(client, month="2027-03", **query):
    return client.get(CALENDAR, {"month": month} | query)


def told(page):
    return {
        (day.day.day, event.kind, event.title)
        for day in page.context["days"]
        for event in day.events
    }


def test_everything_that_happens_stands_on_its_day(manager):
    campaign = make_campaign(name_fr="Rimouski", starts_at=at(3, 2), ends_at=at(3, 30))
    out_on(5, campaign, title="A")
    make_content(
        title="B", campaign=campaign, status="approved", published_at=None,
        publish_at=at(3, 8), expires_at=at(3, 20),
    )  # fmt: skip
    draft = make_content(
        title="C", campaign=campaign, status="draft", published_at=None, created_at=at(3, 9)
    )
    brought_by_a_source(draft)
    make_content(title="D", campaign=campaign, status="draft", published_at=None)
    assert told(month(manager)) == {
        (2, "starts", "Rimouski"),
        (5, "published", "A"),
        (8, "scheduled", "B"),
        (9, "draft", "C"),
        (20, "expires", "B"),
        (30, "ends", "Rimouski"),
    }


def test_another_month_is_another_address(manager):
    out_on(5, long_campaign())
    page = month(manager, "2027-02")
    assert told(page) == set()
    assert "Nothing this month" in page.text
    assert "month=2027-03" in page.text
    assert "month=2027-01" in page.text


@pytest.mark.parametrize("asked", ["", "2027-13", "hier", "0000-01", "9999-12", "2027-3"])
def test_a_month_that_makes_no_sense_is_this_one(manager, asked):
    today = timezone.localdate()
    assert month(manager, asked).context["month"].first == today.replace(day=1)


def test_the_calendar_is_narrowed_by_its_address(manager):
    one, two, topic = long_campaign(), long_campaign(), make_topic()
    out_on(5, one, title="A", topics=[topic])
    out_on(6, two, title="B", language="en")
    assert told(month(manager, campaign=one.slug)) == {(5, "published", "A")}
    assert told(month(manager, topic=topic.slug)) == {(5, "published", "A")}
    assert told(month(manager, language="en")) == {(6, "published", "B")}
    assert told(month(manager, kind="expires")) == set()
    assert len(told(month(manager, kind="nothing"))) == 2


def test_a_week_starts_on_sunday_in_both_languages(manager, as_user):
    for client in (manager, as_user(make_manager())):
        page = month(client, view="sheet")
        assert page.context["days"][0].day.isoformat() == "2027-02-28"
        assert len(page.context["days"]) % 7 == 0


def test_a_day_belongs_to_the_clock_of_the_reader(manager):
    # 2 in the morning in UTC is still the evening before in Québec.
    content = out_on(5, long_campaign(), title="A")
    type(content).objects.update(published_at=at(3, 5, hour=2))
    assert told(month(manager)) == {(4, "published", "A")}


def test_many_of_one_campaign_on_a_day_are_counted(manager):
    campaign = long_campaign()
    for n in range(5):
        out_on(5, campaign, title=f"A{n}")
    page = month(manager)
    assert len(told(page)) == 3
    assert "and 2 more of" in page.text


def collisions(client):
    return {
        day.day.day: (day.collision.items, {str(c) for c in day.collision.campaigns})
        for day in month(client).context["collisions"]
    }


def test_too_much_on_one_day_is_said_in_words(manager):
    one, two = long_campaign(name_fr="Un"), long_campaign(name_fr="Deux")
    for campaign in (one, one, two, two):
        out_on(5, campaign)
    for campaign in (one, one, two):
        out_on(6, campaign)
    assert collisions(manager) == {5: (4, {"Un", "Deux"})}
    page = month(manager).text
    assert "Too much on 1 day" in page
    assert "4 items for people who may be the same" in page


def test_people_who_cannot_be_the_same_do_not_collide(manager):
    sales, works = make_department(), make_department()
    one = long_campaign(audience={"departments": [sales]})
    two = long_campaign(audience={"departments": [works]})
    for campaign in (one, one, two, two):
        out_on(5, campaign)
    assert collisions(manager) == {}


@pytest.mark.parametrize(
    ("mine", "theirs", "meet"),
    [
        ({}, {"languages": ["en"]}, True),
        ({"languages": ["fr"]}, {"languages": ["en"]}, False),
        ({"languages": ["fr", "en"]}, {"languages": ["en"]}, True),
        ({"departments": ["sales"]}, {"departments": ["team"]}, True),
        ({"departments": ["team"]}, {"departments": ["works"]}, False),
        ({"departments": ["team"]}, {"excluded_departments": ["sales"]}, False),
        ({"departments": ["sales"]}, {"excluded_departments": ["team"]}, True),
        ({"departments": ["sales"]}, {"locations": ["laval"]}, True),
        ({"locations": ["laval"]}, {"locations": ["nantes"]}, False),
        ({"tags": ["a"]}, {"tags": ["b"]}, True),
    ],
)
def test_two_audiences_may_meet_or_cannot(mine, theirs, meet):
    sales = make_department()
    places = {
        "sales": sales,
        "team": make_department(parent=sales),
        "works": make_department(),
        "laval": make_location(),
        "nantes": make_location(),
    }

    def campaign(audience):
        return make_campaign(
            audience={
                name: [places.get(value, value) for value in values]
                for name, values in audience.items()
            }
        )

    one, two = campaign(mine), campaign(theirs)
    reached = reached_by(Campaign.objects.filter(pk__in=[one.pk, two.pk]))
    assert reached[one.pk].may_meet(reached[two.pk]) is meet
    assert reached[two.pk].may_meet(reached[one.pk]) is meet


def test_the_calendar_costs_the_same_however_full_it_is(manager, queries_of):
    def fill():
        campaign = long_campaign(audience={"departments": [make_department()]}, starts_at=at(3, 1))
        for _ in range(4):
            out_on(5, campaign)
        brought_by_a_source(make_content(campaign=campaign, status="draft", published_at=None))

    def ask():
        month(manager, view="sheet")

    fill()
    ask()
    with_one = queries_of(ask)
    for _ in range(2):
        campaign = long_campaign(audience={"locations": [make_location()]}, starts_at=at(3, 1))
        for day in range(1, 9):
            for _ in range(4):
                out_on(day, campaign, expires_at=at(3, 20) + timedelta(days=day))
    assert queries_of(ask) == with_one <= 20
