"""Real threads on a real PostgreSQL: one decision, one trace, whoever clicks at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from activity.expansion import expand
from activity.models import Entry, Notification
from ambassadors.enrolment.models import WrongState
from campaigns.approval.notices import remind
from campaigns.models import Campaign, Caption, Content, Proposal
from campaigns.planning.tasks import move_due_campaigns
from tests.factories import (
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_ready_campaign,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
THREADS, ROUNDS, FEWER = 8, 50, 15


class Eight:
    """Eight people, each with a thread and a connection of their own."""

    def __init__(self, pool):
        self._pool = pool
        self.people = [make_manager() for _n in range(THREADS)]

    def at_once(self, deeds, people=None):
        """Each does one of `deeds`, all starting together; how many got through."""
        together = Barrier(THREADS)

        def one(by, deed):
            together.wait()
            try:
                deed(by)
            except WrongState:
                return False
            return True

        return sum(self._pool.map(one, people or self.people, deeds))


@pytest.fixture
def eight(db):
    closing = Barrier(THREADS)

    def close(_n):
        closing.wait()
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        yield Eight(pool)
        list(pool.map(close, range(THREADS)))


def all_at_once(deed):
    """Runs `deed` in eight threads that start together; how many got through."""
    together = Barrier(THREADS)

    def one(_n):
        try:
            together.wait()
            deed()
            return True
        except WrongState:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(one, range(THREADS)))


def make_submitted(**fields):
    content = make_content(
        **{"status": "in_review", "submitted_at": timezone.now(), "published_at": None} | fields
    )
    make_caption(content, status="in_review")
    return content


def heard(verb, subject):
    """What each message of `verb` about `subject` became: (person, channel), sorted.

    Expanded twice, as by two workers that were both woken.
    """
    entry = Entry.objects.get(verb=verb, subject_id=str(subject.pk))
    expand(entry.pk)
    expand(entry.pk)
    rows = Notification.objects.filter(data__entry=entry.pk)
    return sorted(rows.values_list("recipient", "channel"))


def verbs_about(subject):
    kind = subject._meta.label_lower
    entries = Entry.objects.filter(subject_type=kind, subject_id=str(subject.pk))
    return sorted(entries.values_list("verb", flat=True))


def approve(pk):
    return lambda by: Content.objects.get(pk=pk).approve(by)


def send_back(pk):
    return lambda by: Content.objects.get(pk=pk).request_changes(by, "Le salaire.")


def test_eight_approvals_at_once_are_one_decision_one_entry_one_message(eight):
    for _round in range(ROUNDS):
        content = make_submitted()
        assert eight.at_once([approve(content.pk)] * THREADS) == 1
        assert content.reviews.count() == 1
        assert verbs_about(content) == ["content.approved", "content.published"]
        to = content.author_id
        assert heard("content.approved", content) == [(to, "bell"), (to, "email")]


def test_an_approval_and_a_request_at_once_leave_one_decision(eight):
    for _round in range(ROUNDS):
        content = make_submitted()
        deeds = [approve(content.pk), send_back(content.pk)] * (THREADS // 2)
        assert eight.at_once(deeds) == 1
        content.refresh_from_db()
        was = "approved" if content.status == "published" else content.status
        assert content.reviews.get().decision == was
        to = content.author_id
        assert heard(f"content.{was}", content) == [(to, "bell"), (to, "email")]


def test_of_eight_last_approvals_each_is_kept_and_one_moves_the_item(eight):
    campaign = make_campaign(needs_all=True)
    campaign.approvers.set(eight.people)
    for _round in range(ROUNDS):
        content = make_submitted(campaign=campaign)
        assert eight.at_once([approve(content.pk)] * THREADS) == THREADS
        assert content.reviews.values("reviewer").distinct().count() == THREADS
        assert content.reviews.count() == THREADS
        agreed = ["content.agreed"] * (THREADS - 1)
        assert verbs_about(content) == [*agreed, "content.approved", "content.published"]
        to = content.author_id
        assert heard("content.approved", content) == [(to, "bell"), (to, "email")]


def test_one_of_several_who_clicks_twice_at_once_agrees_once(eight):
    four = eight.people[: THREADS // 2]
    campaign = make_campaign(needs_all=True)
    campaign.approvers.set(four)
    for _round in range(FEWER):
        content = make_submitted(campaign=campaign)
        assert eight.at_once([approve(content.pk)] * THREADS, people=four * 2) == len(four)
        assert content.reviews.count() == len(four)
        assert verbs_about(content).count("content.approved") == 1


def test_a_yes_among_several_and_a_request_at_once_send_it_back(eight):
    campaign = make_campaign(needs_all=True)
    campaign.approvers.set(eight.people)
    for _round in range(FEWER):
        content = make_submitted(campaign=campaign)
        eight.at_once([approve(content.pk)] * (THREADS - 1) + [send_back(content.pk)])
        content.refresh_from_db()
        assert content.status == "changes_requested"
        assert verbs_about(content).count("content.changes_requested") == 1


def test_eight_approvals_of_one_text_at_once_are_one(eight):
    for _round in range(ROUNDS):
        caption = make_caption(status="in_review", text="Autre chose.", approved_text="Un hiver.")
        # Fetched before: the race is on the row, as with eight open pages.
        found = Caption.objects.select_related("content__campaign")
        mine = [found.get(pk=caption.pk) for _n in range(THREADS)]
        assert eight.at_once([each.approve for each in mine]) == 1
        assert caption.reviews.count() == 1
        assert heard("caption.approved", caption) == [(caption.writer_id, "bell")]


def test_eight_answers_to_a_proposal_at_once_are_one(eight):
    campaign = make_campaign()
    for _round in range(ROUNDS):
        proposal = Proposal.objects.create(
            url="https://orvaly.example/p", why="On y voit l’équipe.", proposer=make_user()
        )
        mine = [Proposal.objects.get(pk=proposal.pk) for _n in range(THREADS)]
        deeds = [partial(each.take_up, campaign=campaign) for each in mine[::2]]
        deeds += [partial(each.decline, answer="Déjà dit.") for each in mine[1::2]]
        assert eight.at_once(deeds) == 1
        proposal.refresh_from_db()
        assert verbs_about(proposal) == [f"proposal.{proposal.state}"]
        assert (proposal.content is None) == (proposal.state == "declined")
        # A no, and its reason, comes by mail too.
        channels = ["bell", "email"] if proposal.state == "declined" else ["bell"]
        told = [(proposal.proposer_id, channel) for channel in channels]
        assert heard(f"proposal.{proposal.state}", proposal) == told
    assert Content.objects.count() == Proposal.objects.filter(state="taken_up").count()


def test_eight_runs_of_the_reminders_at_once_write_one_message_each(eight):
    campaign = make_campaign()
    campaign.approvers.set(eight.people)
    deeds = [lambda by: remind(timezone.now())] * THREADS
    for _round in range(5):
        make_submitted(campaign=campaign, submitted_at=timezone.now() - timedelta(days=30))
        Notification.objects.all().delete()
        eight.at_once(deeds)
        owner = Notification.objects.filter(recipient=campaign.owner, channel="bell")
        assert owner.count() == 1


def test_a_campaign_that_is_due_starts_once():
    campaign = make_ready_campaign(state=Campaign.State.SCHEDULED)
    all_at_once(move_due_campaigns)
    assert Campaign.objects.get().state == Campaign.State.RUNNING
    entries = Entry.objects.filter(subject_id=str(campaign.pk), verb="campaign.running")
    assert entries.count() == 1


def test_a_campaign_approved_and_changed_at_once_is_never_approved_unread():
    campaign = make_ready_campaign(state=Campaign.State.IN_REVIEW)
    second, writer = make_manager(), make_manager()

    def change(row):
        row.target = 7
        row.change(writer, ["target"])

    deeds = [lambda row: row.approve(second), change] * (THREADS // 2)
    all_at_once(lambda: deeds.pop()(Campaign.objects.get(pk=campaign.pk)))
    campaign.refresh_from_db()
    assert (campaign.state, campaign.target) == (Campaign.State.DRAFT, 7)
