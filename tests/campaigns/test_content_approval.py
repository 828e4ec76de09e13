from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import Entry
from campaigns.content.models import NoteMissing, OwnApproval, TextTooLong, WrongState
from campaigns.content.tasks import move_due_content
from campaigns.models import Content, Review
from tests.factories import make_campaign, make_caption, make_content, make_manager, make_network

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
Status = Content.Status


def make_submitted(**fields):
    now = timezone.now()
    return make_content(
        **{"status": Status.IN_REVIEW, "submitted_at": now, "published_at": None} | fields
    )


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_an_approval_publishes_at_once_where_the_campaign_runs_and_the_moment_has_come():
    content = make_submitted()
    content.approve(make_manager())
    assert content.status == Status.PUBLISHED
    assert verbs() == ["content.approved", "content.published"]


@pytest.mark.parametrize("state", ["draft", "scheduled", "paused", "ended"])
def test_an_approval_waits_for_its_campaign(state):
    content = make_submitted(campaign=make_campaign(state=state))
    content.approve(make_manager())
    assert content.status == Status.APPROVED


def test_an_approval_waits_for_its_moment_and_the_task_publishes_it_once():
    content = make_submitted(publish_at=timezone.now() + timedelta(hours=1))
    content.approve(make_manager())
    assert content.status == Status.APPROVED
    Content.objects.update(publish_at=timezone.now() - timedelta(seconds=1))
    move_due_content()
    move_due_content()
    content.refresh_from_db()
    assert content.status == Status.PUBLISHED
    assert verbs() == ["content.approved", "content.published"]


def test_what_is_over_expires_once():
    now = timezone.now()
    past = {"publish_at": now - timedelta(days=9), "expires_at": now - timedelta(seconds=1)}
    over, evergreen = make_content(**past), make_content(expires_at=None)
    move_due_content()
    move_due_content()
    over.refresh_from_db()
    evergreen.refresh_from_db()
    assert (over.status, evergreen.status) == (Status.EXPIRED, Status.PUBLISHED)
    assert verbs() == ["content.expired"]


def test_an_approval_keeps_what_was_read():
    content = make_submitted(title="Une école passive")
    caption = make_caption(content, text="Un hiver.", status="in_review")
    content.approve(make_manager(), note="Bien.")
    caption.refresh_from_db()
    review = Review.objects.get()
    assert (caption.status, caption.approved_text) == ("approved", "Un hiver.")
    assert review.seen["title"] == "Une école passive"
    assert review.seen["captions"] == {str(caption.pk): "Un hiver."}
    assert review.note == "Bien."


def test_nobody_approves_what_they_wrote():
    content = make_submitted()
    with pytest.raises(OwnApproval):
        content.approve(content.author)
    assert not Review.objects.exists()


def test_nobody_approves_what_they_changed_last():
    editor = make_manager()
    content = make_submitted(changed_by=editor)
    with pytest.raises(OwnApproval):
        content.approve(editor)


def test_the_author_approves_where_one_pair_of_eyes_is_enough():
    content = make_submitted(campaign=make_campaign(four_eyes=False))
    content.approve(content.author)
    assert content.status == Status.PUBLISHED


def test_what_was_submitted_again_is_not_approved_unread():
    content = make_submitted()
    read = content.submitted_at
    content.take_back(content.author)
    content.submit(content.author)
    with pytest.raises(WrongState):
        content.approve(make_manager(), version=read)
    content.refresh_from_db()
    assert content.status == Status.IN_REVIEW


def test_a_request_for_changes_needs_a_note():
    content = make_submitted()
    with pytest.raises(NoteMissing):
        content.request_changes(make_manager(), " \n")
    content.request_changes(make_manager(), "Dites le salaire.")
    assert content.status == Status.CHANGES_REQUESTED
    assert Review.objects.get().note == "Dites le salaire."


def test_a_text_over_its_limit_is_not_submitted():
    content = make_content(status=Status.DRAFT)
    make_caption(content, network=make_network("bluesky"), text="a" * 280)
    with pytest.raises(TextTooLong) as refusal:
        content.submit(content.author)
    assert refusal.value.networks == ["Bluesky"]


def test_a_disclosure_line_counts():
    campaign = make_campaign(disclosure_fr="Je travaille chez Orvaly.")
    content = make_content(status=Status.DRAFT, campaign=campaign)
    network = make_network("x")
    fits = 280 - 23 - 1  # the link and the space before it
    caption = make_caption(content, network=network, text="a" * (fits - 27))
    assert not caption.is_too_long
    caption.text += "a"
    assert caption.is_too_long


def test_a_copy_is_a_draft_of_its_own():
    content = make_content()
    make_caption(content, text="Un hiver.")
    other, by = make_campaign(), make_manager()
    copy = content.copy_into(other, by)
    assert (copy.status, copy.campaign, copy.author) == (Status.DRAFT, other, by)
    assert copy.captions.get().text == "Un hiver."
    assert copy.captions.get().status == "in_review"
    assert copy.url == content.url


def test_a_withdrawal_needs_a_reason():
    content = make_content()
    with pytest.raises(NoteMissing):
        content.withdraw(make_manager(), "")
    content.withdraw(make_manager(), "Le chiffre est faux.")
    assert content.status == Status.WITHDRAWN
