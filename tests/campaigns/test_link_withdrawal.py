import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from activity import log
from campaigns.models import Content
from campaigns.tracking import cache
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_campaign, make_content, make_link, make_manager

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
A_SECOND = 1.05


@pytest.fixture
def link(edge):
    link = make_link(content=make_content())
    assert edge.get(f"/{link.code}").status == 302
    return link


def test_a_withdrawn_content_says_so_everywhere_within_a_second(edge, link):
    with EdgeServer() as other:
        assert other.get(f"/{link.code}").status == 302
        link.content.withdraw(by=make_manager(), note="Faux chiffre.")
        time.sleep(A_SECOND)
        answers = [edge.get(f"/{link.code}"), other.get(f"/{link.code}")]
    assert [answer.status for answer in answers] == [451, 451]
    assert "location" not in answers[0].headers


def test_no_cache_holds_a_withdrawn_content_and_the_visitor_gets_the_fallback(edge, clicks):
    fallback = "https://orvaly.example/actualites"
    link = make_link(content=make_content(campaign=make_campaign(fallback_url=fallback)))
    item = f"{cache.ITEM}{link.content_id}"
    assert (
        edge.get(f"/{link.code}").status == 302
    )  # now in memory, in Redis, and kept for a bad day
    assert clicks.exists(item, f"old:{item}") == 2
    link.content.withdraw(by=make_manager(), note="Faux chiffre.")
    assert (clicks.get(item), clicks.exists(f"old:{item}")) == ("?", 0)
    time.sleep(A_SECOND)
    answer = edge.get(f"/{link.code}")
    assert (answer.status, "location" in answer.headers, fallback in answer.body) == (
        451,
        False,
        True,
    )
    assert '"status": "withdrawn"' in clicks.get(f"old:{item}")


def test_a_code_that_was_not_there_before_does_not_lead_to_what_is_withdrawn_since(edge):
    content = make_content()
    assert edge.get("/NotYet99").status == 404
    make_link(content=content, code="NotYet99")
    content.withdraw(by=make_manager(), note="Faux chiffre.")
    assert edge.get("/NotYet99").status in {404, 451}
    time.sleep(cache.ABSENT_SECONDS)
    assert edge.get("/NotYet99").status == 451


def test_an_expired_content_ends_within_a_second(edge, link):
    link.content.expire()
    time.sleep(A_SECOND)
    assert edge.get(f"/{link.code}").status == 410


def test_an_end_that_is_moved_is_followed_everywhere_within_a_second(edge, clicks):
    link = make_link(content=make_content(expires_at=timezone.now() + timedelta(seconds=0.2)))
    with EdgeServer() as other:
        time.sleep(0.3)
        assert [server.get(f"/{link.code}").status for server in (edge, other)] == [410, 410]
        # As `extend` does for what is live; here it has just ended.
        Content.objects.update(expires_at=None)
        log.record("content.extended", subject=link.content, actor=None)
        time.sleep(A_SECOND)
        assert [server.get(f"/{link.code}").status for server in (edge, other)] == [302, 302]


def test_another_page_and_another_fallback_are_followed_everywhere_within_a_second(edge):
    campaign = make_campaign(state="draft")
    content = make_content(campaign=campaign, status=Content.Status.CHANGES_REQUESTED)
    Content.objects.update(status=Content.Status.PUBLISHED)
    link, by = make_link(content=content), make_manager()
    with EdgeServer() as other:
        both = [edge, other]
        assert [server.get(f"/{link.code}").status for server in both] == [302, 302]
        _change_page(content, by, "https://orvaly.example/ailleurs")
        time.sleep(A_SECOND)
        for server in both:
            assert "/ailleurs?" in server.get(f"/{link.code}").headers["location"]
        content.expire()
        campaign.fallback_url = "https://orvaly.example/accueil"
        campaign.change(by, ["fallback_url"])
        time.sleep(A_SECOND)
        for server in both:
            assert "https://orvaly.example/accueil" in server.get(f"/{link.code}").body


def _change_page(content, by, url):
    """Only what is not published may be written; the edge follows whatever its status."""
    Content.objects.update(status=Content.Status.CHANGES_REQUESTED)
    content.refresh_from_db()
    content.url = url
    with transaction.atomic():
        content.write(by)
        Content.objects.update(status=Content.Status.PUBLISHED)


def test_an_item_that_is_taken_up_again_no_longer_says_that_it_ended(edge):
    # Ended long ago: nothing has told the edges to ask the database since.
    link = make_link(content=make_content(status=Content.Status.EXPIRED))
    assert edge.get(f"/{link.code}").status == 410
    link.content.revive(by=make_manager())
    time.sleep(A_SECOND)
    assert edge.get(f"/{link.code}").status == 404


def test_a_withdrawal_that_is_rolled_back_changes_nothing(edge, link, clicks):
    with transaction.atomic():
        link.content.withdraw(by=make_manager(), note="Faux chiffre.")
        transaction.set_rollback(True)
    assert clicks.get(f"{cache.ITEM}{link.content_id}") != "?"
    time.sleep(A_SECOND)
    assert edge.get(f"/{link.code}").status == 302


def test_an_edge_that_was_reading_the_old_row_cannot_put_it_back(edge, link, clicks):
    old = clicks.get(f"{cache.ITEM}{link.content_id}")
    cache.forget(link.content_id)
    clicks.set(f"{cache.ITEM}{link.content_id}", old, nx=True, ex=5)
    assert clicks.get(f"{cache.ITEM}{link.content_id}") == "?"


def test_a_row_edited_by_hand_is_followed_in_a_few_seconds(edge, link, clicks):
    Content.objects.update(status=Content.Status.WITHDRAWN)
    assert 0 < clicks.ttl(f"{cache.ITEM}{link.content_id}") <= 5
    clicks.delete(f"{cache.ITEM}{link.content_id}")  # what these seconds would do
    time.sleep(A_SECOND)
    assert edge.get(f"/{link.code}").status == 451


def test_a_withdrawn_link_shows_no_card(edge, link):
    link.content.withdraw(by=make_manager(), note="Faux chiffre.")
    time.sleep(A_SECOND)
    answer = edge.get(f"/{link.code}", user_agent="Twitterbot/1.0")
    assert answer.status == 451
    assert link.content.title not in answer.body
