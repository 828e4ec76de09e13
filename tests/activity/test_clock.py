"""Each slot of each job is run once: with two beats, three deliveries, a lost message."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery.schedules import crontab
from django.db import OperationalError
from django.utils import timezone

from activity import tasks
from activity.clock import beat, running
from activity.models import Slot
from config.celery import app

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def ran(monkeypatch):
    """The runs of `forget_slots`, which stands for any job."""
    runs = []
    monkeypatch.setattr(tasks.forget_slots, "run", lambda: runs.append(1))
    return runs


@pytest.fixture
def sent(monkeypatch):
    """The slots that beats announced."""
    calls = []
    # A beat's connection is its own; this one is the test's.
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)
    monkeypatch.setattr(
        beat.beat.Scheduler,
        "apply_entry",
        lambda self, entry, producer=None: calls.append(entry.options["headers"]["slot"]),
    )
    return calls


def a_beat(schedule=10.0):
    job = {"task": "activity.tasks.forget_slots", "schedule": schedule}
    scheduler = beat.Scheduler(app, lazy=True, schedule={})
    scheduler.merge_inplace({"job": job})
    for entry in scheduler.schedule.values():
        if not isinstance(schedule, crontab):
            entry.schedule = beat.Every(entry.schedule.run_every, app=app)
    scheduler._remember()
    return scheduler


def tick(*beats):
    for each in beats:
        entry = each.schedule["job"]
        if each.is_due(entry).is_due:
            each.reserve(entry)
            each.apply_entry(entry)


def run(slot, task=tasks.forget_slots):
    task.apply(headers={"slot": slot.pk}, throw=True)


def test_two_beats_announce_each_slot_once(sent):
    with time_machine.travel(NOON, tick=False) as clock:
        beats = [a_beat(), a_beat()]
        for _second in range(100):
            clock.shift(1)
            tick(*beats)
    assert len(sent) == len(set(sent)) == 10
    assert Slot.objects.count() == 10


def test_a_beat_that_was_down_makes_up_for_a_day_once(sent):
    nightly = crontab(hour=3, minute=30)
    missed = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    Slot.objects.create(job="job", at=missed)
    with time_machine.travel(NOON, tick=False) as clock:
        late = a_beat(nightly)
        for _minute in range(60):
            clock.shift(60)
            tick(late)
    assert len(sent) == 1
    assert Slot.objects.latest("at").at == missed + timedelta(days=1)


def test_while_the_database_is_away_a_beat_waits(sent, monkeypatch):
    def away(*args):
        raise OperationalError("gone")

    with time_machine.travel(NOON, tick=False) as clock:
        alone = a_beat()
        clock.shift(10)
        with monkeypatch.context() as patch:
            patch.setattr(beat, "PAUSE", 0)
            patch.setattr(Slot.objects, "open", away)
            tick(alone)
        assert sent == []
        tick(alone)
    assert len(sent) == 1


def test_a_slot_delivered_three_times_runs_once(ran):
    slot = Slot.objects.create(job="job", at=NOON)
    for _ in range(3):
        run(slot)
    assert ran == [1]
    slot.refresh_from_db()
    assert slot.done_at


def test_a_task_nobody_scheduled_just_runs(ran):
    tasks.forget_slots.apply(throw=True)
    tasks.forget_slots.apply(throw=True)
    assert ran == [1, 1]


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(running, "wake", lambda task, *args, headers: calls.append(headers["slot"]))
    return calls


def test_a_slot_whose_message_was_lost_is_announced_again(woken):
    ago = timezone.now() - timedelta(minutes=1)
    Slot.objects.create(job="seal-trail", at=ago - timedelta(minutes=1), opened_at=ago)
    newest = Slot.objects.create(job="seal-trail", at=ago, opened_at=ago)
    running.wake_lying()
    assert woken == [newest.pk]


def test_a_slot_whose_worker_died_is_run_by_another(woken, ran):
    slot = Slot.objects.create(job="seal-trail", at=timezone.now())
    assert Slot.objects.begin(slot.pk)
    running.wake_lying()
    run(slot)
    assert woken == ran == []
    Slot.objects.update(begun_at=timezone.now() - timedelta(minutes=7))
    running.wake_lying()
    run(slot)
    assert woken == [slot.pk]
    assert ran == [1]


def test_a_slot_that_kills_its_workers_is_given_up(woken):
    slot = Slot.objects.create(job="seal-trail", at=timezone.now())
    for _ in range(3):
        assert Slot.objects.begin(slot.pk)
        Slot.objects.update(begun_at=timezone.now() - timedelta(minutes=7))
    running.wake_lying()
    assert woken == []


def test_old_slots_are_forgotten():
    Slot.objects.create(job="job", at=timezone.now() - timedelta(days=4))
    kept = Slot.objects.create(job="job", at=timezone.now())
    tasks.forget_slots()
    assert list(Slot.objects.all()) == [kept]


def test_every_queue_a_task_goes_to_has_a_worker():
    from django.conf import settings

    from launch.product import WORKERS

    served = {queue for _name, queues, _n in WORKERS for queue in queues.split(",")}
    assert set(settings.TASKS_OF) | {settings.CELERY_TASK_DEFAULT_QUEUE} == served


def test_every_job_names_a_task_and_every_route_leads_somewhere():
    app.loader.import_default_modules()
    assert {job["task"] for job in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_the_settings_that_keep_messages_are_set():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_time_limit * 2 < app.conf.broker_transport_options["visibility_timeout"]
