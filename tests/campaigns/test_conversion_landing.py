"""The address a site's last button passes through, on a real server, well and badly used."""

from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.conversions import landing
from campaigns.conversions.landing import onward
from campaigns.conversions.settling import settle_all
from campaigns.models import Conversion, ConversionTally
from campaigns.tracking.ingest import ingest
from campaigns.tracking.stream import ClickEvent
from tests.campaigns.conftest import make_posted_link
from tests.factories import make_goal

database = pytest.mark.django_db(transaction=True, serialized_rollback=True)
HOME = "https://careers.example/merci"


@pytest.fixture(autouse=True)
def remember_nothing():
    landing._goals.clear()


@pytest.fixture
def visit(edge):
    """A goal, and the click id somebody was given on the way to its site."""
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    location = edge.get(f"/{link.code}").headers["location"]
    return goal, parse_qs(urlsplit(location).query)["pv"][0]


def take_in(clicks):
    """What the consumer does: the stream into rows."""
    ingest([ClickEvent.from_fields(fields) for _, fields in clicks.xrange("clicks")])


@database
def test_from_the_click_to_the_total(edge, clicks, visit):
    goal, told = visit
    answer = edge.get(f"/conversion?goal={goal.key}&pv={told}")
    assert (answer.status, answer.headers["location"]) == (303, HOME)
    assert (answer.headers["cache-control"], "set-cookie" in answer.headers) == (
        "private, no-store",
        False,
    )
    assert Conversion.objects.get().state == "pending"
    take_in(clicks)
    settle_all()
    assert ConversionTally.objects.total() == 1


@database
def test_passing_again_counts_once_and_asking_for_the_head_not_at_all(edge, visit):
    goal, told = visit
    path = f"/conversion?goal={goal.key}&pv={told}"
    assert edge.get(path, method="HEAD").status == 303
    assert Conversion.objects.count() == 0
    for _ in range(3):
        edge.get(path)
    assert Conversion.objects.count() == 1


@database
def test_a_page_loaded_in_advance_counts_for_nothing(edge, visit):
    goal, told = visit
    path = f"/conversion?goal={goal.key}&pv={told}"
    assert edge.get(path, sec_purpose="prefetch").status == 503
    assert Conversion.objects.count() == 0


@database
@pytest.mark.parametrize("told", ["", "&pv=", "&pv=forged", "&pv=" + "A" * 40, "&pv=%00", "&pv=é"])
def test_whoever_brings_no_id_of_ours_is_sent_on_and_not_counted(edge, told):
    answer = edge.get(quote(f"/conversion?goal={make_goal().key}{told}", safe="/?=&%"))
    assert (answer.status, answer.headers["location"]) == (303, HOME)
    assert Conversion.objects.count() == 0


@database
@pytest.mark.parametrize("key", ["", "0" * 16, "x", "%00", "a" * 5000])
def test_a_goal_nobody_has_leads_nowhere(edge, key):
    answer = edge.get(f"/conversion?goal={key}&next=https://evil.example/")
    assert (answer.status, "location" in answer.headers) == (404, False)


@database
def test_a_goal_without_a_page_has_no_landing_address(edge):
    goal = make_goal(return_url="")
    assert edge.get(f"/conversion?goal={goal.key}&next=https://evil.example/").status == 404


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://careers.example.evil.example/",
        "https://careers.example@evil.example/",
        "https://careers.example:444/",
        "https://evil.example\\@careers.example/",
        "http://careers.example/",
        "https://careers.example\t.evil.example/",
        "https://careers.example/\r\nSet-Cookie: a=1",
        "javascript:alert(1)",
        "data:text/html,x",
        "/merci",
        "https:/evil.example",
        "https:evil.example",
        "\0",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(wanted):
    assert onward(HOME, wanted) == HOME


@pytest.mark.parametrize("wanted", ["https://careers.example/", "https://CAREERS.example/a?b=c#d"])
def test_another_page_of_the_same_site_is_fine(wanted):
    assert urlsplit(onward(HOME, wanted))[:2] == ("https", "careers.example")


@database
def test_a_second_next_cannot_replace_the_first(edge):
    path = (
        f"/conversion?goal={make_goal().key}&next=https://careers.example/a&next=https://b.example/"
    )
    assert edge.get(path).headers["location"] == "https://careers.example/a"


@database
def test_while_the_database_is_away_people_go_on_and_nothing_is_lost(
    edge, clicks, visit, settings, tmp_path, monkeypatch
):
    settings.CLICK_SPOOL = tmp_path
    goal, told = visit
    path = f"/conversion?goal={goal.key}&pv={told}"
    edge.get(f"/conversion?goal={goal.key}")  # so that its page is remembered
    with monkeypatch.context() as away:

        def fail(*_):
            raise OperationalError("the server closed the connection")

        away.setattr(landing, "pass_through", fail)
        assert edge.get(path).status == 303
    assert (Conversion.objects.count(), len(list(landing.folder().glob("*.json")))) == (0, 1)
    at = timezone.now()
    landing.take_up()
    conversion = Conversion.objects.get()
    assert (conversion.state, list(landing.folder().iterdir())) == ("pending", [])
    assert abs(conversion.occurred_at - at) < timedelta(seconds=5)
