"""How a campaign goes, told to its owner: three figures and one suggestion."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from activity.models import Notification
from activity.rendering import letter_of
from campaigns.home import milestones
from campaigns.home.milestones import Figures, Moment, suggestion_for
from campaigns.models import Campaign
from campaigns.planning.progress import Progress
from tests.factories import make_campaign, make_content, make_manager

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
START = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def make_running(days=20, **fields):
    owner = make_manager(language="en")
    times = {"starts_at": START, "launched_at": START, "ends_at": START + days * DAY}
    return make_campaign(owner=owner, **{"state": "running"} | times | fields)


def told(campaign):
    rows = Notification.objects.filter(kind="campaign.milestone", channel="email")
    return [row.data["moment"] for row in rows.filter(subject_id=campaign.pk).order_by("pk")]


def run(moment):
    with time_machine.travel(moment, tick=False):
        milestones.send_due(moment)


@pytest.mark.parametrize(
    ("after", "moments"),
    [(23 * HOUR, []), (25 * HOUR, ["first_day"]), (10 * DAY + HOUR, ["middle"]), (5 * DAY, [])],
)
def test_the_owner_hears_after_a_day_and_halfway(after, moments):
    campaign = make_running()
    run(START + after)
    run(START + after)
    assert told(campaign) == moments


def test_a_campaign_of_three_days_has_no_middle():
    campaign = make_running(days=3)
    run(START + 1.6 * DAY)
    assert told(campaign) == ["first_day"]


@pytest.mark.parametrize("over", [HOUR, -5 * DAY])
def test_the_end_is_told_when_it_has_ended_even_early(over):
    campaign = make_running(state="ended")
    run(START + 20 * DAY + over)
    assert told(campaign) == ["end"]


def test_the_mail_hides_the_figures_of_few_people():
    campaign = make_running()
    run(START + 25 * HOUR)
    notification = Notification.objects.get(kind="campaign.milestone", channel="email")
    with time_machine.travel(START + 26 * HOUR, tick=False):
        letter = letter_of(notification)
    assert letter.subject == f"After one day: {campaign.name}"
    assert "Hidden: fewer than 5 people" in letter.text
    assert "Only 0 items can be shared" in letter.text


def test_who_no_longer_answers_for_it_is_not_written_to():
    campaign = make_running()
    run(START + 25 * HOUR)
    notification = Notification.objects.get(kind="campaign.milestone", channel="email")
    Campaign.objects.filter(pk=campaign.pk).update(owner=make_manager())
    assert letter_of(notification) is None


@pytest.mark.parametrize(
    ("moment", "shares", "visits", "reached", "said"),
    [
        (Moment.FIRST_DAY, 0, 0, 0, "Nobody has declared a share yet"),
        (Moment.FIRST_DAY, 4, 0, 0, "nobody has clicked yet"),
        (Moment.FIRST_DAY, 4, 9, 1, None),
        (Moment.MIDDLE, 4, 9, 10, "behind its target"),
        (Moment.MIDDLE, 4, 90, 60, None),
        (Moment.END, 4, 9, 10, "Thank those who shared"),
    ],
)
def test_the_first_rule_that_applies_is_the_suggestion(moment, shares, visits, reached, said):
    campaign = make_running()
    for _ in range(3):
        make_content(campaign=campaign)
    progress = Progress("visits", reached, 100)
    figures = Figures(visits, shares, progress, is_hidden=False)
    found = suggestion_for(campaign, moment, figures, START + 10 * DAY)
    assert (said in found.words) if said else found is None


def test_no_rule_rests_on_hidden_figures():
    campaign = make_running()
    for _ in range(3):
        make_content(campaign=campaign)
    figures = Figures(0, 0, Progress("visits", 0, 100), is_hidden=True)
    assert suggestion_for(campaign, Moment.MIDDLE, figures, START + 10 * DAY) is None
