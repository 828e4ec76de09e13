"""The address a site's last button passes through, on a real server, well and badly used."""

import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.conversions import landing
from campaigns.conversions.landing import onward
from campaigns.conversions.settling import settle_all
from campaigns.conversions.tasks import settle_conversions
from campaigns.models import Conversion, ConversionTally
from campaigns.tracking import click_ids
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


@pytest.fixture
def aside(settings, tmp_path):
    """Puts a passage on this machine's disk, as while the database is away."""
    settings.CLICK_SPOOL = tmp_path

    def put(goal_id):
        click = click_ids.ClickId(uuid.uuid4(), timezone.now())
        landing.put_aside(landing.Passage(goal_id, click, timezone.now()))

    return put


def names(folder):
    return sorted(file.suffix for file in folder.glob("*.*"))


@database
def test_what_was_put_aside_is_taken_up_within_the_minute_though_nobody_passes(aside):
    aside(make_goal().pk)
    settle_conversions()
    assert (Conversion.objects.count(), names(landing.folder())) == (1, [])


@database
def test_a_file_another_process_has_taken_holds_nothing_up(aside, monkeypatch):
    goal = make_goal()
    for _ in range(2):
        aside(goal.pk)
    first, second = landing.folder().glob("*.json")
    found = [first, Path(first.parent, "gone.json"), second]
    monkeypatch.setattr(Path, "glob", lambda *_: iter(found))
    assert (landing.take_up(), Conversion.objects.count()) == (2, 2)


@database
@pytest.mark.parametrize("line", ["", "[1, 2", "{}", "7", '[1, "x", 0, 0]', "[1, null, 0, 0]"])
def test_a_line_that_is_no_passage_is_refused_and_the_others_go_on(aside, line):
    aside(make_goal().pk)
    (landing.folder() / "0.json").write_text(line)
    assert landing.take_up() == 1
    assert names(landing.folder() / "refused") == [".json", ".reason"]
    assert names(landing.folder()) == []


@database
def test_a_passage_whose_goal_is_gone_is_refused_with_the_reason(aside, caplog):
    aside(make_goal().pk)
    aside(2**31)
    aside(2**63)
    assert (landing.take_up(), Conversion.objects.count()) == (1, 1)
    reasons = sorted(file.read_text() for file in landing.folder().glob("refused/*.reason"))
    assert [reason.split(":")[0] for reason in reasons] == ["DataError", "IntegrityError"]
    assert "is not counted: IntegrityError" in caplog.text


@database
def test_a_file_nobody_can_read_stays_and_the_others_go_on(aside):
    aside(make_goal().pk)
    (landing.folder() / "0.json").mkdir()
    assert (landing.take_up(), names(landing.folder())) == (1, [".json"])


@database
def test_a_goal_that_went_a_moment_ago_is_not_taken_for_a_database_away(edge, aside, visit, caplog):
    goal, told = visit
    path = f"/conversion?goal={goal.key}&pv={told}"
    edge.get(path, method="HEAD")  # so that its page is remembered
    goal.delete()
    assert edge.get(path).status == 303
    landing.take_up()
    assert names(landing.folder() / "refused") == [".json", ".reason"]
    assert "The database is away" not in caplog.text


@database
def test_nobody_who_passes_waits_for_what_was_put_aside(edge, aside, visit, monkeypatch):
    goal, told = visit
    slow, may_end = threading.Event(), threading.Event()
    monkeypatch.setattr(landing, "take_up", lambda: (slow.set(), may_end.wait(10)))
    began = time.monotonic()
    for _ in range(3):
        assert edge.get(f"/conversion?goal={goal.key}&pv={told}").status == 303
    took = time.monotonic() - began
    assert slow.wait(5)
    may_end.set()
    assert took < landing.PATIENCE


@database
def test_the_next_passage_takes_up_what_waits(edge, aside, visit):
    goal, told = visit
    aside(goal.pk)
    edge.get(f"/conversion?goal={goal.key}&pv={told}")
    landing._beside.submit(int).result(10)  # behind what was begun
    assert names(landing.folder()) == []
    assert Conversion.objects.count() == 2


@database
def test_a_long_line_is_taken_up_piece_by_piece(aside, monkeypatch):
    monkeypatch.setattr(landing, "IN_ONE_GO", 2)
    goal = make_goal()
    for _ in range(3):
        aside(goal.pk)
    assert [landing.take_up(), landing.take_up(), landing.take_up()] == [2, 1, 0]
