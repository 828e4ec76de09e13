"""A notification is sent once: whatever the worker, the broker or the mail server does."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from activity import leases, tasks
from activity.models import LeaseLost, Notification
from activity.transports import smtp
from ambassadors.models import Invitation
from tests.activity.post_office import DIE, deliver_all
from tests.factories import make_campaign, make_notification

pytestmark = pytest.mark.django_db
State = Notification.State
BULK, TRANSACTIONAL = "campaign.launched", "invitation"


def run(notification):
    tasks.deliver(str(notification.pk))
    notification.refresh_from_db()
    return notification


def an_hour_later():
    """Every pause is over, every lease has run out."""
    past = timezone.now() - timedelta(hours=1)
    Notification.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Notification.objects.update(not_before=past)


def test_a_task_that_runs_three_times_sends_once(post_office):
    notification = make_notification()
    for _ in range(3):
        run(notification)
    assert len(post_office.mails) == 1
    assert (notification.state, notification.attempts) == (State.SENT, 1)
    assert notification.sent_at


def test_a_row_that_is_gone_is_no_error():
    tasks.deliver("6e8bc430-9c3a-11d9-9669-0800200c9a66")


def test_what_is_not_due_yet_stays(post_office):
    notification = make_notification(not_before=timezone.now() + timedelta(minutes=5))
    assert run(notification).state == State.QUEUED
    assert post_office.mails == []


def test_several_mails_share_a_connection(post_office):
    for _ in range(3):
        make_notification()
    deliver_all()
    assert len(post_office.mails) == 3
    assert post_office.connections == 1


def test_a_connection_the_server_has_cut_is_opened_again(post_office):
    run(make_notification())
    smtp.line.backend.connection.sock.shutdown(2)
    assert run(make_notification()).state == State.SENT
    assert len(post_office.mails) == 2


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
def test_a_busy_server_is_asked_again_later(post_office, where):
    getattr(post_office, where).append("451 4.7.1 Come back later")
    notification = run(make_notification())
    assert notification.state == State.QUEUED
    pause = notification.not_before - timezone.now()
    assert timedelta(seconds=40) < pause < timedelta(seconds=80)
    an_hour_later()
    assert run(notification).state == State.SENT
    assert len(post_office.mails) == 1


def test_pauses_grow_and_end_with_the_sixth_attempt(post_office):
    post_office.at_recipient.extend(["421 Busy"] * 9)
    notification, pauses = make_notification(), []
    for _ in range(Notification.MAX_ATTEMPTS):
        an_hour_later()
        run(notification)
        pauses.append(notification.not_before - timezone.now())
    assert notification.state == State.FAILED
    assert pauses[4] > timedelta(hours=3)
    assert post_office.mails == []


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
def test_a_refusal_is_final(post_office, where):
    getattr(post_office, where).append("550 5.1.1 No such mailbox")
    notification = run(make_notification())
    assert notification.state == State.FAILED
    assert "550" in notification.error


def test_a_refusal_of_one_does_not_touch_the_next(post_office):
    post_office.at_recipient.append("550 5.1.1 No such mailbox")
    first, second = make_notification(), make_notification()
    assert run(first).state == State.FAILED
    assert run(second).state == State.SENT
    assert post_office.connections == 1


def test_no_mail_server_at_all_is_temporary(post_office, settings):
    settings.EMAIL_PORT = 1
    assert run(make_notification()).state == State.QUEUED


def test_a_digest_in_doubt_is_parked_and_never_repeated(post_office):
    post_office.at_data.append(DIE)
    notification = run(make_notification(kind=BULK))
    assert notification.state == State.UNKNOWN
    an_hour_later()
    tasks.sweep()
    assert run(notification).state == State.UNKNOWN
    assert len(post_office.mails) == 1


def test_an_invitation_in_doubt_goes_again_under_the_same_number(post_office):
    post_office.at_data.append(DIE)
    notification = run(make_notification(kind=TRANSACTIONAL))
    assert notification.state == State.QUEUED
    an_hour_later()
    assert run(notification).state == State.SENT
    first, second = (mail["Message-ID"] for mail in post_office.mails)
    assert first == second == f"<{notification.pk}@127.0.0.1>"


def test_a_dead_worker_that_had_sent_nothing_is_replaced(post_office):
    notification = make_notification(kind=BULK)
    Notification.objects.claim(notification.pk)
    an_hour_later()
    tasks.sweep()
    assert run(notification).state == State.SENT
    assert notification.attempts == 2


@pytest.mark.parametrize(("kind", "state"), [(BULK, State.UNKNOWN), (TRANSACTIONAL, State.QUEUED)])
def test_a_worker_that_died_while_sending_leaves_a_doubt(kind, state):
    notification = make_notification(kind=kind)
    Notification.objects.claim(notification.pk)[0].mark_reached()
    an_hour_later()
    tasks.sweep()
    notification.refresh_from_db()
    assert notification.state == state


def test_a_living_worker_keeps_its_lease():
    notification = make_notification()
    Notification.objects.claim(notification.pk)
    tasks.sweep()
    notification.refresh_from_db()
    assert notification.state == State.SENDING


def test_a_lease_is_renewed_while_its_worker_lives(monkeypatch):
    monkeypatch.setattr(leases, "EVERY", 0)
    renewed = threading.Event()
    monkeypatch.setattr(Notification, "renew", lambda self: renewed.set())
    with leases.Keeper().keeping([Notification()]):
        assert renewed.wait(10)


def test_renewing_keeps_what_is_ours_and_nothing_else():
    [notification] = Notification.objects.claim(make_notification().pk)
    an_hour_later()
    notification.renew()
    tasks.sweep()
    notification.refresh_from_db()
    assert notification.state == State.SENDING
    notification.mark_sent()
    notification.renew()
    notification.refresh_from_db()
    assert notification.state == State.SENT


@pytest.mark.parametrize("kind", [BULK, TRANSACTIONAL])
def test_who_was_taken_for_dead_and_has_sent_says_so(kind):
    [notification] = Notification.objects.claim(make_notification(kind=kind).pk)
    notification.mark_reached()
    an_hour_later()
    tasks.sweep()
    notification.mark_sent()
    assert Notification.objects.claim(notification.pk) == []
    notification.refresh_from_db()
    assert notification.state == State.SENT


def test_what_kills_every_worker_is_given_up():
    notification = make_notification(kind=TRANSACTIONAL)
    for _ in range(Notification.MAX_ATTEMPTS):
        an_hour_later()
        assert Notification.objects.claim(notification.pk)
        an_hour_later()
        tasks.sweep()
    notification.refresh_from_db()
    assert notification.state == State.FAILED


def test_a_worker_that_was_too_slow_does_not_send(post_office):
    notification = make_notification()
    [slow] = Notification.objects.claim(notification.pk)
    an_hour_later()
    tasks.sweep()
    run(notification)
    with pytest.raises(LeaseLost):
        slow.mark_reached()
    assert len(post_office.mails) == 1


def test_a_broken_template_leaves_the_row_to_the_sweep(post_office, monkeypatch):
    notification = make_notification()
    monkeypatch.setattr("activity.transports.personal.letters_of", lambda rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(notification)
    notification.refresh_from_db()
    assert notification.state == State.SENDING


def test_what_is_no_longer_true_is_not_sent(post_office):
    notification = make_notification(kind=TRANSACTIONAL)
    Invitation.objects.update(revoked_at=timezone.now())
    assert run(notification).state == State.SKIPPED
    assert post_office.mails == []


def test_nobody_is_told_of_a_campaign_that_is_paused_meanwhile(post_office):
    campaign = make_campaign(state="paused")
    assert run(make_notification(subject_id=campaign.pk)).state == State.SKIPPED


def test_a_closed_account_gets_nothing(post_office):
    notification = make_notification()
    notification.recipient.deactivate(by=None)
    assert run(notification).state == State.SKIPPED
    assert post_office.mails == []


def test_a_kind_that_is_gone_is_skipped(post_office):
    notification = make_notification()
    Notification.objects.update(kind="retired")
    assert run(notification).state == State.SKIPPED
