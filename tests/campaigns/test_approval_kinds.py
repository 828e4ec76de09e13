"""What members propose and sources bring, in the same queue as everything else."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.content.models import NoteMissing, OwnApproval, WrongState
from campaigns.models import Content, Proposal, Sighting, Source
from tests.campaigns.test_approval_queue import QUEUE, make_changed, make_submitted, path
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_ready_campaign,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def make_proposal(**fields):
    fields = {"url": "https://orvaly.example/p", "why": "On y voit l’équipe."} | fields
    fields["proposer"] = fields.get("proposer") or make_user()
    return Proposal.objects.create(**fields)


def make_sighting(**fields):
    content = make_content(status="draft", published_at=None, **fields)
    n = Source.objects.count()
    source = Source.objects.create(
        name=f"Blogue {n}",
        kind="feed",
        url=f"https://orvaly.example/{n}.xml",
        campaign=content.campaign,
        language="fr",
        owner=content.author,
    )
    return Sighting.objects.create(
        source=source, page_key=f"k{n}", title=content.title, url=content.url, content=content
    )


@pytest.fixture
def manager():
    return make_manager(language="en")


# --- A proposal --------------------------------------------------------------------------------
def test_a_proposal_taken_up_is_a_draft_of_whoever_took_it():
    proposal, by = make_proposal(why="Parce que. " * 25), make_manager()
    draft = proposal.take_up(by, make_campaign())
    proposal.refresh_from_db()
    assert (proposal.state, proposal.content, proposal.answered_by) == ("taken_up", draft, by)
    assert (draft.status, draft.author, draft.url) == ("draft", by, proposal.url)
    assert len(draft.why) <= 140
    assert draft.note == proposal.why


def test_a_no_needs_a_sentence_and_comes_once():
    proposal = make_proposal()
    with pytest.raises(NoteMissing):
        proposal.decline(make_manager(), " ")
    proposal.decline(make_manager(), "Nous l’avons partagé en mars.")
    with pytest.raises(WrongState):
        proposal.take_up(make_manager(), make_campaign())
    assert not Content.objects.exists()


def test_a_campaign_that_is_over_takes_nothing_up():
    proposal = make_proposal()
    with pytest.raises(WrongState):
        proposal.take_up(make_manager(), make_campaign(state="ended"))
    proposal.refresh_from_db()
    assert proposal.is_waiting


def test_taking_up_leads_to_the_composer(as_user, manager):
    proposal, campaign = make_proposal(), make_campaign()
    client = as_user(manager)
    assert "On y voit l’équipe." in client.get(reverse(QUEUE)).text
    answer = client.post(path("proposal-take-up", proposal.pk), {"campaign": campaign.pk})
    draft = Content.objects.get()
    assert answer.headers["Location"] == path("content-edit", draft.pk)
    assert not client.get(reverse(QUEUE)).context["lines"]


def test_an_answer_that_is_not_complete_keeps_the_proposal_open(as_user, manager):
    proposal, client = make_proposal(), as_user(manager)
    make_submitted(hours=99)
    answer = client.post(path("proposal-take-up", proposal.pk))
    assert (answer.status_code, answer.context["line"].subject) == (422, proposal)
    assert "Choose the campaign it is for." in answer.text
    answer = client.post(path("proposal-decline", proposal.pk), {"note": " "})
    assert answer.status_code == 422
    assert "Say why not, in one sentence." in answer.text


def test_a_second_answer_says_who_was_faster(as_user, manager):
    proposal = make_proposal()
    proposal.decline(make_manager(first_name="Fatou"), "Déjà dit.")
    data = {"campaign": make_campaign().pk}
    answer = as_user(manager).post(path("proposal-take-up", proposal.pk), data, follow=True)
    assert "Fatou" in answer.text
    assert "has already answered" in answer.text


# --- A draft that a source brought -------------------------------------------------------------
def test_a_draft_taken_up_is_ones_own_and_leaves_the_queue(as_user, manager):
    sighting = make_sighting()
    answer = as_user(manager).post(path("sighting-take-up", sighting.pk))
    assert answer.headers["Location"] == path("content-edit", sighting.content_id)
    draft = Content.objects.get()
    assert (draft.author, draft.changed_by, draft.status) == (manager, manager, "draft")
    assert not Sighting.objects.to_answer().exists()


def test_a_draft_declined_is_put_aside_with_the_reason(as_user, manager):
    sighting, client = make_sighting(), as_user(manager)
    assert client.post(path("sighting-decline", sighting.pk)).status_code == 422
    client.post(path("sighting-decline", sighting.pk), {"note": "Trop commercial."})
    sighting.refresh_from_db()
    assert (sighting.answer, sighting.answered_by) == ("Trop commercial.", manager)
    assert Content.objects.get().status == "withdrawn"
    answer = client.post(path("sighting-take-up", sighting.pk), follow=True)
    assert "has already answered" in answer.text


# --- One queue ---------------------------------------------------------------------------------
def make_one_of_each(**fields):
    make_submitted(**fields)
    make_changed()
    campaign = make_ready_campaign()
    campaign.submit(campaign.owner)
    make_proposal()
    make_caption(make_sighting().content)


def test_every_kind_waits_in_one_queue_and_can_be_looked_at_alone(as_user, manager):
    make_one_of_each()
    client = as_user(manager)
    page = client.get(reverse(QUEUE))
    kinds = ["content", "caption", "campaign", "proposal", "sighting"]
    assert sorted(line.kind for line in page.context["lines"]) == sorted(kinds)
    assert "5 decisions to make" in page.text
    for kind in kinds:
        page = client.get(reverse(QUEUE), {"kind": kind})
        assert [line.kind for line in page.context["lines"]] == [kind]
        assert page.context["line"].kind == kind


def test_a_filter_that_makes_no_sense_is_none(as_user, manager):
    make_one_of_each()
    page = as_user(manager).get(reverse(QUEUE), {"kind": "nonsense", "tab": "nonsense"})
    assert len(page.context["lines"]) == 5


def test_a_decision_leads_back_to_the_queue_as_it_was_narrowed_down(as_user, manager):
    content = make_submitted()
    where = path("content-approve", content.pk) + "?tab=all&kind=content&item=x"
    answer = as_user(manager).post(where)
    assert answer.headers["Location"].startswith(reverse(QUEUE) + "?tab=all&kind=content#")


def test_a_title_in_another_language_says_which(as_user, manager):
    make_proposal(title="Une équipe", proposer=make_user(language="fr"))
    page = as_user(manager).get(reverse(QUEUE)).text
    assert re.search(r'<h2 id="decide-title"[^>]* lang="fr"', page)


@pytest.mark.parametrize("kind", ["", "content", "caption", "campaign", "proposal", "sighting"])
def test_the_queue_asks_as_much_for_five_as_for_fifteen(as_user, manager, queries_of, kind):
    client = as_user(manager)
    make_one_of_each(hours=900)
    where = {"kind": kind, "tab": "all"}
    with_five = queries_of(lambda: client.get(reverse(QUEUE), where))
    for _n in range(2):
        make_one_of_each()
    assert queries_of(lambda: client.get(reverse(QUEUE), where)) == with_five


def test_the_desk_tells_proposals_from_approvals(as_user, manager):
    make_one_of_each()
    todo = as_user(manager).get(reverse("campaigns:desk")).context["todo"]
    assert (todo["to_approve"], todo["to_answer"], len(todo["to_review"])) == (2, 2, 1)


def test_an_ambassador_answers_nothing(as_user):
    client = as_user(make_ambassador().user)
    proposal, sighting = make_proposal(), make_sighting()
    names = ["proposal-take-up", "proposal-decline"], ["sighting-take-up", "sighting-decline"]
    for subject, some in zip([proposal, sighting], names, strict=True):
        for name in some:
            assert client.post(path(name, subject.pk)).status_code == 403
    for name in ("approval-campaign-approve", "approval-campaign-request-changes"):
        assert client.post(path(name, make_campaign().pk)).status_code == 403
    assert client.get(path("approve-together")).status_code == 403


def test_what_is_not_there_is_not_found(as_user, manager):
    client = as_user(manager)
    for name in ("proposal-take-up", "sighting-decline", "approval-campaign-approve"):
        assert client.post(path(name, 99999)).status_code == 404


# --- Together ----------------------------------------------------------------------------------
def make_complete(**fields):
    """An item in review that passes every check."""
    campaign = make_campaign(disclosure_fr="Je travaille ici.", disclosure_en="I work here.")
    item = {"campaign": campaign, "image": "content/a.jpg", "image_alt": "Un toit"} | fields
    content = make_submitted(expires_at=timezone.now() + timedelta(days=30), **item)
    for language in ("fr", "en"):
        make_caption(content, status="in_review", language=language)
    return content


TOGETHER = "campaigns:approve-together"


def test_items_of_one_site_without_a_question_are_approved_together(as_user, manager):
    mine = [make_complete(title=title) for title in ("Un", "Deux")]
    client = as_user(manager)
    assert "2 items lead to orvaly.example" in client.get(reverse(QUEUE)).text
    page = client.get(reverse(TOGETHER), {"host": "orvaly.example"})
    assert [line.title for line in page.context["group"].lines] == ["Un", "Deux"]
    items = [line.seal for line in page.context["group"].lines]
    where = reverse(TOGETHER) + "?host=orvaly.example"
    answer = client.post(where, {"item": items}, follow=True)
    assert "2 items approved." in answer.text
    assert {content.reviews.get().reviewer for content in mine} == {manager}


@pytest.mark.parametrize(
    "question",
    [
        {"url": "https://ailleurs.example/x"},
        {"image": "", "image_alt": ""},
        {"campaign": None},
    ],
)
def test_what_leaves_a_question_open_is_not_among_them(as_user, manager, question):
    make_complete()
    make_complete(**question)
    assert not as_user(manager).get(reverse(QUEUE)).context["together"]


def test_what_was_sent_back_before_is_read_again_one_by_one(as_user, manager):
    make_complete()
    again = make_complete()
    again.request_changes(make_manager(), "Le salaire.")
    again.submit(again.author)
    assert not as_user(manager).get(reverse(QUEUE)).context["together"]


def test_what_changed_after_it_was_listed_is_not_approved_unread(as_user, manager):
    make_complete()
    changed, client = make_complete(), as_user(manager)
    where = reverse(TOGETHER) + "?host=orvaly.example"
    items = [line.seal for line in client.get(where).context["group"].lines]
    Content.objects.filter(pk=changed.pk).update(submitted_at=timezone.now())
    answer = client.post(where, {"item": items}, follow=True)
    assert "1 item approved." in answer.text
    changed.refresh_from_db()
    assert changed.status == "in_review"


def test_whoever_hands_in_a_draft_of_a_source_does_not_approve_it():
    sighting, one, other = make_sighting(), make_manager(), make_manager()
    draft = Content.objects.get(pk=sighting.content_id)
    draft.submit(one)
    sighting.refresh_from_db()
    assert (draft.author, sighting.answered_by) == (one, one)
    with pytest.raises(OwnApproval):
        draft.approve(one)
    draft.approve(other)
    assert draft.is_live


def test_a_draft_that_was_taken_up_stays_with_who_took_it():
    sighting, one, other = make_sighting(), make_manager(), make_manager()
    draft = sighting.take_up(one)
    draft.submit(other)
    draft.refresh_from_db()
    assert (draft.author, draft.changed_by) == (one, one)
