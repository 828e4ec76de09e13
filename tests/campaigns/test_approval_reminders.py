"""What waits too long: a reminder, then others are told; each once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from activity.models import Entry, Notification
from activity.rendering import letter_of
from campaigns.approval.notices import remind
from campaigns.approval.tasks import remind_approvers
from campaigns.approval.working import working_days_after
from campaigns.models import Content
from tests.factories import make_admin, make_campaign, make_caption, make_content, make_manager

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
MONTREAL = ZoneInfo("America/Montreal")
# A Tuesday, at ten in Montréal.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def make_waiting(*people, at=TUESDAY, **fields):
    campaign = fields.pop("campaign", None) or make_campaign(time_zone="America/Montreal")
    if people:
        campaign.approvers.set(people)
    return make_content(
        campaign=campaign, status="in_review", submitted_at=at, published_at=None, **fields
    )


def told(kind):
    rows = Notification.objects.filter(kind=f"approval.{kind}", channel="bell")
    return set(rows.values_list("recipient", flat=True))


@pytest.mark.parametrize(
    ("days", "weekday", "day"), [(1, "Wed", 25), (2, "Thu", 26), (3, "Fri", 27), (4, "Mon", 30)]
)
def test_weekends_are_no_working_days(days, weekday, day):
    due = working_days_after(TUESDAY, days, MONTREAL)
    assert (due.strftime("%a"), due.day, due.hour) == (weekday, day, 10)


def test_what_came_on_a_saturday_is_due_on_monday():
    saturday = TUESDAY + timedelta(days=4)
    assert working_days_after(saturday, 1, MONTREAL).strftime("%a") == "Mon"


def test_who_decides_is_reminded_after_a_working_day_and_not_before():
    ana = make_manager()
    content = make_waiting(ana)
    remind(TUESDAY + timedelta(hours=23))
    assert told("reminder") == set()
    remind(TUESDAY + timedelta(hours=25))
    assert told("reminder") == {ana.pk}
    content.refresh_from_db()
    assert content.reminders == 1


def test_a_second_run_says_nothing_again():
    make_waiting(make_manager())
    for hours in (25, 26, 27):
        remind(TUESDAY + timedelta(hours=hours))
    assert Notification.objects.filter(kind="approval.reminder", channel="bell").count() == 1
    assert Entry.objects.filter(verb="content.reminded").count() == 1


def test_after_three_working_days_the_owner_and_the_administrators_are_told():
    ana, admin = make_manager(), make_admin()
    content = make_waiting(ana)
    friday = TUESDAY + timedelta(days=3, hours=1)
    remind(friday)
    remind(friday + timedelta(hours=1))
    # Overlooked until then: late at once, and no two messages in one day.
    assert told("reminder") == set()
    assert told("escalated") == {content.campaign.owner_id, admin.pk}
    content.refresh_from_db()
    assert content.reminders == Content.ESCALATED


def test_a_reminder_is_followed_by_an_escalation():
    make_waiting(make_manager())
    remind(TUESDAY + timedelta(days=1, hours=1))
    remind(TUESDAY + timedelta(days=3, hours=1))
    verbs = Entry.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["content.reminded", "content.escalated"]


def test_who_wrote_it_is_never_told():
    admin = make_admin()
    campaign = make_campaign(owner=admin, four_eyes=False, time_zone="America/Montreal")
    make_waiting(author=admin, campaign=campaign)
    remind(TUESDAY + timedelta(days=1, hours=1))
    remind(TUESDAY + timedelta(days=3, hours=1))
    assert admin.pk not in told("reminder") | told("escalated")


def test_who_has_said_yes_is_not_reminded():
    ana, ben = make_manager(), make_manager()
    campaign = make_campaign(needs_all=True, time_zone="America/Montreal")
    content = make_waiting(ana, ben, campaign=campaign)
    content.approve(ana)
    remind(TUESDAY + timedelta(days=1, hours=1))
    assert told("reminder") == {ben.pk}


def test_a_new_version_begins_again():
    content = make_waiting(make_manager(), reminders=2)
    content.take_back(content.author)
    content.submit(content.author)
    assert content.reminders == 0


def test_a_changed_text_is_reminded_of_and_escalated_too():
    ana = make_manager()
    campaign = make_campaign(time_zone="America/Montreal")
    campaign.approvers.set([ana])
    caption = make_caption(make_content(campaign=campaign), status="in_review", changed_at=TUESDAY)
    remind(TUESDAY + timedelta(days=1, hours=1))
    assert told("reminder") == {ana.pk}
    remind(TUESDAY + timedelta(days=3, hours=1))
    caption.refresh_from_db()
    assert caption.reminders == 2
    assert told("escalated") == {campaign.owner_id}


@time_machine.travel(TUESDAY + timedelta(days=1, hours=1), tick=False)
def test_several_items_are_one_message_in_the_readers_language():
    ana = make_manager(language="en")
    campaign = make_campaign(time_zone="America/Montreal")
    make_waiting(ana, campaign=campaign, title="Un toit vert")
    make_waiting(ana, campaign=campaign, title="Une école", at=TUESDAY + timedelta(minutes=1))
    remind_approvers()
    mail = Notification.objects.get(kind="approval.reminder", channel="email")
    letter = letter_of(mail)
    assert letter.subject == "2 items wait for your decision"
    assert "Un toit vert" in letter.text
    assert "Une école" in letter.html
    assert mail.data["what"]["en"] == "“Un toit vert” and 1 more"
    assert letter.unsubscribe


@time_machine.travel(TUESDAY + timedelta(days=1, hours=1), tick=False)
def test_what_is_decided_meanwhile_is_not_written_about():
    ana = make_manager()
    content = make_waiting(ana)
    remind_approvers()
    mail = Notification.objects.get(kind="approval.reminder", channel="email")
    content.approve(ana)
    assert letter_of(mail) is None


@pytest.mark.parametrize("language", ["fr", "en"])
@time_machine.travel(TUESDAY + timedelta(days=3, hours=1), tick=False)
def test_an_escalation_is_written_in_both_languages(language):
    admin = make_admin(language=language)
    make_waiting(make_manager(), title="Un toit vert")
    remind_approvers()
    mail = Notification.objects.get(recipient=admin, channel="email")
    letter = letter_of(mail)
    assert "Un toit vert" in letter.subject
    assert "?item=content-" in letter.text


def test_runs_ask_as_much_for_one_item_as_for_three(queries_of):
    campaign = make_campaign(time_zone="America/Montreal")
    make_waiting(make_manager(), campaign=campaign)
    before = TUESDAY + timedelta(hours=1)
    with_one = queries_of(lambda: remind(before))
    for _n in range(2):
        make_waiting(campaign=campaign)
    assert queries_of(lambda: remind(before)) == with_one
