"""Several approvers: any one of them, or all; and what happens when they cannot."""

import pytest
from django.urls import reverse

from activity.models import Entry
from ambassadors.accounts.holders import who_may
from campaigns.content.models import NotApprover, OwnApproval, WrongState
from campaigns.models import Content, Review
from tests.campaigns.test_approval_queue import QUEUE, make_submitted, path
from tests.factories import (
    make_admin,
    make_campaign,
    make_caption,
    make_content,
    make_manager,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def make_asking(*people, needs_all=False, **fields):
    """An item in review whose campaign names `people`."""
    campaign = make_campaign(needs_all=needs_all)
    campaign.approvers.set(people)
    return make_submitted(campaign=campaign, **fields)


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


@pytest.fixture
def ana():
    return make_manager(language="en", first_name="Ana")


@pytest.fixture
def ben():
    return make_manager(language="en", first_name="Ben")


def test_any_one_of_those_named_is_enough(ana, ben):
    content = make_asking(ana, ben)
    content.approve(ben)
    assert content.status == "published"


def test_nobody_else_decides_not_even_an_administrator(ana):
    content = make_asking(ana)
    for other in (make_manager(), make_admin()):
        with pytest.raises(NotApprover):
            content.approve(other)
        with pytest.raises(NotApprover):
            content.request_changes(other, "Le salaire.")
    assert who_may("campaigns.approve_content", content) == [ana.pk]
    assert not Review.objects.exists()


def test_where_all_are_asked_the_last_yes_moves_it(ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    caption = make_caption(content, status="in_review")
    content.approve(ana)
    assert (content.status, content.tally) == ("in_review", {"n": 1, "of": 2})
    assert content.missing == [ben]
    content.approve(ben)
    caption.refresh_from_db()
    assert (content.status, caption.status) == ("published", "approved")
    assert verbs() == ["content.agreed", "content.approved", "content.published"]


def test_a_second_yes_of_the_same_person_is_not_another_one(ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    content.approve(ana)
    with pytest.raises(WrongState):
        content.approve(ana)
    assert Review.objects.count() == 1


def test_a_yes_was_for_that_version_and_does_not_count_for_the_next(ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    content.approve(ana)
    content.request_changes(ben, "Le salaire.")
    assert content.status == "changes_requested"
    content.submit(content.author)
    assert content.agreed_ids == set()
    content.approve(ben)
    assert content.missing == [ana]


def test_who_has_said_yes_may_still_send_it_back(ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    content.approve(ana)
    content.request_changes(ana, "J’ai mal lu.")
    assert content.status == "changes_requested"


def test_who_wrote_it_is_not_asked_where_all_are(ana, ben):
    content = make_asking(ana, ben, needs_all=True, author=ana)
    with pytest.raises(OwnApproval):
        content.approve(ana)
    content.approve(ben)
    assert content.status == "published"


def test_who_has_left_is_not_waited_for(ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    ben.deactivate(make_admin())
    content.approve(ana)
    assert content.status == "published"


def test_who_leaves_last_leaves_the_decision_to_the_others(ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    content.approve(ana)
    ben.deactivate(make_admin())
    fresh = Content.objects.get()
    assert fresh.has_to_decide(ana)
    fresh.approve(ana)
    assert (fresh.status, Review.objects.count()) == ("published", 1)


def test_an_administrator_decides_where_nobody_named_can(ana):
    admin = make_admin()
    content = make_asking(ana, author=ana)
    content.approve(admin)
    assert content.status == "published"


def test_an_administrator_settles_alone_what_is_overdue(ana, ben):
    admin = make_admin()
    content = make_asking(ana, ben, needs_all=True, reminders=Content.ESCALATED)
    content.approve(admin)
    assert content.status == "published"


def test_an_administrator_who_wrote_it_settles_nothing(ana):
    admin = make_admin()
    content = make_asking(ana, reminders=Content.ESCALATED, author=admin)
    with pytest.raises(OwnApproval):
        content.approve(admin)


def test_another_manager_does_not_step_in_when_it_is_overdue(ana):
    with pytest.raises(NotApprover):
        make_asking(ana, reminders=Content.ESCALATED).approve(make_manager())


def test_a_changed_text_waits_for_all_of_them_too(ana, ben):
    campaign = make_campaign(needs_all=True)
    campaign.approvers.set([ana, ben])
    caption = make_caption(make_content(campaign=campaign), text="Un.", approved_text="Un.")
    caption.rewrite("Deux.", caption.content.author)
    caption.approve(ana)
    assert (caption.status, caption.approved_text) == ("in_review", "Un.")
    caption.approve(ben)
    assert (caption.status, caption.approved_text) == ("approved", "Deux.")
    assert verbs()[-2:] == ["caption.agreed", "caption.approved"]


def test_a_text_changed_again_needs_every_yes_again(ana, ben):
    campaign = make_campaign(needs_all=True)
    campaign.approvers.set([ana, ben])
    caption = make_caption(make_content(campaign=campaign), text="Un.", approved_text="Un.")
    caption.rewrite("Deux.", caption.content.author)
    caption.approve(ana)
    caption.rewrite("Trois.", caption.content.author)
    caption.approve(ben)
    assert (caption.status, caption.missing) == ("in_review", [ana])


# --- As the page says it -------------------------------------------------------------------------
def test_the_queue_says_how_many_have_approved_and_who_is_missing(as_user, ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    answer = as_user(ana).post(path("content-approve", content.pk), follow=True)
    assert f"You have approved “{content.title}”. Still to come: {ben}." in answer.text
    everything = as_user(ana).get(reverse(QUEUE), {"tab": "all"}).text
    assert "1 of 2 have approved" in everything
    assert f"You have approved it. Still to come: {ben}." in everything
    assert 'data-key="a"' not in everything
    assert "Ask for changes" in everything
    assert 'data-key="a"' in as_user(ben).get(reverse(QUEUE)).text


def test_who_is_not_asked_reads_who_is(as_user, ana):
    content = make_asking(ana)
    client = as_user(make_manager(language="en"))
    assert not client.get(reverse(QUEUE)).context["lines"]
    page = client.get(reverse(QUEUE), {"tab": "all"}).text
    assert f"Its campaign asks somebody else to decide: {ana}." in page
    answer = client.post(path("content-approve", content.pk), follow=True)
    assert "its campaign asks others to decide" in answer.text


def test_what_is_overdue_says_so_and_offers_itself_to_an_administrator(as_user, ana, ben):
    make_asking(ana, ben, needs_all=True, hours=200, reminders=2)
    page = as_user(make_admin(language="en")).get(reverse(QUEUE)).text
    assert "8 days, escalated" in page
    assert "Approve without the others" in page


def test_approving_twice_says_that_others_still_have_to(as_user, ana, ben):
    content = make_asking(ana, ben, needs_all=True)
    client = as_user(ana)
    client.post(path("content-approve", content.pk))
    answer = client.post(path("content-approve", content.pk), follow=True)
    assert "you have approved it already, and others still have to" in answer.text
