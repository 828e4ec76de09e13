"""The mail of the morning: only when something waits, once, at eight by one's own clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from activity.models import Notification
from activity.rendering import letter_of
from campaigns.home.brief import send_due
from tests.factories import make_admin, make_campaign, make_content, make_manager, make_notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
# A Tuesday, at eight in Montréal; in Paris it is two in the afternoon.
EIGHT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


def make_waiting(**fields):
    return make_content(
        campaign=make_campaign(),
        status="in_review",
        submitted_at=EIGHT - timedelta(hours=3),
        published_at=None,
        **fields,
    )


def brief_of(person):
    return Notification.objects.filter(kind="desk.brief", recipient=person).first()


def at(moment, person):
    with time_machine.travel(moment, tick=False):
        send_due(moment)
    return brief_of(person)


@pytest.fixture
def manager():
    return make_manager(time_zone="America/Montreal", language="en")


def test_nobody_is_written_to_when_nothing_waits(manager):
    brief = at(EIGHT, manager)
    assert (brief.state, brief.error) == ("skipped", "nothing waits")


def test_what_begins_to_wait_at_nine_waits_for_tomorrow(manager):
    at(EIGHT, manager)
    make_waiting()
    assert at(EIGHT + timedelta(hours=1), manager).state == "skipped"
    assert Notification.objects.filter(kind="desk.brief", recipient=manager).count() == 1


@pytest.mark.parametrize(
    ("minutes", "written"), [(-1, False), (0, True), (179, True), (180, False)]
)
def test_it_leaves_at_eight_by_ones_own_clock(manager, minutes, written):
    make_waiting()
    assert bool(at(EIGHT + timedelta(minutes=minutes), manager)) is written


def test_saturday_is_no_morning(manager):
    make_waiting()
    assert at(EIGHT + timedelta(days=4), manager) is None


def test_everything_comes_in_one_mail():
    admin = make_admin(time_zone="America/Montreal", language="en")
    make_waiting()
    make_notification(state="failed", created_at=EIGHT - timedelta(hours=1))
    make_campaign(state="approved")
    with time_machine.travel(EIGHT, tick=False):
        send_due(EIGHT)
        letter = letter_of(brief_of(admin))
    assert letter.subject == "3 things wait for you"
    assert "1 item waits for your approval" in letter.text
    assert "did not arrive" in letter.text


def test_it_is_not_sent_once_all_is_done(manager):
    content = make_waiting()
    brief = at(EIGHT, manager)
    type(content).objects.filter(pk=content.pk).update(status="draft")
    with time_machine.travel(EIGHT, tick=False):
        assert letter_of(brief) is None


def test_yesterdays_brief_is_not_sent_today(manager):
    make_waiting()
    brief = at(EIGHT, manager)
    with time_machine.travel(EIGHT + timedelta(days=1), tick=False):
        assert letter_of(brief) is None


def test_a_second_run_adds_nothing(manager):
    make_waiting()
    at(EIGHT, manager)
    at(EIGHT, manager)
    assert Notification.objects.filter(kind="desk.brief", recipient=manager).count() == 1
