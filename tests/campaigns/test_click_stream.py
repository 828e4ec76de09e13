import os
import re
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import connection

from campaigns.models import Click, Tally
from campaigns.tracking import consumer as consuming
from campaigns.tracking.consumer import GROUP, Consumer, connect
from campaigns.tracking.stream import DEAD, STREAM, ClickEvent, Spool, push
from tests.campaigns.conftest import BROWSER, make_posted_link

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def link(transactional_db):
    return make_posted_link()


@pytest.fixture
def consumer(clicks):
    with connect() as redis:
        yield Consumer(redis)


@pytest.fixture
def impatient(monkeypatch):
    """What is left behind is adopted at once."""
    monkeypatch.setattr(consuming, "IDLE_MS", 0)
    monkeypatch.setattr(consuming, "TEND_SECONDS", 0.0)


class Killed(Exception):
    pass


def _killed(*_):
    raise Killed


def events(link, count=1):
    return [
        ClickEvent.make(link.pk, agent=BROWSER, visitor=n.to_bytes(16, "big")) for n in range(count)
    ]


def send(clicks, made):
    push(clicks, [event.to_fields() for event in made])


def held(clicks):
    """How many entries a consumer was handed and has not acknowledged."""
    return clicks.xpending(STREAM, GROUP)["pending"]


def stored():
    assert Tally.objects.totals()["clicks"] == Click.objects.count()
    return Click.objects.count()


def test_what_is_stored_is_acknowledged_and_trimmed(link, consumer, clicks):
    send(clicks, events(link, 500))
    consumer.drain()
    assert stored() == 500
    assert held(clicks) == 0
    assert clicks.xlen(STREAM) < 200  # Redis drops whole blocks of about a hundred


def test_a_batch_is_asked_for_and_let_go_in_portions(link, consumer, clicks, monkeypatch):
    monkeypatch.setattr(consuming, "PORTION", 3)
    send(clicks, events(link, 8))
    assert consumer.turn(block_ms=None) == 8
    assert stored() == 8
    assert held(clicks) == 0


def test_no_batch_is_longer_than_what_is_stored_at_once(link, consumer, clicks, monkeypatch):
    monkeypatch.setattr(consuming, "PORTION", 3)
    monkeypatch.setattr(consuming, "BATCH", 6)
    send(clicks, events(link, 8))
    consumer._join()
    assert [len(consumer._read(None)) for _ in range(3)] == [6, 2, 0]


def test_nothing_is_trimmed_that_another_consumer_still_holds(link, consumer, clicks):
    consumer.drain()
    send(clicks, events(link, 300))
    clicks.xreadgroup(GROUP, "slow", {STREAM: ">"}, count=150)
    consumer.drain()
    assert stored() == 150
    assert clicks.xlen(STREAM) == 300


def test_what_a_dead_consumer_held_is_adopted(link, consumer, clicks, impatient):
    consumer.drain()
    send(clicks, events(link, 40))
    clicks.xreadgroup(GROUP, "dead", {STREAM: ">"}, count=100)
    consumer.drain()
    assert stored() == 40
    assert held(clicks) == 0


def test_what_was_stored_but_not_acknowledged_counts_once(
    link, consumer, clicks, impatient, monkeypatch
):
    send(clicks, events(link, 20))
    with monkeypatch.context() as interrupted:
        interrupted.setattr(consumer, "_done", _killed)
        with pytest.raises(Killed):
            consumer.drain()
    assert stored() == 20
    consumer.drain()
    assert stored() == 20
    assert held(clicks) == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"broken": "{"}, "KeyError"),
        ({"i": "not-a-uuid", "t": "1", "l": "1"}, "ValueError"),
        ({"i": "0" * 32, "t": "never", "l": "1"}, "ValueError"),
        ({"i": "0" * 32, "t": "9" * 30, "l": "1"}, "OverflowError"),
        ({"i": "0" * 32, "t": "1", "l": "987654321"}, "UnknownLink"),
        ({"i": "0" * 32, "t": "1", "l": "9" * 30}, "UnknownLink"),
        ({"i": "0" * 32, "t": "1", "l": "1", "v": "xyz"}, "ValueError"),
    ],
)
def test_what_cannot_be_stored_is_put_aside_with_its_reason(link, consumer, clicks, fields, reason):
    good = events(link, 3)
    send(clicks, good[:1])
    clicks.xadd(STREAM, fields)
    send(clicks, good[1:])
    consumer.drain()
    assert stored() == 3
    [(_, dead)] = clicks.xrange(DEAD)
    assert dead["reason"].startswith(reason)
    assert fields.items() <= dead.items()
    assert held(clicks) == 0


