import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Click, Share, Tally
from campaigns.tracking import partitions
from campaigns.tracking.ingest import UnknownLink, ingest
from campaigns.tracking.models import ClickKind
from campaigns.tracking.stream import ClickEvent
from tests.campaigns.conftest import BROWSER, make_posted_link
from tests.factories import make_ambassador, make_department, make_person, make_share

pytestmark = pytest.mark.django_db
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def event(link, seconds=0.0, *, visitor=b"v" * 16, agent=BROWSER, **fields):
    at = timezone.now() - timedelta(hours=30) + timedelta(seconds=seconds)
    return ClickEvent.make(link.pk, at=at, agent=agent, visitor=visitor, **fields)


def tallied():
    return {t.kind: (t.clicks, t.uniques) for t in Tally.objects.order_by("kind")}


def test_clicks_are_stored_and_added_up_by_kind():
    link = make_posted_link()
    events = [event(link), event(link, 5), event(link, 100), event(link, 9, agent=BOT)]
    assert ingest(events) == 4
    assert tallied() == {"bot": (1, 0), "human": (2, 1), "repeat": (1, 0)}
    tally = Tally.objects.human().get()
    assert (tally.content, tally.campaign) == (link.content, link.content.campaign)
    assert (tally.ambassador, tally.network) == (link.ambassador, link.network)


def test_the_same_event_counts_once_in_one_batch_and_in_two():
    link = make_posted_link()
    one, two = event(link), event(link, 60)
    assert ingest([one, one, two]) == 2
    assert ingest([two, one]) == 0
    assert Click.objects.count() == 2
    assert tallied() == {"human": (2, 1)}


def test_what_is_known_from_earlier_batches_tells_a_repeat():
    link = make_posted_link()
    for seconds in (0, 10, 20, 100):
        ingest([event(link, seconds)])
    assert tallied() == {"human": (2, 1), "repeat": (2, 0)}


def test_a_late_click_is_no_second_first_one():
    link = make_posted_link()
    ingest([event(link, 600)])
    ingest([event(link, 0)])
    assert tallied() == {"human": (2, 1)}


def test_nothing_of_a_batch_is_stored_when_a_link_is_unknown():
    link = make_posted_link()
    with pytest.raises(UnknownLink):
        ingest([event(link), ClickEvent.make(987654321, agent=BROWSER)])
    assert Click.objects.count() == 0
    assert Tally.objects.count() == 0


def test_no_events_are_no_clicks():
    assert ingest([]) == 0


def test_the_department_is_that_of_the_day_of_the_click():
    before, after = make_department(), make_department()
    person = make_person(department=before)
    link = make_posted_link(ambassador=make_ambassador(person.user))
    ingest([event(link)])
    person.department = after
    person.save()
    ingest([event(link, 3600, visitor=b"w" * 16)])
    rows = Tally.objects.human().order_by("pk")
    assert [(row.department, row.clicks) for row in rows] == [(before, 1), (after, 1)]


def test_when_a_person_is_erased_the_totals_stay():
    person = make_person(department=make_department())
    link = make_posted_link(ambassador=make_ambassador(person.user))
    ingest([event(link)])
    person.user.delete()
    tally = Tally.objects.get()
    assert (tally.ambassador, tally.clicks) == (None, 1)
    assert tally.department is not None
    link.refresh_from_db()
    assert ingest([event(link, 60)]) == 1
    assert Tally.objects.totals()["clicks"] == 2


def test_the_first_click_by_a_person_proves_the_share():
    link = make_posted_link()
    first = event(link, 50)
    share = make_share(link, opened_at=first.at - timedelta(seconds=60))
    ingest([event(link, 10, agent=BOT), first, event(link, 500)])
    share.refresh_from_db()
    assert share.seen_at == first.at
    earlier = event(link, 20, visitor=b"w" * 16)
    ingest([earlier])
    share.refresh_from_db()
    assert share.seen_at == earlier.at


