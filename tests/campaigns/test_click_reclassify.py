from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.models import Click, DayTotal, HourTally, Share, Tally
from campaigns.tracking.classify import local_day
from campaigns.tracking.ingest import ingest
from campaigns.tracking.models import ClickKind
from campaigns.tracking.reclassify import reclassify
from campaigns.tracking.stream import ClickEvent
from tests.campaigns.conftest import BROWSER, make_posted_link
from tests.factories import make_network, make_share

pytestmark = pytest.mark.django_db
AGENTS = [BROWSER, BROWSER, "Twitterbot/1.0", "curl/8.11.0", ""]
START = timezone.now() - timedelta(days=3)


def event(link, seconds, *, visitor=b"v" * 16, agent=BROWSER):
    at = START + timedelta(seconds=seconds)
    return ClickEvent.make(link.pk, at=at, agent=agent, visitor=visitor)


def picture():
    """All that classification decides, in an order of its own."""
    raw = Click.objects.order_by("at", "id").values_list("id", "kind", "reason", "is_first")
    seen = Share.objects.order_by("pk").values_list("seen_at")
    return list(raw), list(seen), *map(counted, (HourTally, Tally, DayTotal))


def counted(model):
    """All that its rows say, in an order of its own."""
    return sorted(map(repr, model.objects.values(*_said(model))))


def _said(model):
    return [field.attname for field in model._meta.fields if field.name != "id"]


def test_a_second_run_changes_nothing():
    link = make_posted_link()
    ingest([event(link, n * 20, agent=AGENTS[n % 5]) for n in range(30)])
    Click.objects.update(kind=ClickKind.BOT, reason="", is_first=False)
    assert reclassify() > 0
    first = picture()
    assert reclassify() == 0
    assert picture() == first


def test_late_clicks_are_put_in_their_place():
    link = make_posted_link()
    for seconds in (100, 50, 75):
        ingest([event(link, seconds)])
    reclassify()
    kinds = Click.objects.order_by("at").values_list("kind", "is_first")
    assert list(kinds) == [("human", True), ("repeat", False), ("repeat", False)]
    assert Tally.objects.human().totals() == {"clicks": 1, "uniques": 1}


def test_a_burst_across_two_batches_is_found_afterwards():
    links = [make_posted_link() for _ in range(4)]
    clicks = [event(link, n / 2) for n, link in enumerate(links)]
    ingest(clicks[:2])
    ingest(clicks[2:])
    assert Tally.objects.human().totals()["clicks"] == 4
    reclassify()
    assert set(Tally.objects.values_list("kind", "clicks")) == {("scanner", 1)}
    assert Tally.objects.count() == 4


def test_a_share_that_only_a_machine_had_seen_is_no_longer_seen():
    link = make_posted_link()
    share = make_share(link, opened_at=START - timedelta(hours=1))
    ingest([event(link, 0)])
    Click.objects.update(agent="curl/8.11.0")
    reclassify()
    share.refresh_from_db()
    assert share.seen_at is None


def test_a_composer_opened_again_does_not_undo_what_was_proved():
    link = make_posted_link()
    share = make_share(link, opened_at=START - timedelta(hours=1))
    ingest([event(link, 0)])
    Share.objects.update(opened_at=timezone.now())
    reclassify()
    share.refresh_from_db()
    assert share.seen_at == Click.objects.get().at


def test_only_the_days_asked_for_are_judged_again():
    link = make_posted_link()
    ingest([event(link, 0), event(link, 24 * 3600)])
    Click.objects.update(kind=ClickKind.BOT, is_first=False)
    day = local_day(START)
    call_command("reclassify", "--from", str(day), "--to", str(day))
    assert list(Click.objects.order_by("at").values_list("kind", flat=True)) == ["human", "bot"]


def test_tallies_of_clicks_that_are_gone_stay():
    link = make_posted_link()
    ingest([event(link, 0)])
    old = Tally.objects.get()
    old.pk, old.day = None, old.day - timedelta(days=200)
    old.save()
    reclassify()
    assert Tally.objects.count() == 2


def test_without_clicks_there_is_nothing_to_do(capsys):
    call_command("reclassify")


CLICK = st.tuples(
    st.integers(0, 5 * 3600),
    st.integers(0, 3),
    st.sampled_from([b"v" * 16, b"w" * 16, None]),
    st.sampled_from(AGENTS),
)


class InOrder(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    # Of two in the same millisecond neither came first.
    @given(st.lists(CLICK, max_size=60, unique_by=lambda click: click[0]), st.integers(1, 60))
    def test_what_came_in_order_is_judged_the_same_again(self, drawn, size):
        network = make_network()
        links = [make_posted_link(network=network.slug) for _ in range(4)]
        clicks = [
            event(links[link], seconds, visitor=visitor, agent=agent)
            for seconds, link, visitor, agent in sorted(drawn, key=lambda one: one[0])
        ]
        for start in range(0, len(clicks), size):
            ingest(clicks[start : start + size])
        before = picture()
        reclassify()
        assert picture() == before