def test_a_click_whose_consumers_keep_dying_is_not_given_up(link, consumer, clicks, impatient):
    """Ten times is bad luck, not a click that kills."""
    send(clicks, events(link, 1))
    consumer._join()
    clicks.xreadgroup("ingest", "dead", {STREAM: ">"})
    [(entry, _)] = clicks.xrange(STREAM)
    for _ in range(9):
        clicks.xclaim(STREAM, "ingest", "dead", 0, [entry])
    consumer.drain()
    assert (stored(), clicks.xlen(DEAD)) == (1, 0)


def test_what_dead_consumers_held_is_not_written_one_by_one(
    link, consumer, clicks, impatient, monkeypatch
):
    consumer.drain()
    monkeypatch.setattr(consuming, "BATCH", 64)
    send(clicks, events(link, 40))
    clicks.xreadgroup(GROUP, "dead", {STREAM: ">"})
    ids = [entry for entry, _ in clicks.xrange(STREAM)]
    clicks.xclaim(STREAM, GROUP, "dead", 0, ids)
    sizes, store = [], consumer._store
    monkeypatch.setattr(
        consumer, "_store", lambda entries: sizes.append(len(entries)) or store(entries)
    )
    consumer.drain()
    assert (sizes, stored()) == ([16, 16, 8], 40)


def test_an_entry_that_kills_its_consumers_is_put_aside_alone(
    link, consumer, clicks, impatient, monkeypatch
):
    consumer.drain()
    poison, *others = events(link, 10)
    send(clicks, [*others[:5], poison, *others[5:]])
    store = consumer._store

    def dies(entries):
        poisoned = any(entry.click.id == poison.id.bytes for entry in entries)
        return _killed() if poisoned else store(entries)

    monkeypatch.setattr(consumer, "_store", dies)
    for _ in range(consuming.MOST * 2):
        try:
            consumer.drain()
        except Killed:
            continue
    assert stored() == 9
    [(_, dead)] = clicks.xrange(DEAD)
    assert dead["i"] == poison.id.hex
    assert dead["reason"] == f"handed out {consuming.MOST} times"


def test_a_redis_that_comes_back_empty_gets_its_group_again(link, consumer, clicks):
    consumer.drain()
    clicks.flushdb()
    send(clicks, events(link, 2))
    with pytest.raises(Exception, match="NOGROUP"):
        consumer.drain()
    consumer._reconnect()
    consumer.drain()
    assert stored() == 2


def test_a_database_that_drops_the_connection_loses_nothing(link, consumer, clicks, monkeypatch):
    send(clicks, events(link, 5))
    monkeypatch.setattr(consuming, "SHORTEST_PAUSE", 0.01)
    take_in, times = consuming.take_in, []

    def interrupted(made, meanwhile):
        times.append(1)
        if len(times) == 1:
            _drop_this_connection()
        return take_in(made, meanwhile)

    monkeypatch.setattr(consuming, "take_in", interrupted)
    consumer.drain()
    assert (stored(), len(times)) == (5, 2)


def _drop_this_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [backend])
    other.close()


def test_the_spool_is_replayed_even_what_is_broken_in_it(link, consumer, clicks, settings):
    spool = Spool(settings.CLICK_SPOOL)
    spool.keep(events(link, 3))
    (settings.CLICK_SPOOL / "torn.jsonl").write_text('{"i": "0\n\x00\xff\n[1]\n')
    (settings.CLICK_SPOOL / "unfinished.part").write_text('{"i"')
    consumer.drain()
    assert stored() == 3
    assert clicks.xlen(DEAD) == 3
    assert spool.files() == []


