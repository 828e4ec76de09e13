"""Each kind of data at its limit: a moment before it stays, a moment after it is gone."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from activity.mailing.models import Report
from activity.models import Bounce, Delivery, Notification
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import User
from ambassadors.models import Erasure, Export, Invitation, RetentionRun, SignUp
from ambassadors.privacy import export, retention
from ambassadors.privacy.retention import RULES, carry_out
from ambassadors.privacy.tasks import keep_to_retention
from campaigns.models import Decline, Link, Recall, Share, Tally
from config.celery import app
from tests.activity.receivers import make_delivery
from tests.factories import (
    make_admin,
    make_ambassador,
    make_content,
    make_invitation,
    make_link,
    make_manager,
    make_notification,
    make_person,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
DAYS = settings.KEEP_DAYS
# A margin for rules that go by the organisation's days, not by the minute.
A_DAY = timedelta(days=1, minutes=1)


@pytest.fixture(autouse=True)
def _a_log_of_its_own(settings, tmp_path):
    settings.ERASURE_LOG = tmp_path / "erased.jsonl"


def notifications():
    make_notification(state="sent", sent_at=timezone.now())
    return Notification.objects.count


def deliveries():
    make_delivery(state="sent", sent_at=timezone.now())
    make_delivery(state="queued", made_at=timezone.now() - timedelta(days=9999))
    return Delivery.objects.exclude(state="queued").count


def bounces():
    Bounce.objects.create(notification=uuid4(), person=make_user(), kind=Report.HARD)
    return Bounce.objects.count


def invitations():
    Invitation.objects.filter(pk=make_invitation().pk).update(expires_at=timezone.now())
    return Invitation.objects.count


def sign_ups():
    SignUp.objects.create(
        email="a@orvaly.example", language="fr", state="declined", decided_at=timezone.now()
    )
    return SignUp.objects.count


def looks():
    note_look(make_manager(), [make_user().pk], Look.What.PEOPLE)
    return Look.objects.count


def shares():
    link = make_link(make_ambassador(), created_at=timezone.now())
    make_share(link, opened_at=timezone.now())
    return Link.objects.filter(ambassador__isnull=False).count


def tallies():
    make_tally(make_link(make_ambassador()), day=timezone.localdate())
    return Tally.objects.filter(ambassador__isnull=False).count


def declines():
    ambassador = make_ambassador()
    Decline.objects.create(content=make_content(), ambassador=ambassador, reason="other")
    Recall.objects.create(content=make_content(), ambassador=ambassador, told_at=timezone.now())
    return lambda: Decline.objects.count() + Recall.objects.count()


def leavers():
    gone = make_person(leaves_on=timezone.localdate()).user
    return User.objects.filter(pk=gone.pk).count


def erasures():
    Erasure.objects.create(mark="a" * 64, reason="asked")
    return Erasure.objects.count


KINDS = [
    notifications, deliveries, bounces, invitations, sign_ups, looks, shares, tallies, declines,
    leavers, erasures,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_stays_until_its_limit_and_not_a_day_longer(kind):
    still_there = kind()
    there, rule = still_there(), RULES[kind.__name__]
    end = timezone.now() + timedelta(days=rule.days)
    assert carry_out(rule.key, end - A_DAY) == 0
    assert still_there() == there >= 1
    removed = carry_out(rule.key, end + A_DAY)
    assert still_there() == 0
    assert removed >= there
    assert carry_out(rule.key, end + A_DAY) == 0


def test_every_rule_is_tried_at_its_limit():
    elsewhere = {
        "sessions", "exports",  # below
        "devices",  # tests/ambassadors/test_security_devices.py
        "clicks",  # tests/campaigns/test_click_retention.py
        "conversions", "snapshots",  # with their own tests
    }  # fmt: skip
    assert {kind.__name__ for kind in KINDS} | elsewhere == set(RULES)


def test_every_limit_in_the_settings_has_a_rule():
    assert set(DAYS) <= {*RULES, "shares"}


def test_a_message_that_still_waits_is_not_old():
    make_notification(state="queued")
    assert carry_out("notifications", timezone.now() + timedelta(days=9999)) == 0


def test_a_link_that_is_still_shared_keeps_its_owner():
    old = timezone.now() - timedelta(days=DAYS["shares"] + 2)
    link = make_link(make_ambassador(), created_at=old)
    make_share(link, opened_at=timezone.now())
    assert carry_out("shares") == 0
    assert Share.objects.filter(link__ambassador__isnull=False).exists()


def test_a_file_is_deleted_when_its_day_is_over():
    export.make(Export.ask(make_user()))
    made = Export.objects.get()
    assert carry_out("exports") == 0
    assert storages["private"].exists(made.file)
    assert carry_out("exports", made.expires_at + timedelta(minutes=1)) == 1
    assert not storages["private"].exists(made.file)


def test_a_session_that_ended_takes_its_address_along(as_user):
    person = make_user()
    key = as_user(person).session.session_key
    for each in (key, "ended"):
        UserSession.objects.create(user=person, ip="10.0.0.1", user_agent="x", session_key=each)
    UserSession.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert carry_out("sessions") == 1
    assert UserSession.objects.get().session_key == key


def test_somebody_who_leaves_later_is_not_erased():
    for leaves_on in (None, timezone.localdate() + timedelta(days=1)):
        make_person(leaves_on=leaves_on)
    assert carry_out("leavers", timezone.now() + timedelta(days=DAYS["leavers"])) == 0


def test_the_last_admin_is_not_erased_for_having_left():
    admin = make_person(make_admin(), leaves_on=timezone.localdate() - timedelta(days=400)).user
    assert carry_out("leavers") == 0
    assert User.objects.filter(pk=admin.pk).exists()


def test_a_run_writes_down_what_it_removed_by_the_day():
    now = timezone.now()
    for _ in range(2):
        make_notification(state="sent", sent_at=now, created_at=now - timedelta(days=400))
        carry_out("notifications", now)
    line = RetentionRun.objects.get()
    assert (line.rule, line.removed, line.at) == ("notifications", 2, now)


def test_a_rule_that_has_not_run_for_long_is_said_to_be_late():
    by_key = lambda: {each.rule.key: each for each in retention.overview()}  # noqa: E731
    assert by_key()["looks"].is_late
    carry_out("looks")
    assert not by_key()["looks"].is_late
    with time_machine.travel(timezone.now() + timedelta(hours=37)):
        assert by_key()["looks"].is_late


def test_every_rule_runs_daily_by_itself_or_with_the_others(monkeypatch):
    woken = []
    monkeypatch.setattr("ambassadors.privacy.tasks.wake", lambda task, key: woken.append(key))
    keep_to_retention()
    assert {*woken} | {key for key, rule in RULES.items() if rule.by_itself} == set(RULES)
    scheduled = {line["task"] for line in app.conf.beat_schedule.values()}
    assert {
        "ambassadors.tasks.keep_to_retention",
        "ambassadors.tasks.erase_due",
        "ambassadors.tasks.sweep_exports",
        "campaigns.tasks.drop_old_clicks",
        "campaigns.tasks.drop_old_conversions",
        "campaigns.tasks.drop_old_snapshots",
    } <= scheduled
