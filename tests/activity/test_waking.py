"""A broker that is away, slow or forgetful: nobody waits for it, and nothing is lost."""

import signal
import subprocess
import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from kombu import Connection

from activity import delivery, tasks, waking
from activity.log import record
from activity.models import Notification, Outbox
from launch.services import valkey_program
from tests.activity.post_office import deliver_all
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_manager,
    make_notification,
)


class Broker:
    """A Valkey of this test's own, to stop and to kill."""

    def __init__(self, folder):
        self.socket = folder / "v.sock"
        self.url = f"redis+socket://{self.socket}?virtual_host=0"

    def start(self):
        command = [valkey_program(), "--port", "0", "--unixsocket", self.socket, "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self.socket.exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


@pytest.fixture
def broker(tmp_path_factory, monkeypatch):
    broker = Broker(tmp_path_factory.mktemp("b"))
    broker.start()
    transport = waking._broker.transport_options
    monkeypatch.setattr(waking, "_broker", Connection(broker.url, transport_options=transport))
    monkeypatch.setattr(waking, "_away_until", 0.0)
    yield broker
    broker.process.send_signal(signal.SIGCONT)
    broker.kill()


@pytest.fixture
def woken(monkeypatch):
    """What would have been put into the queues: (task name, argument)."""
    calls = []

    def wake(task, *args, **options):
        calls.append((task.name.rsplit(".", 1)[-1], *args))
        return True

    monkeypatch.setattr(tasks, "wake", wake)
    monkeypatch.setattr(tasks, "wake_one", wake)
    return calls


def approve():
    content = make_content(status="in_review")
    content.approve(by=make_manager())
    return content


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_neither_fails_nor_holds_up_a_request(as_user, broker):
    content, manager = make_content(status="in_review"), make_manager()
    broker.kill()
    started = time.monotonic()
    answer = as_user(manager).post(f"/approvals/content/{content.pk}/approve/")
    assert time.monotonic() - started < 3
    assert answer.status_code == 302
    content.refresh_from_db()
    assert content.status == "published"
    assert Outbox.objects.exists()


@pytest.mark.django_db
def test_a_broker_that_accepts_and_does_not_answer_costs_a_second_once(broker):
    assert waking.wake(tasks.sweep)
    broker.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    answers = [waking.wake(tasks.sweep) for _ in range(50)]
    assert not any(answers)
    assert time.monotonic() - started < 3


@pytest.mark.django_db
def test_a_broker_that_came_back_is_used_again(broker, monkeypatch):
    broker.kill()
    assert not waking.wake(tasks.sweep)
    broker.start()
    monkeypatch.setattr(waking, "_away_until", 0.0)
    assert waking.wake(tasks.sweep)


@pytest.mark.django_db
def test_the_sweep_finds_an_entry_whose_wake_up_was_lost(woken):
    approve()
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        tasks.sweep()
    assert {("expand", pk) for pk in Outbox.objects.values_list("pk", flat=True)} <= set(woken)


@pytest.mark.django_db
def test_the_sweep_wakes_a_worker_for_as_long_as_something_is_due(woken, post_office):
    make_notification()
    tasks.sweep()
    tasks.sweep()
    assert woken == [("send_due", "email")] * 2
    tasks.send_due("email")
    woken.clear()
    tasks.sweep()
    assert woken == []


@pytest.mark.django_db
def test_what_a_dead_worker_was_handed_is_found_within_a_minute(woken, post_office):
    make_notification()
    Notification.objects.hand_out(timezone.now(), 10)
    tasks.sweep()
    assert woken == []
    with time_machine.travel(timezone.now() + timedelta(seconds=45)):
        tasks.sweep()
        tasks.send_due("email")
    assert ("send_due", "email") in woken
    assert len(post_office.mails) == 1


@pytest.mark.django_db
def test_a_pause_that_is_over_is_found(woken, post_office):
    post_office.at_data.append("451 Later")
    notification = make_notification()
    tasks.deliver(str(notification.pk))
    tasks.sweep()
    assert woken == []
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        tasks.sweep()
    assert woken == [("send_due", "email")]


@pytest.mark.django_db
def test_the_queue_holds_one_wake_up_however_many_ask(broker):
    for _ in range(50):
        assert waking.wake_one(tasks.send_due, "email", queue="mail")
    assert waking._broker.default_channel.client.llen("mail") == 1


@pytest.mark.django_db
def test_two_sweeps_at_once_do_no_harm(post_office):
    make_notification()
    tasks.sweep()
    tasks.sweep()
    deliver_all()
    deliver_all()
    assert len(post_office.mails) == 1


@pytest.mark.django_db
def test_a_launch_does_not_stand_in_front_of_an_invitation(woken, post_office, monkeypatch):
    monkeypatch.setattr(delivery, "HANDFUL", 2)
    for _ in range(4):
        make_notification()
    urgent = make_notification(kind="invitation")
    asleep = Notification.objects.asleep(timezone.now())
    assert delivery._handful("email")[0] == (urgent.pk, urgent.kind)
    assert asleep.count() == 3


@pytest.mark.django_db
def test_what_a_slow_server_left_no_time_for_is_handed_back(woken, post_office, monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE", 0)
    make_notification()
    assert delivery.send_due("email", 0.05)
    assert Notification.objects.asleep(timezone.now()).count() == 1
    assert not post_office.mails


@pytest.mark.django_db
def test_a_message_that_breaks_does_not_hold_up_the_next(woken, post_office, monkeypatch):
    broken, whole = make_notification(), make_notification()

    def send(notification, *what):
        if notification == broken:
            raise KeyError("a fact that is missing")
        _send(notification, *what)

    _send = delivery._send
    monkeypatch.setattr(delivery, "_send", send)
    tasks.send_due("email")
    assert len(post_office.to(whole.recipient)) == 1
    broken.refresh_from_db()
    assert broken.state == Notification.State.SENDING


@pytest.mark.django_db
def test_an_entry_is_expanded_once_however_often_its_task_runs():
    campaign, ambassador = make_campaign(), make_ambassador()
    entry = record("campaign.running", subject=campaign)
    for _ in range(3):
        tasks.expand(entry.pk)
    rows = Notification.objects.values_list("recipient", "channel")
    assert set(rows) == {(ambassador.pk, "email"), (ambassador.pk, "bell")}
    assert not Outbox.objects.exists()