def test_a_spool_that_could_not_be_removed_counts_once(link, consumer, settings):
    spool = Spool(settings.CLICK_SPOOL)
    spool.keep(events(link, 3))
    [file] = spool.files()
    text = file.read_text()
    consumer.drain()
    file.write_text(text)
    consumer._tended = 0.0
    consumer.drain()
    assert stored() == 3


def test_one_broken_click_among_many_holds_up_none_of_them(link, consumer, clicks, monkeypatch):
    good = events(link, 600)
    send(clicks, good[:250])
    clicks.xadd(STREAM, {"i": "0" * 32, "t": "1", "l": "987654321"})
    send(clicks, good[250:])
    take_in, times = consuming.take_in, []
    monkeypatch.setattr(
        consuming, "take_in", lambda batch, meanwhile: times.append(1) or take_in(batch, meanwhile)
    )
    consumer.drain()
    assert (stored(), clicks.xlen(DEAD)) == (600, 1)
    assert len(times) < 25


def test_what_is_read_ahead_is_stored_once_and_acknowledged(link, consumer, clicks, monkeypatch):
    monkeypatch.setattr(consuming, "BATCH", 50)
    send(clicks, events(link, 330))
    consumer.drain()
    assert stored() == 330
    assert held(clicks) == 0


def test_what_is_read_ahead_and_never_stored_is_adopted(
    link, consumer, clicks, impatient, monkeypatch
):
    monkeypatch.setattr(consuming, "BATCH", 50)
    send(clicks, events(link, 120))
    with monkeypatch.context() as interrupted:
        interrupted.setattr(consuming, "take_in", _killed)
        with pytest.raises(Killed):
            consumer.drain()
    assert Consumer(connect())._read(None)  # what was left: the others are held by the dead one
    with connect() as redis:
        Consumer(redis).drain()
    assert stored() == 120
    assert held(clicks) == 0


class Worker:
    """`manage.py ingest` as it runs in earnest."""

    def __init__(self):
        database = connection.settings_dict["NAME"]
        self._environ = os.environ | {
            "DATABASE_URL": re.sub(r"/\w+(?=\?|$)", f"/{database}", os.environ["DATABASE_URL"]),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(django_settings.BASE_DIR),
        }
        self._child = None

    def start(self):
        # The stream lives in the test's own database of Redis, and is adopted at once.
        code = (
            "import django, sys; django.setup()\n"
            "from django.conf import settings\n"
            "settings.CLICKS_REDIS_URL = sys.argv[1]\n"
            "from campaigns.tracking import consumer\n"
            "consumer.IDLE_MS, consumer.TEND_SECONDS, consumer.BATCH = 200, 0.2, 400\n"
            "from django.core.management import call_command\n"
            "call_command('ingest')\n"
        )
        command = [sys.executable, "-c", code, django_settings.CLICKS_REDIS_URL]
        self._child = subprocess.Popen(
            command, env=self._environ, stdout=subprocess.PIPE, text=True
        )
        assert "ready" in self._child.stdout.readline()

    def end(self, how):
        self._child.send_signal(how)
        code = self._child.wait(20)
        self._child.stdout.close()
        return code


@pytest.fixture
def worker(clicks):
    started = Worker()
    yield started
    started.end(signal.SIGKILL)


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_consumer_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(
    link, clicks, worker
):
    total = 0
    for _ in range(3):
        worker.start()
        send(clicks, events(link, 3000))
        total += 3000
        wait_until(lambda: held(clicks) > 0)
        worker.end(signal.SIGKILL)
    worker.start()
    wait_until(lambda: Click.objects.count() == total)
    wait_until(lambda: held(clicks) == 0)
    assert worker.end(signal.SIGTERM) == 0
    assert stored() == total
    assert clicks.xlen(DEAD) == 0


def test_a_consumer_asked_to_stop_finishes_its_batch(link, clicks, worker):
    worker.start()
    send(clicks, events(link, 2000))
    wait_until(lambda: Click.objects.exists())
    assert worker.end(signal.SIGTERM) == 0
    assert held(clicks) == 0
    assert stored() == 2000 - _unread(clicks)


def _unread(clicks):
    [group] = clicks.xinfo_groups(STREAM)
    return group["lag"]
