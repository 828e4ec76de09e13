"""The pages of live items are asked for once a week, and their authors told of those that are gone."""

import time
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.core.cache import cache
from django.urls import reverse

from activity import outside as web
from activity.models import Entry
from campaigns.models import Content
from campaigns.sources import dead_links, tasks
from tests.activity.conftest import post_office  # noqa: F401
from tests.activity.post_office import text_of, work
from tests.factories import make_content, make_manager, make_user
from tests.outside import answer

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
GONE, AWAY, FINE = answer(status="404 No"), answer(status="503 Away"), answer("<p>Oui</p>")
DAY = timedelta(days=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr("activity.outside.wait_for_turn", lambda host: None)


@pytest.fixture
def item(outside, no_waiting):
    return make_content(url=outside.page("/un", GONE), author=make_manager(language="en"))


def check(item, at, answered, outside):
    outside.site.pages["/un"] = answered
    item.refresh_from_db()
    dead_links.check(item, at)
    item.refresh_from_db()


def told():
    return Entry.objects.filter(verb="content.link_dead").count()


# --- What is due -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "failing", "is_due"),
    [(None, False, True), (6, False, False), (8, False, True), (0.5, True, False), (1, True, True)],
)
def test_a_page_is_asked_once_a_week_and_daily_while_it_fails(days, failing, is_due):
    at = None if days is None else NOON - timedelta(days=days)
    make_content(link_checked_at=at, link_failing_since=at if failing else None)
    assert dead_links.due(NOON).exists() is is_due


@pytest.mark.parametrize("status", ["draft", "in_review", "expired", "withdrawn"])
def test_only_what_can_be_shared_is_asked_for(status):
    make_content(status=status, published_at=None)
    assert not dead_links.due(NOON).exists()


# --- What is made of the answer ----------------------------------------------------------------
def test_a_page_that_answers_is_fine(item, outside):
    check(item, NOON, FINE, outside)
    assert (item.link_checked_at, item.link_failing_since, item.link_error) == (NOON, None, "")


@pytest.mark.parametrize(
    ("answered", "days"), [(GONE, 1), (answer(status="410 Gone"), 1), (AWAY, 3)]
)
def test_its_author_is_told_once_on_a_later_day(item, outside, answered, days):
    """A page that is gone on the next day; a site that is away on the third after."""
    for hours in range(0, 24 * 7, 24):
        check(item, NOON + timedelta(hours=hours), answered, outside)
        assert told() == (hours >= 24 * days)


def test_twice_on_the_same_day_is_not_enough(item, outside):
    """00:10 and 20:10 in Montreal."""
    for hours in (5, 25):
        check(
            item, datetime(2026, 11, 20, 0, 10, tzinfo=UTC) + timedelta(hours=hours), GONE, outside
        )
    assert told() == 0


def test_a_page_that_comes_back_is_fine_and_may_be_gone_anew(item, outside):
    for day, answered in enumerate([GONE, GONE, FINE, GONE, GONE]):
        check(item, NOON + day * DAY, answered, outside)
        assert bool(item.link_failing_since) is (answered is GONE)
    assert told() == 2


@pytest.mark.parametrize("status", ["401 No", "403 No", "405 No", "429 Slow", "999 Denied"])
def test_a_site_that_keeps_robots_out_is_not_dead(item, outside, status):
    for day in range(9):
        check(item, NOON + day * DAY, answer(status=status), outside)
    assert (item.link_failing_since, told()) == (None, 0)
    assert status[:3] in web.in_words(item.link_error)


def test_a_page_is_asked_for_as_a_browser_does(item, outside):
    check(item, NOON, FINE, outside)
    assert outside.site.requests[0].startswith("GET /un ")


def test_a_page_of_any_size_or_kind_is_fine(item, outside):
    check(item, NOON, answer(b"x" * 10**7, content_type="video/mp4"), outside)
    assert item.link_failing_since is None


def test_an_address_that_now_leads_inside_is_dead(item, outside):
    outside.name("site.example", "10.0.0.7")
    check(item, NOON, FINE, outside)
    assert (item.link_error, outside.trap.accepted) == ("Private", 0)


# --- What is told ------------------------------------------------------------------------------
@pytest.mark.parametrize(("language", "word"), [("en", "no longer answers"), ("fr", "404")])
def test_its_author_hears_of_it_by_mail_and_bell(outside, no_waiting, post_office, language, word):  # noqa: F811
    author = make_user(role="manager", language=language)
    item = make_content(url=outside.page("/un", GONE), author=author)
    for day in range(2):
        check(item, NOON + day * DAY, GONE, outside)
    work()
    [mail] = post_office.to(author)
    assert word in mail["subject"] + text_of(mail)
    assert "404" in text_of(mail)


def test_nothing_is_sent_of_a_page_that_has_come_back(item, outside, post_office):  # noqa: F811
    for day, answered in enumerate([GONE, GONE, FINE]):
        check(item, NOON + day * DAY, answered, outside)
    work()
    assert post_office.mails == []


# --- Where it is shown -------------------------------------------------------------------------
def shown(as_user, item, at):
    client = as_user(item.author)
    return [client.get(path).content.decode() for path in (at, reverse("campaigns:desk"))]


def test_the_item_and_the_desk_show_it_from_the_second_time_on(item, outside, as_user):
    for day, is_shown in enumerate([False, True]):
        check(item, NOON + day * DAY, GONE, outside)
        page, desk = shown(as_user, item, item.get_absolute_url())
        assert ("Its page no longer answers" in page) is is_shown
        assert ("leads to a page that no longer answers" in desk) is is_shown


def test_the_item_says_that_nothing_is_known_of_its_page(item, outside, as_user):
    check(item, NOON, answer(status="403 No"), outside)
    page, desk = shown(as_user, item, item.get_absolute_url())
    assert "Its page could not be checked" in page
    assert "no longer answers" not in desk


# --- Twice, together, and slowly ---------------------------------------------------------------
def test_two_that_asked_at_once_write_one_answer(item):
    twin = Content.objects.get(pk=item.pk)
    dead_links.check(item, NOON)
    dead_links.check(twin, NOON + 9 * DAY)
    item.refresh_from_db()
    assert (item.link_checked_at, told()) == (NOON, 0)


def test_the_task_may_run_twice(item, outside):
    tasks.check_links()
    tasks.check_links()
    assert len(outside.site.requests) == 1


def test_a_run_that_ends_early_leaves_the_rest_for_the_next(item, outside, monkeypatch):
    make_content(url=outside.page("/deux", FINE))
    monkeypatch.setattr(dead_links, "SECONDS_FOR_ALL", -1)
    assert dead_links.check_due(NOON) == 0
    monkeypatch.undo()


def test_a_site_is_asked_once_a_second_by_all_together(outside):
    outside.page("/un", answer(status="302 Found", location="/deux"))
    asked = []
    outside.page("/deux", lambda line, site: (asked.append(time.monotonic()), line.sendall(FINE)))
    outside.names["site.example"] = ["93.184.215.14"]

    def ask():
        dead_links._trouble_with("http://site.example/un")

    begun = time.monotonic()
    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Four requests, redirects counted: three pauses between them.
    assert len(outside.site.requests) == 4
    assert time.monotonic() - begun >= 2.9
