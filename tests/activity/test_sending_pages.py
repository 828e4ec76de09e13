"""The administrator's pages about what is sent."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from redis import Redis

from activity.desk import health, pausing, previews, queues, reasons
from activity.hearing import KINDS
from activity.models import Entry, Notification, Slot
from tests.activity.post_office import deliver_all
from tests.factories import make_notification, make_user

pytestmark = pytest.mark.django_db
State = Notification.State
BULK, OWED = "campaign.launched", "invitation"


@pytest.fixture
def user():
    return make_user(role="admin", language="en")


@pytest.fixture
def admin(as_user, user):
    return as_user(user)


def open_(client, name, *args, **asked):
    return client.get(reverse(f"activity:{name}", args=args), asked)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def state_of(notification):
    notification.refresh_from_db()
    return notification.state


def again(client, *notifications, query="", **more):
    keys = [str(notification.pk) for notification in notifications]
    return client.post(reverse("activity:sending-again") + query, {"message": keys} | more)


# --- Who may -----------------------------------------------------------------------------------
@pytest.mark.parametrize("page", ["health", "list", "mails", "test", "pause"])
def test_only_an_administrator_sees_them(as_user, page):
    client = as_user(make_user(role="manager"))
    assert open_(client, f"sending-{page}").status_code == 403


@pytest.mark.parametrize("page", ["again", "resume", "pause", "test"])
def test_only_an_administrator_changes_anything(as_user, page):
    client = as_user(make_user(role="manager"))
    assert client.post(reverse(f"activity:sending-{page}")).status_code == 403


# --- Health ------------------------------------------------------------------------------------
@pytest.fixture
def _ticking():
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete(*(f"pulse:{name}" for name in queues.names()))
    Slot.objects.create(job="sweep-outbox", at=timezone.now())


@pytest.fixture
def _served(_ticking):
    for name in queues.names():
        queues.note_pulse(name, "worker@here")


@pytest.mark.usefixtures("_served")
def test_all_is_well_when_workers_live_and_nothing_waits(admin):
    assert health.look().troubles == []
    assert "All well" in text_of(open_(admin, "sending-health"))


@pytest.mark.usefixtures("_ticking")
def test_a_queue_nobody_takes_from_is_found(admin):
    for name in queues.names():
        if name != "mail":
            queues.note_pulse(name, "worker@here")
    [trouble] = health.look().troubles
    assert "mail" in str(trouble.what)
    assert trouble.level == health.Level.WRONG
    assert "Start a worker for this queue" in text_of(open_(admin, "sending-health"))


def test_a_clock_that_stands_is_told_from_workers_that_do_not_work():
    [trouble] = health.look().troubles
    assert "Clock" in str(trouble.what)


def test_a_broker_that_is_away_is_a_finding_not_an_error(admin, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = open_(admin, "sending-health")
    assert answer.status_code == 200
    assert "It does not answer" in text_of(answer)


@pytest.mark.usefixtures("_served")
def test_a_message_that_waits_for_an_hour_is_wrong():
    make_notification(not_before=timezone.now() - timedelta(hours=2))
    [trouble] = health.look().troubles
    assert trouble.level == health.Level.WRONG


# --- Messages that did not arrive --------------------------------------------------------------
def test_the_list_says_why_in_plain_words(admin):
    make_notification(state=State.FAILED, error="550 5.1.1 no such user")
    shown = text_of(open_(admin, "sending-list"))
    assert "There is no such mailbox." in shown
    assert "550 5.1.1" in shown


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("452 4.2.2 mailbox full", "The mailbox is full."),
        ("550 5.7.1 blocked", "refuses mail from us"),
        ("no mail server: [Errno 111] Connection refused", "could not be reached"),
        ("TimeoutError before the server's answer", "it may have arrived"),
        ("something new", "own words below"),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_each_reason_is_told_apart(error, said):
    assert said in reasons.in_plain_words(error)


def test_what_failed_is_sent_again_under_the_same_message_id(admin, post_office):
    failed = make_notification(kind=OWED, state=State.FAILED, error="451 later", attempts=6)
    again(admin, failed)
    deliver_all()
    assert state_of(failed) == State.SENT
    assert post_office.only_mail()["Message-ID"] == failed.message_id
    assert Entry.objects.get(verb="sending.resent").data["n"] == 1


def test_a_copy_of_what_nobody_is_owed_is_asked_about_first(admin):
    unknown = make_notification(kind=BULK, state=State.UNKNOWN, error="the worker died")
    answer = again(admin, unknown)
    assert "may arrive a second time" in text_of(answer)
    assert state_of(unknown) == State.UNKNOWN
    again(admin, unknown, sure="on")
    assert state_of(unknown) == State.QUEUED


def test_what_is_owed_is_sent_again_without_a_question(admin):
    unknown = make_notification(kind=OWED, state=State.UNKNOWN)
    again(admin, unknown)
    assert state_of(unknown) == State.QUEUED


def test_all_that_a_filter_finds_is_sent_again_and_nothing_else(admin):
    bulk = [make_notification(kind=BULK, state=State.FAILED) for _ in range(3)]
    other = make_notification(kind=OWED, state=State.FAILED)
    again(admin, query=f"?kind={BULK}", every="on")
    assert {state_of(each) for each in bulk} == {State.QUEUED}
    assert state_of(other) == State.FAILED


def test_what_was_sent_is_never_sent_again(admin):
    sent = make_notification(state=State.SENT, sent_at=timezone.now())
    again(admin, sent)
    assert state_of(sent) == State.SENT


# --- What each mail looks like -----------------------------------------------------------------
def test_every_mail_has_a_sample():
    names = {template.name for template in previews.by_mail()}
    assert names - set(previews.SAMPLES) - set(previews.ACCOUNTS) == set()
    assert names >= {kind.name for kind in KINDS.values() if "email" in kind.channels}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_mail_can_be_looked_at(admin, language):
    for template in previews.by_mail():
        letter = previews.letter(template.name, language, make_user())
        assert letter.subject, template.name
        assert len(letter.text) > 80, template.name
        assert "None" not in letter.text, template.name


def test_a_preview_is_framed_and_may_load_nothing_else(admin):
    page = open_(admin, "sending-mail", BULK, language="fr", part="narrow")
    assert page.status_code == 200
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    body = open_(admin, "sending-letter", BULK, language="fr")
    assert body.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in body.headers["Content-Security-Policy"]
    assert "sandbox" in body.headers["Content-Security-Policy"]
    assert open_(admin, "sending-mail", "nothing").status_code == 404


# --- A message to oneself ----------------------------------------------------------------------
def test_a_test_goes_the_whole_way_even_in_a_pause(admin, user, post_office):
    pausing.pause(user)
    admin.post(reverse("activity:sending-test"), {"channel": "email"})
    deliver_all()
    assert post_office.to(user)
    assert "Sent" in text_of(open_(admin, "sending-test"))


# --- The switch --------------------------------------------------------------------------------
def test_the_switch_shows_on_every_page_of_an_administrator_alone(admin, as_user):
    admin.post(reverse("activity:sending-pause"), {"reason": "The server moves"})
    banner = "Everything that is sent is paused"
    assert banner in text_of(open_(admin, "preferences"))
    assert "The server moves" in text_of(open_(admin, "sending-pause"))
    assert banner not in text_of(open_(as_user(make_user(language="en")), "preferences"))
    admin.post(reverse("activity:sending-resume"))
    assert banner not in text_of(open_(admin, "preferences"))


# --- Clicks ------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_served", "in_english")
def test_clicks_put_aside_are_found(settings):
    with Redis.from_url(settings.CLICKS_REDIS_URL) as redis:
        redis.xadd("clicks:dead", {"reason": "no such link"})
        found = health.look().troubles
        redis.delete("clicks:dead")
    assert [str(each.what) for each in found] == ["Clicks that could not be stored"]
