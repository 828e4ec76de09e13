"""What breaks around the edge, and the visitor does not notice."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from redis import Redis

from campaigns.models import Click, Tally
from campaigns.tracking.consumer import Consumer, connect
from campaigns.tracking.stream import Spool
from launch import services
from launch.process import finish
from tests.campaigns.conftest import EdgeServer, make_posted_link
from tests.factories import make_link

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


class OwnRedis:
    """A server of this test's own, that may be killed, frozen and started again."""

    def __init__(self, folder):
        self.service = services.Valkey(folder, durable=True)
        self._log = folder / "valkey.log"

    def start(self):
        self._child = services.start(self.service, self._log)

    def kill(self):
        finish(self._child, 0)

    def freeze(self):
        os.kill(self._child.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self._child.pid, signal.SIGCONT)


@pytest.fixture
def redis(tmp_path_factory, settings):
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    settings.CLICKS_REDIS_URL = server.service.url
    yield server
    server.kill()


@pytest.fixture
def edge(redis):
    with EdgeServer() as server:
        yield server


def drain():
    with connect() as line:
        Consumer(line).drain()


def spooled(settings):
    return sum(len(file.read_text().splitlines()) for file in Spool(settings.CLICK_SPOOL).files())


def test_without_redis_clicks_wait_on_the_disk_and_count_once(edge, redis, settings):
    link = make_link()
    assert edge.get(f"/{link.code}").status == 302
    redis.kill()
    answers = [edge.get(f"/{link.code}", user_agent=f"Mozilla/5.0 n{n}") for n in range(5)]
    assert [answer.status for answer in answers] == [302] * 5
    assert spooled(settings) == 5
    redis.start()
    drain()
    drain()
    assert Click.objects.count() == 6
    assert Tally.objects.totals()["clicks"] == 6
    assert spooled(settings) == 0


def test_a_click_that_reached_both_redis_and_the_disk_counts_once(edge, redis, settings):
    link = make_posted_link()
    edge.get(f"/{link.code}")
    with Redis.from_url(settings.CLICKS_REDIS_URL, decode_responses=True) as line:
        [(_, fields)] = line.xrange("clicks")
        line.xadd("clicks", fields)
    drain()
    assert Click.objects.count() == 1
    assert Tally.objects.totals() == {"clicks": 1, "uniques": 1}


def test_a_link_never_seen_before_is_found_without_redis(edge, redis):
    redis.kill()
    assert edge.get(f"/{make_link().code}").status == 302


def test_a_frozen_redis_costs_a_visitor_less_than_half_a_second(edge, redis, settings):
    links = [make_link() for _ in range(3)]
    for link in links:
        edge.get(f"/{link.code}")
    redis.freeze()
    took = []
    for n in range(30):
        start = time.monotonic()
        assert edge.get(f"/{links[n % 3].code}").status == 302
        took.append(time.monotonic() - start)
    redis.thaw()
    assert max(took) < 0.7
    assert sorted(took)[len(took) // 2] < 0.05
    assert spooled(settings) == 30


def test_a_full_disk_and_no_redis_still_let_the_visitor_through(edge, redis, settings):
    link = make_link()
    settings.CLICK_SPOOL.parent.mkdir(exist_ok=True)
    settings.CLICK_SPOOL.write_text("a file where the folder should be")
    redis.kill()
    assert edge.get(f"/{link.code}").status == 302
    assert edge.get("/healthz").body.splitlines()[0] == "degraded"


def test_a_database_that_drops_every_connection_is_asked_again(edge):
    first, second = make_link(), make_link()
    edge.get(f"/{first.code}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert edge.get(f"/{second.code}").status == 302


def test_without_a_database_what_was_known_still_answers(edge, settings, monkeypatch):
    known, unknown = make_link(), make_link()
    edge.get(f"/{known.code}")
    _no_database(monkeypatch)
    time.sleep(1.1)  # the copy in memory is no longer fresh
    with connect() as line:
        line.delete(f"clicks:item:{known.content_id}")  # nor is there one in Redis
    assert edge.get(f"/{known.code}").status == 302
    with EdgeServer() as newcomer:
        assert newcomer.get(f"/{known.code}").status == 302
        answer = newcomer.get(f"/{unknown.code}", accept_language="en")
    assert (answer.status, "Try again" in answer.body) == (503, True)


def _no_database(monkeypatch):
    from django.db import OperationalError

    from campaigns.tracking.cache import Layered

    def away(self, keys):
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(Layered, "_read_rows", away)


def test_many_at_once_are_each_recorded_once(edge):
    links = [make_link() for _ in range(5)]
    paths = [f"/{links[n % 5].code}" for n in range(200)]
    with ThreadPoolExecutor(16) as visitors:
        answers = list(visitors.map(edge.get, paths))
    assert {answer.status for answer in answers} == {302}
    drain()
    assert Click.objects.count() == 200
