"""Leaving the programme: whose links they were, and whether they go on leading somewhere."""

import pytest

from campaigns.models import Link, Tally
from campaigns.tracking import cache
from tests.factories import make_ambassador, make_content, make_link, make_tally

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
LEAVE = "/programme/leave/"


@pytest.fixture
def link():
    link = make_link(make_ambassador(), make_content())
    make_tally(link, clicks=7)
    return link


def test_links_go_on_without_a_name(link, as_user, edge):
    as_user(link.ambassador.user).post(LEAVE, {"links": "keep"})
    assert edge.get(f"/{link.code}").status == 302
    assert Link.objects.get(code=link.code).ambassador is None


def test_links_stop_where_the_person_says_so_and_the_figures_stay(link, as_user, edge, clicks):
    as_user(link.ambassador.user).post(LEAVE, {"links": "stop"})
    assert edge.get(f"/{link.code}").status == 404
    assert not Link.objects.filter(code=link.code).exists()
    tally = Tally.objects.get()
    assert (tally.clicks, tally.ambassador, tally.link_id) == (7, None, link.pk)


def test_no_copy_of_a_stopped_link_is_left_in_redis(link, as_user, edge, clicks):
    assert edge.get(f"/{link.code}").status == 302
    key = f"{cache.LINK}{link.code}"
    assert clicks.exists(key)
    as_user(link.ambassador.user).post(LEAVE, {"links": "stop"})
    assert (clicks.get(key), clicks.exists(f"old:{key}")) == ("?", 0)


def test_nonsense_is_not_taken_for_a_wish(link, as_user):
    answer = as_user(link.ambassador.user).post(LEAVE, {"links": "burn"})
    assert answer.status_code == 422
    assert Link.objects.get().ambassador == link.ambassador
