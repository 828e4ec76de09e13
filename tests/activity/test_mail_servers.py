"""Mail servers as they are: slow, deaf, half-encrypted, and dying at the worst moment."""

import asyncio
import email
import email.policy
import time

import pytest

from activity import tasks
from activity.models import Notification
from activity.transports import smtp
from ambassadors.models import Invitation
from tests.activity.post_office import DIE, deliver_all
from tests.activity.scripted_smtp import scripted
from tests.factories import make_ambassador, make_notification, make_user

pytestmark = pytest.mark.django_db
State = Notification.State


def run(notification):
    tasks.deliver(str(notification.pk))
    notification.refresh_from_db()
    return notification


@pytest.fixture
def server(settings, post_office):
    """From {"MAIL": "451 Later"} to what a server that answers so has heard."""
    opened = []

    def open_one(**answers):
        line = scripted(answers)
        opened.append(line)
        settings.EMAIL_PORT = line.__enter__().port
        return line

    yield open_one
    smtp.line.hang_up()
    for line in opened:
        line.__exit__(None, None, None)


def test_a_server_that_is_slow_at_the_dot_is_waited_for(post_office, settings):
    settings.EMAIL_TIMEOUT = 0.2
    post_office.at_data.append("250 OK")

    async def slowly(*arguments):
        await asyncio.sleep(0.5)
        post_office.mails.append("taken")
        return "250 OK"

    post_office.handle_DATA = slowly
    assert run(make_notification()).state == State.SENT
    assert post_office.mails == ["taken"]


def test_a_server_that_is_slow_before_the_text_is_asked_again_later(server, settings):
    settings.EMAIL_TIMEOUT = 0.2
    server(MAIL=("wait", 1))
    began = time.monotonic()
    assert run(make_notification()).state == State.QUEUED
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("answer", "state"), [("451 Later", State.QUEUED), ("550 No", None)])
def test_a_refusal_at_each_step_is_what_its_code_says(server, at, answer, state, pipelining):
    server(**{at: answer}, pipelining=pipelining)
    # What it has against the sender is about us: somebody mends it, and the mail goes.
    expected = state or (State.QUEUED if at == "MAIL" else State.FAILED)
    notification = run(make_notification())
    assert (notification.state, notification.error[:3]) == (expected, answer[:3])


@pytest.mark.parametrize("at", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_dies_before_the_text_left_leaves_no_doubt(server, at):
    server(**{at: DIE})
    assert run(make_notification(kind="campaign.launched")).state == State.QUEUED


def test_a_server_that_dies_between_the_dot_and_its_answer_leaves_one(server):
    line = server(**{".": DIE})
    assert run(make_notification(kind="campaign.launched")).state == State.UNKNOWN
    assert len(line.mails) == 1


@pytest.mark.parametrize("offer", [None, "454 TLS not available"])
def test_without_encryption_nothing_leaves_when_it_is_asked_for(server, settings, offer):
    settings.EMAIL_USE_TLS = True
    line = server(STARTTLS=offer)
    assert run(make_notification()).state == State.QUEUED
    assert not any(said.startswith(("MAIL", "RCPT")) for said in line.heard)


def test_a_password_that_is_refused_is_ours_to_mend(server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    server(AUTH="535 5.7.8 Bad credentials")
    assert run(make_notification()).state == State.QUEUED


def test_a_line_that_was_cut_between_two_mails_is_dialled_again(server):
    line = server(after_mail=DIE)
    for _ in range(2):
        assert run(make_notification()).state == State.SENT
    assert (len(line.mails), line.connections) == (2, 2)


def test_a_server_that_says_farewell_between_two_mails_is_dialled_again(server):
    line = server()
    assert run(make_notification()).state == State.SENT
    line.answers["MAIL"] = ["421 4.4.2 Idle for too long", "250 OK"]
    assert run(make_notification()).state == State.SENT
    assert (len(line.mails), line.connections) == (2, 2)


def test_one_line_carries_many_mails_with_one_greeting(server):
    line = server(pipelining=True)
    for _ in range(5):
        make_notification()
    deliver_all()
    assert (len(line.mails), line.connections, line.heard.count("EHLO")) == (5, 1, 1)
    assert "NOOP" not in line.heard


def test_reports_come_back_to_an_address_that_says_which_mail(server, settings):
    settings.BOUNCE_ADDRESS = "retours+{id}@orvaly.example"
    line, notification = server(), make_notification()
    run(notification)
    assert f"MAIL FROM:<retours+{notification.pk}@orvaly.example>" in line.said
    assert b"From: Orvaly <ambassadeurs@orvaly.example>" in line.mails[0]


def test_an_address_no_mail_server_understands_is_refused_for_good(server):
    line, person = server(), make_user()
    type(person).objects.filter(pk=person.pk).update(email="zoé@orvaly.example")
    person.refresh_from_db()
    assert run(make_notification(make_ambassador(person).user)).state == State.FAILED
    assert line.mails == []


def test_a_text_with_a_dot_alone_on_a_line_arrives_whole(server):
    line, notification = server(), make_notification(kind="invitation")
    Invitation.objects.update(invited_by=make_user(), message="Avant\n.\nAprès")
    assert run(notification).state == State.SENT
    [raw] = line.mails
    text = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert "Avant\n.\nAprès" in text.get_content().replace("\r\n", "\n")
