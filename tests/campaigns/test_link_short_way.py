"""A link that was just visited is answered from what was made ready: the same answer, as soon."""

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Content
from campaigns.tracking import stream
from campaigns.tracking.cache import Layered, Shared
from campaigns.tracking.edge import Edge
from campaigns.tracking.stream import ClickEvent, field
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_content, make_link, make_manager

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
REFERRED = {"referer": "https://www.linkedin.com/feed/?x=é", "user_agent": "Mozilla/5.0 (É) n/1.0"}


@pytest.fixture
def link(edge):
    link = make_link()
    edge.get(f"/{link.code}")
    return link


@pytest.fixture
def server(clicks):
    """An edge whose short way says how often it was taken."""

    class Counting(Edge):
        taken = 0

        def _at_once(self, scope):
            found = super()._at_once(scope)
            self.taken += found is not None
            return found

    with EdgeServer(Counting()) as server:
        server.edge = server._server.config.app
        yield server


def hammer(server, path, seconds):
    """The statuses of visits without a pause, with when each was asked for."""
    until, seen = time.monotonic() + seconds, []
    while (asked := time.monotonic()) < until:
        seen.append((asked, server.get(path).status))
    return seen


def told(clicks):
    return [
        {k: v for k, v in click.items() if k not in "it"} for _, click in clicks.xrange("clicks")
    ]


def test_the_short_way_answers_and_records_what_the_long_one_does(server, clicks):
    link = make_link()
    long, short = (server.get(f"/{link.code}", **REFERRED) for _ in range(2))
    assert server.edge.taken == 1
    dated = {"date": ""}
    assert (long.status, long.headers | dated) == (short.status, short.headers | dated)
    first, second = told(clicks)
    assert first == second
    assert first["r"] == "www.linkedin.com"


@pytest.mark.parametrize(
    ("asked", "status", "recorded"),
    [
        ({"sec_purpose": "prefetch"}, 503, 1),
        ({"user_agent": "Twitterbot/1.0"}, 200, 1),
        ({"method": "HEAD"}, 302, 0),
        ({"method": "POST"}, 405, 0),
        ({"host": "evil.example"}, 421, 0),
        ({"dnt": "1"}, 302, 1),
        ({"sec_gpc": "1"}, 302, 1),
    ],
)
def test_what_is_not_ordinary_takes_the_long_way(server, clicks, asked, status, recorded):
    link = make_link()
    server.get(f"/{link.code}")
    clicks.delete("clicks")
    assert server.get(f"/{link.code}", **asked).status == status
    assert server.edge.taken == 0
    assert clicks.xlen("clicks") == recorded
    if {"dnt", "sec_gpc"} & asked.keys():
        assert "v" not in told(clicks)[0]


def test_a_link_in_use_without_a_pause_is_withdrawn_within_a_second(server):
    link = make_link()
    server.get(f"/{link.code}")
    with ThreadPoolExecutor(1) as visitor:
        visits = visitor.submit(hammer, server, f"/{link.code}", 3)
        time.sleep(1.2)
        link.content.withdraw(by=make_manager(), note="Faux chiffre.")
        withdrawn = time.monotonic()
    assert server.edge.taken
    assert {status for asked, status in visits.result() if asked > withdrawn + 1.05} == {451}


def test_a_link_in_use_follows_a_row_edited_by_hand(server):
    link = make_link()
    server.get(f"/{link.code}")
    Content.objects.update(status=Content.Status.WITHDRAWN)
    assert hammer(server, f"/{link.code}", 6.3)[-1][1] == 451
    assert server.edge.taken


def test_without_redis_a_link_in_use_follows_the_database(clicks, settings):
    settings.CLICKS_REDIS_URL = "redis://127.0.0.1:1/0"
    link = make_link()
    with EdgeServer() as alone:
        assert {status for _, status in hammer(alone, f"/{link.code}", 0.5)} == {302}
        Content.objects.update(status=Content.Status.WITHDRAWN)
        assert hammer(alone, f"/{link.code}", 1.5)[-1][1] == 451


def test_a_link_in_use_ends_in_the_moment_it_was_meant_to(server):
    ends = timezone.now() + timedelta(seconds=0.8)
    link = make_link(content=make_content(expires_at=ends))
    left, now = (ends - timezone.now()).total_seconds(), time.monotonic()
    visits = hammer(server, f"/{link.code}", 1.2)
    assert server.edge.taken
    assert {status for asked, status in visits if asked > now + left + 0.01} == {410}


def in_use(rows, keys, seconds):
    """Uses copies over and over; gives how often one was not at hand."""

    async def whole():
        missed, until = 0, time.monotonic() + seconds
        await asyncio.gather(*(rows.get(key) for key in keys))
        while time.monotonic() < until:
            missed += sum(rows.at_hand(key) is None for key in keys)
            await asyncio.sleep(0.01)
        await rows._shared.close()
        return missed

    return asyncio.run(whole())


def test_copies_in_use_are_renewed_together_and_before_they_run_out(clicks, settings):
    read = []

    def rows_of(keys):
        read.append(sorted(keys))
        return {key: {"id": key} for key in keys}

    keys = [f"k{n:02}" for n in range(40)]
    with ThreadPoolExecutor(4) as threads:
        about = {"read": rows_of, "size": 100, "fresh": 1, "kept": 1}
        rows = Layered("x:", Shared(settings.CLICKS_REDIS_URL), threads, **about)
        assert in_use(rows, keys, 3) == 0
    first, later = read[0], read[1:]
    assert first == keys
    assert 1 <= len(later) <= 6
    assert max(map(len, later)) > 20


def test_a_copy_is_as_old_as_the_question_and_not_as_the_answer():
    rows = Layered("x:", None, None, read=None, size=20, fresh=1, kept=5)
    asked = time.monotonic() - 0.9
    copy = rows._remember("a", b"{}", asked)
    assert copy.until == asked + 1


def test_whoever_holds_an_old_copy_learns_it():
    rows = Layered("x:", None, None, read=None, size=20, fresh=60, kept=60)
    old = rows._remember("a", b'{"id": 1}', time.monotonic())
    assert rows._remember("a", b'{"id": 1}', time.monotonic()) is old
    assert rows.holds(old)
    rows._remember("a", b'{"id": 2}', time.monotonic())
    assert not rows.holds(old)
    gone = rows._remember("a", b'{"id": 3}', time.monotonic())
    rows._remember("a", None, time.monotonic())
    assert not rows.holds(gone)


def test_a_click_made_of_ready_parts_is_the_event_it_says():
    agent, at = "Mozilla/5.0 (É)", 1_764_000_000_123
    ready = stream.click(at, field("l", "7"), field("a", agent), field("r", ""), b"v" * 16)
    event = ClickEvent.from_command(ready)
    assert (event.link_id, event.agent, event.referrer, event.visitor) == (7, agent, "", b"v" * 16)
    assert event.at == stream.EPOCH + timedelta(milliseconds=at)
    assert event.to_command() == ready


def test_no_two_clicks_of_one_moment_have_one_id():
    made = [ClickEvent.make(1).id for _ in range(2000)]
    assert len(set(made)) == 2000
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}


def test_ids_are_in_the_order_of_their_time():
    now = timezone.now()
    made = [ClickEvent.make(1, at=now + timedelta(milliseconds=n)).id for n in range(50)]
    assert made == sorted(made)
