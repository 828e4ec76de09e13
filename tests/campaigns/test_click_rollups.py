from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from campaigns.models import Content, DayTotal, HourTally, PlaceTotal, Tally
from campaigns.reach import verify
from campaigns.tracking import rollups
from campaigns.tracking.classify import local_day, local_hour
from campaigns.tracking.ingest import ingest
from campaigns.tracking.stream import ClickEvent
from tests.campaigns.conftest import BROWSER, make_posted_link
from tests.factories import make_ambassador, make_department, make_network, make_person

pytestmark = pytest.mark.django_db
NOON = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)


def event(link, seconds=0.0, *, visitor=b"v", agent=BROWSER):
    at = NOON + timedelta(seconds=seconds)
    return ClickEvent.make(link.pk, at=at, agent=agent, visitor=visitor * 16)


def test_each_hour_has_its_own_tally():
    link = make_posted_link()
    ingest([event(link), event(link, 3599, visitor=b"w"), event(link, 3600)])
    hours = HourTally.objects.order_by("hour").values_list("hour", "clicks", "uniques")
    assert list(hours) == [(NOON, 2, 2), (NOON + timedelta(hours=1), 1, 0)]
    row = HourTally.objects.first()
    assert (row.content, row.campaign) == (link.content, link.content.campaign)
    assert (row.ambassador, row.network) == (link.ambassador, link.network)


def test_a_days_total_is_one_row_however_many_ambassadors_shared():
    department, network = make_department(), make_network()
    people = [make_person(department=department) for _ in range(3)]
    first = make_posted_link(network=network.slug, ambassador=make_ambassador(people[0].user))
    links = [first] + [
        make_posted_link(
            content=first.content, network=network.slug, ambassador=make_ambassador(person.user)
        )
        for person in people[1:]
    ]
    ingest([event(link, n) for n, link in enumerate(links)])
    assert Tally.objects.count() == 3
    total = DayTotal.objects.get()
    assert (total.clicks, total.uniques, total.department) == (3, 3, department)
    assert (total.content, total.campaign) == (first.content, first.content.campaign)


def test_kinds_departments_and_networks_are_told_apart_in_a_total():
    links = [make_posted_link(), make_posted_link(network=make_network().slug)]
    ingest([event(link) for link in links] + [event(links[0], 5)])
    assert sorted(DayTotal.objects.values_list("kind", "clicks", "uniques")) == [
        ("human", 1, 1),
        ("human", 1, 1),
        ("repeat", 1, 0),
    ]


def test_all_four_grow_with_the_next_batch():
    link = make_posted_link()
    for minute in range(3):
        ingest([event(link, minute * 60)])
    for model in (HourTally, Tally, DayTotal):
        assert model.objects.totals() == {"clicks": 3, "uniques": 1}
    place = PlaceTotal.objects.get()
    assert (place.uniques, place.human) == (1, 3)


def test_a_place_has_one_row_with_a_column_for_each_kind_of_click():
    people = [make_ambassador(make_person(department=make_department()).user) for _ in range(2)]
    network = make_network().slug
    first = make_posted_link(network=network, ambassador=people[0])
    other = make_posted_link(network=network, content=first.content, ambassador=people[1])
    robot = event(other, agent="LinkedInBot/1.0 (compatible; Mozilla/5.0)")
    ingest([event(first), event(first, 5), event(other, 9), robot])
    place = PlaceTotal.objects.get(content=first.content)
    assert (place.human, place.repeat, place.preview, place.own) == (2, 1, 1, 0)
    assert (place.uniques, place.network_id) == (2, first.network_id)
    assert (place.day, place.campaign) == (local_day(NOON), first.content.campaign)
    assert list(verify.totals()) == []


def test_what_is_counted_of_a_day_is_the_same_when_it_is_rebuilt():
    link = make_posted_link()
    ingest([event(link), event(link, 5), event(link, 9, agent="curl/8.1.0")])
    before = _counted()
    for table in (HourTally, Tally, DayTotal, PlaceTotal):
        table.objects.all().delete()
    for _ in range(2):
        rollups.rebuild(local_day(NOON))
        assert _counted() == before


def _counted():
    tables = (HourTally, Tally, DayTotal, PlaceTotal)
    rows = [list(table.objects.order_by("pk").values()) for table in tables]
    return [sorted(str(row | {"id": 0}) for row in table) for table in rows]


def test_an_hour_begins_when_the_organisations_clock_strikes(settings):
    at = datetime(2026, 7, 1, 12, 40, tzinfo=UTC)
    for zone, minute in ("America/Montreal", 0), ("America/St_Johns", 30):
        timezone.get_default_timezone.cache_clear()
        settings.TIME_ZONE = zone
        assert local_hour(at) == at.replace(minute=minute)
        assert _as_postgresql_has_it(at, zone) == local_hour(at)


def _as_postgresql_has_it(at, zone):
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('hour', %s::timestamptz, %s)", [at, zone])
        return cursor.fetchone()[0]


def test_what_was_counted_before_there_were_hours_is_filled_in():
    links = [make_posted_link(), make_posted_link()]
    ingest([event(links[0]), event(links[1], 9), event(links[0], 4000)])
    late = Tally.objects.first()
    late.pk, late.day = None, date(2024, 2, 29)
    late.save()
    HourTally.objects.all().delete()
    DayTotal.objects.all().delete()
    fill = import_module("campaigns.migrations.0020_fill_hours_and_totals").fill
    fill(apps, connection.schema_editor())
    assert HourTally.objects.totals()["clicks"] == 3
    assert DayTotal.objects.totals() == Tally.objects.totals()
    assert DayTotal.objects.filter(day=date(2024, 2, 29)).exists()


def test_totals_stay_with_a_content_that_moves_to_another_campaign():
    link = make_posted_link()
    ingest([event(link)])
    other = make_posted_link().content.campaign
    Content.objects.filter(pk=link.content_id).update(campaign=other)
    ingest([event(link, 3600)])
    total = DayTotal.objects.get()
    assert (total.day, total.clicks) == (local_day(NOON), 2)
