"""Outgoing webhooks: signed, sent until taken, under one id; and whoever misbehaves harms nobody."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from activity.endpoints import actions, sending, tasks
from activity.endpoints.models import PAUSES
from activity.models import Attempt, Delivery, Endpoint, Entry, Outbox
from tests.activity.post_office import expand_all
from tests.activity.receivers import HOSTS, Receiver, make_delivery, make_endpoint, send_all
from tests.factories import make_content, make_manager
from tests.outside import answer, drip

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(secure):
    return Receiver(secure, HOSTS["webhook"][0])


def again(delivery):
    """Its next attempt, whenever that would be."""
    Delivery.objects.filter(pk=delivery.pk).update(not_before=timezone.now())
    send_all()
    delivery.refresh_from_db()


def test_a_message_is_one_the_reference_library_believes(receiver):
    endpoint = make_endpoint()
    delivery = make_delivery(endpoint)
    send_all()
    [(headers, body)] = receiver.got
    assert Webhook(endpoint.secrets[0]).verify(body, headers) == {"type": "x"}
    assert headers["webhook-id"] == delivery.identity
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secrets[0]).verify(body + b" ", headers)


def test_while_a_secret_is_exchanged_both_sign(receiver):
    endpoint = make_endpoint()
    former, new = endpoint.secrets[0], endpoint.rotate()
    make_delivery(endpoint)
    send_all()
    [(headers, body)] = receiver.got
    for secret in (former, new):
        assert Webhook(secret).verify(body, headers)
    endpoint.retire_former_secret()
    make_delivery(endpoint, key="2")
    send_all()
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(receiver.got[1][1], receiver.got[1][0])


def test_every_attempt_has_the_same_id_and_a_time_of_its_own(receiver, monkeypatch):
    receiver.answers = [answer(status="503 Busy")]
    delivery = make_delivery()
    send_all()
    later = time.time() + 600
    monkeypatch.setattr("activity.endpoints.sending.time.time", lambda: later)
    again(delivery)
    first, second = (headers for headers, _body in receiver.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) == int(later)
    assert receiver.got[0][1] == receiver.got[1][1]


def test_it_is_tried_ten_times_as_the_standard_has_it(receiver):
    receiver.answers = [answer(status="500 No")] * 12
    delivery = make_delivery()
    waits = []
    for _attempt in range(10):
        before = timezone.now()
        again(delivery)
        waits.append((delivery.not_before - before).total_seconds())
    assert len(receiver.got) == 10
    assert delivery.state == Delivery.State.FAILED
    for wait, pause in zip(waits, PAUSES, strict=False):
        assert pause - 1 <= wait <= pause * 1.2 + 15
    again(delivery)
    assert len(receiver.got) == 10


@pytest.mark.parametrize("said", ["7200", "%a, %d %b %Y %H:%M:%S GMT"])
def test_a_receiver_that_asks_us_to_wait_is_heard(receiver, said):
    moment = (timezone.now() + timedelta(hours=2)).strftime(said)
    receiver.answers = [answer(status="429 Slow down", retry_after=moment)]
    delivery = make_delivery()
    send_all()
    delivery.refresh_from_db()
    wait = (delivery.not_before - timezone.now()).total_seconds()
    assert 7000 < wait <= 7200


@pytest.mark.parametrize("said", ["99999999999999999999", "-5", "soon", "\u0663", "1e9"])
def test_nonsense_in_retry_after_keeps_nobody_waiting_for_ever(receiver, said):
    receiver.answers = [answer(status="429 Slow down", retry_after=said.encode().decode("latin-1"))]
    delivery = make_delivery()
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED
    assert delivery.not_before <= timezone.now() + timedelta(days=1)


def test_a_receiver_that_is_gone_is_asked_no_more_and_somebody_is_told(receiver):
    receiver.answers = [answer(status="410 Gone")]
    endpoint = make_endpoint()
    delivery, other = make_delivery(endpoint), make_delivery(endpoint, key="2")
    send_all()
    endpoint.refresh_from_db()
    other.refresh_from_db()
    assert endpoint.state == Endpoint.State.DISABLED
    assert other.state == Delivery.State.FAILED
    assert Entry.objects.filter(verb="endpoint.disabled").count() == 1
    assert Outbox.objects.exists()
    assert len(receiver.got) == 1
    assert not delivery.send_again()


def test_one_that_takes_nothing_for_five_days_is_stopped(receiver):
    receiver.answers = [answer(status="500 No")]
    endpoint = make_endpoint(failing_since=timezone.now() - timedelta(days=5, minutes=1))
    make_delivery(endpoint)
    send_all()
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.reason) == (Endpoint.State.DISABLED, "status 500")


def test_a_message_that_is_taken_ends_the_count_of_failures(receiver):
    endpoint = make_endpoint(failing_since=timezone.now() - timedelta(days=4), failures=3)
    make_delivery(endpoint)
    send_all()
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


@pytest.mark.parametrize("place", ["http://127.0.0.1/", "https://hooks.customer.example/other"])
def test_a_redirect_is_a_failure_and_is_not_followed(receiver, outside, place):
    receiver.answers = [answer(status="302 Found", location=place)]
    delivery = make_delivery()
    send_all()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == (Delivery.State.QUEUED, "status 302")
    assert len(receiver.got) == 1
    assert outside.trap.accepted == 0


def test_an_address_that_leads_inside_is_never_connected_to(outside):
    outside.name("hooks.customer.example", "10.0.0.8")
    delivery = make_delivery()
    send_all()
    delivery.refresh_from_db()
    assert delivery.problem == "Private"
    assert outside.dialled == []


def test_an_endless_answer_is_read_to_a_limit(receiver):
    def endless(line, site):
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while site.open:
            line.sendall(b"x" * 65536)

    receiver.answers = [endless]
    delivery = make_delivery()
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SENT
    assert len(Attempt.objects.get().answer_body) == Attempt.MOST_SAID


@pytest.mark.parametrize(
    "page",
    [
        drip([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 50], 0.1),
        lambda line, site: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"),
        lambda line, site: None,
        lambda line, site: line.sendall(b"\x00\xff nonsense\r\n\r\n"),
    ],
    ids=["slow", "dies in its answer", "hangs up", "nonsense"],
)
def test_no_whole_answer_is_tried_again(receiver, page, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    receiver.answers = [page]
    delivery = make_delivery()
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED
    again(delivery)
    assert delivery.state == Delivery.State.SENT


def test_the_log_holds_heads_and_no_secret(receiver):
    endpoint = make_endpoint()
    make_delivery(endpoint)
    send_all()
    attempt = Attempt.objects.get()
    assert "webhook-id: msg_" in attempt.request_head
    assert attempt.answer_head.startswith("200")
    kept = str(vars(attempt)) + str(vars(Endpoint.objects.get()))
    for secret in (*endpoint.secrets, "token=abc"):
        assert secret not in kept


def test_a_host_that_hangs_holds_up_one_worker_only(receiver):
    endpoint = make_endpoint()
    soon = timezone.now() + timedelta(minutes=1)
    make_delivery(endpoint, state="sending", attempts=1, lease_until=soon)
    make_delivery(endpoint, key="2")
    assert not sending.send_next(endpoint.pk)
    assert receiver.got == []


def test_what_a_dead_worker_held_goes_again_under_the_same_id(receiver):
    past = timezone.now() - timedelta(seconds=1)
    delivery = make_delivery(state="sending", attempts=1, lease_until=past)
    tasks.sweep()
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SENT
    assert receiver.got[0][0]["webhook-id"] == delivery.identity


def test_a_worker_that_comes_back_late_changes_nothing(receiver):
    delivery = make_delivery()
    ours = Delivery.objects.claim_next(delivery.endpoint_id)
    Delivery.objects.filter(pk=delivery.pk).update(attempts=2)
    sending.attempt(ours)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SENDING


def test_an_item_is_told_once_to_whoever_asked_for_it(receiver):
    make_endpoint(events=["campaign.ended"])
    wanting = make_endpoint()
    content = make_content(status="approved", published_at=None)
    content.publish()
    entry = Entry.objects.get(verb="content.published")
    expand_all()
    from activity.endpoints.queueing import queue

    queue(entry)
    send_all()
    [message] = receiver.messages
    assert Delivery.objects.get().endpoint == wanting
    assert message["type"] == "content.published"
    assert message["data"]["content"]["title"] == content.title


def test_what_is_sent_again_has_the_same_id_and_a_new_schedule(receiver):
    receiver.answers = [answer(status="500 No")]
    delivery = make_delivery(state="failed", attempts=10)
    assert actions.send_again(delivery, by=make_manager())
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED
    assert receiver.got[0][0]["webhook-id"] == delivery.identity


def test_a_test_is_tried_once_and_stops_nothing(receiver):
    receiver.answers = [answer(status="410 Gone")]
    endpoint = make_endpoint()
    delivery = actions.send_test(endpoint, by=make_manager())
    endpoint.refresh_from_db()
    assert delivery.problem == "status 410"
    assert endpoint.is_active
    assert actions.send_test(endpoint, by=make_manager()).state == Delivery.State.SENT


def test_nothing_leaves_while_everything_is_paused(receiver):
    from activity.desk.models import Pause

    delivery = make_delivery()
    Pause.objects.create()
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED
    assert receiver.got == []
