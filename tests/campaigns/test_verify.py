from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.models import (
    Click,
    Content,
    DayTotal,
    HourTally,
    Review,
    Salt,
    Share,
    Tally,
)
from campaigns.tracking.ingest import ingest
from campaigns.tracking.stream import DEAD, ClickEvent
from campaigns.verify import breaches
from tests.campaigns.conftest import BROWSER, make_posted_link
from tests.factories import make_content, make_manager, make_share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clicks")]


@pytest.fixture
def link():
    """A link of an approved content that two people have clicked."""
    content = make_content()
    Review.objects.create(
        content=content, reviewer=make_manager(), decision=Review.Decision.APPROVED
    )
    link = make_posted_link(content=content)
    make_share(link, opened_at=timezone.now() - timedelta(days=9))
    at = timezone.now() - timedelta(days=2)
    ingest(
        ClickEvent.make(link.pk, at=at, agent=BROWSER, visitor=visitor * 16)
        for visitor in (b"v", b"w")
    )
    return link


def test_all_is_well(link):
    assert list(breaches()) == []
    out = StringIO()
    call_command("verify", stdout=out)
    assert "Everything adds up" in out.getvalue()


def test_a_breach_is_told_and_ends_with_an_error(link):
    Tally.objects.update(clicks=7)
    out = StringIO()
    with pytest.raises(CommandError, match="2 things"):
        call_command("verify", stdout=out)
    assert "7 clicks and 2 uniques are tallied, there are 2 and 2" in out.getvalue()
    assert "the total is 2 clicks and 2 uniques, its tallies are 7 and 2" in out.getvalue()


def test_a_missing_tally_is_a_breach(link):
    Tally.objects.all().delete()
    Share.objects.update(seen_at=None)
    raw, coarser = breaches()
    assert "0 clicks and 0 uniques are tallied, there are 2 and 2" in raw
    assert "the total is 2 clicks and 2 uniques, its tallies are 0 and 0" in coarser


def test_a_missing_hour_is_a_breach(link):
    HourTally.objects.all().delete()
    [breach] = breaches()
    assert "0 clicks and 0 uniques are tallied by the hour, there are 2 and 2" in breach


def test_a_total_that_is_not_its_tallies_is_a_breach(link):
    DayTotal.objects.update(clicks=9)
    below, above = breaches()
    assert "the total is 9 clicks and 2 uniques, its tallies are 2 and 2" in below
    assert "2 clicks are told, there are 9" in above


def test_a_missing_click_is_a_breach(link):
    Click.objects.filter(visitor=b"v" * 16).delete()
    by_day, by_hour = breaches()
    assert "2 clicks and 2 uniques are tallied, there are 1 and 1" in by_day
    assert "2 clicks and 2 uniques are tallied by the hour, there are 1 and 1" in by_hour


def test_a_click_stored_twice_is_a_breach(link):
    click = Click.objects.first()
    Click.objects.create(
        id=click.id,
        at=click.at + timedelta(seconds=1),
        link_id=link.pk,
        kind="repeat",
    )
    assert any(f"click {click.id} is stored 2 times" in breach for breach in breaches())


def test_a_visitor_who_is_new_twice_is_a_breach(link):
    Click.objects.update(visitor=b"v" * 16)
    [breach] = breaches()
    assert breach.endswith("one visitor is counted as new 2 times")


def test_a_share_seen_by_nobody_is_a_breach(link):
    share = make_share(make_posted_link(content=link.content), seen_at=timezone.now())
    assert list(breaches()) == [f"share {share.pk} is seen, and no person has clicked its link"]


def test_published_without_an_approval_is_a_breach(link):
    Review.objects.all().delete()
    assert list(breaches()) == [
        f"content {link.content_id} was published, and nobody had approved it"
    ]


def test_published_with_ones_own_approval_is_a_breach(link):
    Review.objects.update(reviewer=Content.objects.get().author)
    [breach] = breaches()
    assert breach.endswith("was approved by the person who wrote it")


def test_salts_that_were_not_destroyed_are_a_breach(link):
    for days in range(3):
        Salt.objects.create(day=timezone.localdate() - timedelta(days=days))
    assert list(breaches()) == ["the salts of 3 days are kept, two at most may be"]


def test_dead_letters_are_a_breach(link, clicks):
    clicks.xadd(DEAD, {"reason": "broken"})
    [breach] = breaches()
    assert breach.startswith("1 clicks lie among the dead letters")


def test_a_redis_that_is_away_is_a_breach(link, settings, tmp_path):
    settings.CLICKS_REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    [breach] = breaches()
    assert breach.startswith("the click stream cannot be read")
