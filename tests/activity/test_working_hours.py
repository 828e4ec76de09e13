"""What may wait does: for the person's hours, together, and three messages a week at most."""

import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from activity import hearing, tasks, verify
from activity.desk.pausing import pause
from activity.expansion import Addressed, notify
from activity.hearing import KINDS
from activity.models import Browser, Hours, Notification
from campaigns.tasks import send_due_digests
from tests.activity.post_office import deliver_all, text_of
from tests.factories import (
    make_admin,
    make_ambassador,
    make_campaign,
    make_content,
    make_manager,
    make_notification,
    make_user,
)

pytestmark = pytest.mark.django_db
MONTREAL = ZoneInfo("America/Montreal")
NOON = datetime(2026, 12, 2, 12, tzinfo=MONTREAL)  # a Wednesday
NIGHT = NOON.replace(hour=23)
MORNING = NOON.replace(hour=7, minute=46) + timedelta(days=1)
BEFORE = datetime(2026, 11, 1, tzinfo=MONTREAL)
numbers = count(1)


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.QUIET_HOURS = (time(18), time(7, 30))


def reader(**fields):
    user = make_user(**{"time_zone": "America/Montreal", "language": "en"} | fields)
    return make_ambassador(user, joined_at=BEFORE)


def tell(*people, kind="campaign.launched", at=NOON, campaign=None):
    """Of a campaign each time another one: `at` is what the clock says."""
    with time_machine.travel(at, tick=False):
        campaign = campaign or make_campaign(starts_at=BEFORE, ends_at=NOON + timedelta(days=90))
        facts = {"title": {"fr": campaign.name_fr, "en": campaign.name_fr}, "path": "/feed/"}
        notify(
            KINDS[kind],
            [
                Addressed(
                    p.pk, f"t:{next(numbers)}:{p.pk}", subject_id=str(campaign.pk), data=facts
                )
                for p in people
            ],
        )
    return campaign


def sweep(at):
    with time_machine.travel(at, tick=False):
        tasks.sweep()
        deliver_all()


def states(person, channel="email"):
    rows = Notification.objects.filter(recipient=person.pk, channel=channel)
    return sorted(rows.values_list("state", flat=True))


# --- Hours -------------------------------------------------------------------------------------
def test_what_happens_by_day_leaves_at_once(post_office):
    person = reader()
    tell(person)
    sweep(NOON)
    assert len(post_office.to(person.user)) == 1


def test_what_happens_at_night_comes_in_the_morning(post_office):
    person = reader()
    tell(person, at=NIGHT)
    sweep(NIGHT + timedelta(hours=3))
    assert states(person) == ["held"]
    sweep(MORNING)
    assert len(post_office.to(person.user)) == 1


def test_the_bell_has_it_at_once():
    person = reader()
    tell(person, at=NIGHT)
    assert states(person, "bell") == ["sent"]


def test_what_is_owed_does_not_wait(post_office):
    person = make_user(time_zone="America/Montreal")
    with time_machine.travel(NIGHT, tick=False):
        make_ambassador(person)
        make_notification(person, kind="invitation")
        deliver_all()
    assert len(post_office.to(person)) == 1


def test_a_worker_that_comes_too_late_in_the_day_waits_for_the_next(post_office):
    person = reader()
    tell(person, at=NOON.replace(hour=17, minute=59))
    sweep(NIGHT)
    assert post_office.mails == []
    assert states(person) == ["held"]
    assert Notification.objects.get(channel="email").turn is None
    sweep(MORNING)
    assert len(post_office.mails) == 1


def test_each_by_their_own_clock_and_leave(post_office):
    montreal, paris, away = reader(), reader(time_zone="Europe/Paris"), reader()
    Hours.objects.create(person=away.user, away_from=date(2026, 12, 1), away_until=NOON.date())
    tell(montreal, paris, away)  # 18:00 in Paris
    sweep(NOON)
    assert post_office.to(montreal.user)
    assert not post_office.to(paris.user)
    assert not post_office.to(away.user)
    sweep(MORNING)
    assert post_office.to(paris.user)
    assert post_office.to(away.user)


def test_a_company_that_works_around_the_clock_says_so_once(post_office, settings):
    settings.QUIET_HOURS = ""
    person = reader()
    tell(person, at=NIGHT)
    sweep(NIGHT)
    assert len(post_office.to(person.user)) == 1


# --- Together ----------------------------------------------------------------------------------
def test_what_waited_together_comes_as_one(post_office):
    person = reader()
    first, second = tell(person, at=NIGHT), tell(person, at=NIGHT)
    sweep(MORNING)
    mail = post_office.only_mail()
    assert states(person) == ["merged", "sent"]
    assert "Also waiting for you" in text_of(mail)
    assert first.name_fr in text_of(mail)
    assert second.name_fr in text_of(mail)