def test_a_click_proves_no_share_that_came_later_or_was_given_up_before():
    link = make_posted_link()
    one = event(link)
    given_up = make_share(
        link,
        opened_at=one.at - timedelta(days=2),
        declared_at=None,
        dismissed_at=one.at - timedelta(days=1),
    )
    later = make_share(link, opened_at=one.at + timedelta(minutes=1))
    ingest([one])
    assert set(Share.objects.values_list("seen_at", flat=True)) == {None}
    ingest([event(link, 3600)])
    given_up.refresh_from_db()
    later.refresh_from_db()
    assert (given_up.seen_at, later.seen_at is not None) == (None, True)


def test_past_clicks_get_a_month_of_their_own():
    at = timezone.now() - timedelta(days=70)
    ingest([ClickEvent.make(make_posted_link().pk, at=at, agent=BROWSER)])
    assert partitions.month_of(at) in partitions.existing()
    assert _rows_in_default() == 0


def test_a_clock_gone_wrong_loses_no_click_and_makes_no_month():
    at = datetime(1970, 1, 2, tzinfo=UTC)
    ingest([ClickEvent.make(make_posted_link().pk, at=at, agent=BROWSER)])
    assert (Click.objects.count(), _rows_in_default()) == (1, 1)
    assert partitions.month_of(at) not in partitions.existing()


def test_a_month_made_late_adopts_what_lay_in_the_default():
    at = datetime(2001, 5, 6, tzinfo=UTC)
    ingest([ClickEvent.make(make_posted_link().pk, at=at, agent=BROWSER)])
    assert _rows_in_default() == 1
    partitions.ensure([at.date().replace(day=1)])
    assert (_rows_in_default(), Click.objects.count()) == (0, 1)


def _rows_in_default():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM campaigns_click_default")
        return cursor.fetchone()[0]


def test_texts_that_postgresql_refuses_are_made_fit():
    link = make_posted_link()
    ingest([ClickEvent.make(link.pk, agent="Mozilla\x00/5.0\ud800 \x1b[2J" + "x" * 900)])
    assert Click.objects.get().agent.startswith("Mozilla/5.0 [2Jxxx")
    assert len(Click.objects.get().agent) <= 400


def test_an_event_survives_its_journey_as_it_was():
    made = event(make_posted_link(), purpose="prefetch", referrer="é.example")
    assert ClickEvent.from_fields(made.to_fields()) == made
    bare = replace(made, visitor=None, agent="", referrer="", purpose="")
    assert ClickEvent.from_fields(bare.to_fields()) == bare


def test_many_batches_in_any_order_add_up_to_the_raw_clicks():
    dice = random.Random(7)
    links = [make_posted_link() for _ in range(4)]
    events = [
        event(dice.choice(links), dice.randrange(3600), visitor=bytes([dice.randrange(9)]) * 16)
        for _ in range(400)
    ]
    handed = [dice.choice(events) for _ in range(1200)] + events
    for start in range(0, len(handed), 37):
        ingest(handed[start : start + 37])
    assert Click.objects.count() == 400
    assert Tally.objects.totals()["clicks"] == 400
    firsts = Click.objects.filter(is_first=True)
    assert firsts.count() == firsts.values("link", "visitor").distinct().count()
    assert Tally.objects.human().totals()["uniques"] == firsts.count()
    assert Tally.objects.exclude(kind=ClickKind.HUMAN).totals()["uniques"] == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_consumers_at_work_at_once_count_every_event_and_visitor_once():
    link = make_posted_link()
    ingest([event(link)])  # the month is made by now
    rounds = [
        [event(link, n * 60, visitor=bytes([visitor]) * 16) for n in range(6)]
        for visitor in range(8)
    ]
    together = Barrier(6)

    def consume(mine):
        together.wait()
        stored = sum(ingest([made]) for made in mine)
        connection.close()
        return stored

    with ThreadPoolExecutor(6) as consumers:
        handed = [list(mine) for mine in zip(*rounds, strict=True)]
        assert sum(consumers.map(consume, handed)) == 48
        assert sum(consumers.map(consume, handed)) == 0
    assert Click.objects.count() == Tally.objects.totals()["clicks"] == 49
    assert Click.objects.filter(is_first=True).count() == 9
