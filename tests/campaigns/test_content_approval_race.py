"""Real threads on a real PostgreSQL: one decision, one trace, whoever clicks at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from activity.models import Entry
from ambassadors.enrolment.models import WrongState
from campaigns.models import Campaign, Caption, Content, Review
from campaigns.planning.tasks import move_due_campaigns
from tests.factories import make_caption, make_content, make_manager, make_ready_campaign

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
THREADS, ROUNDS = 8, 6


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


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_eight_approvals_at_once_are_one(round_):
    content = make_content(status="in_review", submitted_at=timezone.now(), published_at=None)
    make_caption(content, status="in_review")
    manager = make_manager()
    winners = all_at_once(lambda: Content.objects.get(pk=content.pk).approve(manager))
    assert winners == 1
    assert Entry.objects.filter(verb="content.approved").count() == 1
    assert Entry.objects.filter(verb="content.published").count() == 1
    assert Review.objects.count() == 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_eight_approvals_of_one_text_at_once_are_one(round_):
    make_caption(status="in_review", text="Autre chose.", approved_text="Un hiver.")
    manager = make_manager()
    # Fetched before: the race is on the update, as with eight open pages.
    mine = [Caption.objects.select_related("content__campaign").get() for _n in range(THREADS)]
    assert all_at_once(lambda: mine.pop().approve(manager)) == 1
    assert Entry.objects.filter(verb="caption.approved").count() == 1
    assert Review.objects.count() == 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_an_approval_and_a_request_at_once_leave_one_decision(round_):
    content = make_content(status="in_review", submitted_at=timezone.now(), published_at=None)
    manager = make_manager()
    deeds = [lambda c: c.approve(manager), lambda c: c.request_changes(manager, "Le salaire.")]
    deeds *= THREADS // 2
    assert all_at_once(lambda: deeds.pop()(Content.objects.get(pk=content.pk))) == 1
    content.refresh_from_db()
    assert Review.objects.get().decision in {content.status, "approved"}


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