def test_what_is_over_meanwhile_is_not_said_along(post_office):
    person = reader()
    tell(person, at=NIGHT)
    tell(person, at=NIGHT + timedelta(minutes=1)).pause(by=make_manager())
    sweep(MORNING)
    assert "Also waiting" not in text_of(post_office.only_mail())


def test_when_the_first_is_over_the_other_is_still_said(post_office):
    person = reader()
    gone = tell(person, at=NIGHT)
    other = tell(person, at=NIGHT + timedelta(minutes=1))
    gone.pause(by=make_manager())
    sweep(MORNING)
    sweep(MORNING)
    assert other.name_fr in text_of(post_office.only_mail())
    assert states(person) == ["sent", "skipped"]


# --- Three a week ------------------------------------------------------------------------------
def test_two_a_week_beside_the_digest_and_the_rest_next_week(post_office):
    person = reader()
    for _ in range(4):
        tell(person)
    sweep(NOON)
    assert len(post_office.mails) == 2
    sweep(NOON + timedelta(days=2))
    assert len(post_office.mails) == 2
    sweep(NOON + timedelta(days=5))
    assert len(post_office.mails) == 3
    assert "Also waiting" in text_of(post_office.mails[-1])


def test_the_next_digest_takes_along_what_was_too_much(post_office):
    person = reader()
    for _ in range(3):
        late = tell(person, at=NOON - timedelta(days=2))
    moments = {"publish_at": BEFORE, "published_at": NOON - timedelta(days=2)}
    item = make_content(campaign=late, **moments, expires_at=NOON + timedelta(days=60))
    with time_machine.travel(NOON - timedelta(days=2)):
        deliver_all()
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        send_due_digests()
        deliver_all()
    digest = post_office.mails[-1]
    assert len(post_office.mails) == 3
    assert item.title in text_of(digest)
    assert late.name_fr in text_of(digest)


def test_whatever_comes_nobody_gets_more_than_three_a_week_nor_outside_their_hours(post_office):
    people = [reader(time_zone=zone) for zone in ("America/Montreal", "Europe/Paris", "UTC")]
    draw = random.Random(3)
    begin = datetime(2026, 11, 23, tzinfo=MONTREAL)
    for hour in range(0, 21 * 24, 3):
        now = begin + timedelta(hours=hour)
        if draw.random() < 0.25:
            campaign = tell(*draw.sample(people, 2), at=now)
            moments = {"publish_at": BEFORE, "published_at": now}
            make_content(campaign=campaign, **moments, expires_at=now + timedelta(days=60))
        with time_machine.travel(now, tick=False):
            send_due_digests()
        sweep(now)
    # By the database's clock nothing was moved: what counts is when a turn was given.
    sent = Notification.objects.filter(channel="email", state="sent")
    weeks = Counter(sent.values_list("recipient", "week"))
    assert len(weeks) >= 9
    assert max(weeks.values()) == 3
    assert not Notification.objects.filter(state="queued").exists()


def test_the_database_refuses_a_turn_that_is_taken():
    person = reader()
    tell(person)
    row = Notification.objects.get(channel="email")
    assert (row.week, row.turn) == (date(2026, 11, 30), 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_notification(person.user, week=row.week, turn=1)


def test_what_is_skipped_does_not_count():
    person = reader()
    tell(person).pause(by=make_manager())
    sweep(NOON)
    assert states(person) == ["skipped"]
    assert Notification.objects.get(channel="email").turn is None


def test_a_task_somebody_holds_is_not_counted():
    nudges = {name for name, kind in KINDS.items() if kind.is_nudge and "email" in kind.channels}
    assert nudges == {
        *("campaign.launched", "campaign.reminder", "digest", "invitation.reminder"),
    }
    assert set(hearing.transactional()).isdisjoint(nudges)


# --- One way -----------------------------------------------------------------------------------
def test_who_chose_their_devices_gets_no_copy_by_mail():
    chose, without_device = reader(), reader()
    for person in (chose, without_device):
        Hours.objects.create(person=person.user, via="push")
    Browser.add(chose.user, address="https://fcm.googleapis.com/x", key="k", auth="a", device="")
    tell(chose, without_device)
    channels = Notification.objects.filter(recipient=chose.pk).values_list("channel", flat=True)
    assert sorted(channels) == ["bell", "push"]
    assert states(without_device) == ["queued"]


# --- Nothing is lost ---------------------------------------------------------------------------
def test_during_a_pause_nothing_is_let_go():
    person = reader()
    tell(person, at=NIGHT)
    pause(by=make_admin())
    sweep(MORNING)
    assert states(person) == ["held"]


def test_verify_finds_what_nobody_let_go():
    person = reader()
    tell(person, at=NIGHT)
    with time_machine.travel(MORNING):
        assert not list(verify.forgotten_by_the_clock())
    with time_machine.travel(MORNING + timedelta(hours=1)):
        assert len(list(verify.forgotten_by_the_clock())) == 1
