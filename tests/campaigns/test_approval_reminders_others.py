"""Campaigns, proposals and drafts of sources that wait too long are reminded of as items are."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from activity.log import record
from activity.models import Entry, Notification
from activity.rendering import letter_of
from campaigns.approval.notices import remind
from campaigns.models import Proposal
from tests.factories import make_admin, make_campaign, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_proposal():
    proposer = make_user()
    return Proposal.objects.create(
        proposer=proposer, url="https://orvaly.example/x", title="A page", created_at=TUESDAY
    )


def make_reviewed():
    with time_machine.travel(TUESDAY, tick=False):
        campaign = make_campaign(state="in_review", time_zone="America/Montreal")
        record("campaign.in_review", subject=campaign, actor=campaign.owner)
    return campaign


def at(hours):
    with time_machine.travel(TUESDAY + hours * HOUR, tick=False):
        remind(TUESDAY + hours * HOUR)


def told(kind):
    rows = Notification.objects.filter(kind=f"approval.{kind}", channel="bell")
    return set(rows.values_list("recipient", flat=True))


@pytest.mark.parametrize("make", [make_proposal, make_reviewed])
def test_who_may_decide_is_reminded_after_a_working_day_and_once(make):
    ana = make_manager()
    make()
    at(23)
    assert told("reminder") == set()
    at(25)
    at(26)
    assert ana.pk in told("reminder")
    assert Entry.objects.filter(verb__endswith=".reminded").count() == 1


@pytest.mark.parametrize("make", [make_proposal, make_reviewed])
def test_administrators_are_told_after_three_working_days(make):
    ana, admin = make_manager(), make_admin()
    make()
    at(25)
    at(73)
    at(74)
    assert admin.pk in told("escalated")
    assert ana.pk not in told("escalated")
    assert Entry.objects.filter(verb__endswith=".escalated").count() == 1


def test_the_mail_names_it_and_is_not_sent_once_answered():
    make_manager(language="en")
    proposal = make_proposal()
    at(25)
    mail = Notification.objects.get(kind="approval.reminder", channel="email")
    with time_machine.travel(TUESDAY + 26 * HOUR, tick=False):
        assert "A page" in letter_of(mail).text
        Proposal.objects.filter(pk=proposal.pk).update(state="declined", answer="No.")
        assert letter_of(mail) is None
