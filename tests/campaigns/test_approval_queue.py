from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activity.models import Entry
from campaigns.approval.differences import compare, since_seen_by
from campaigns.models import Content, Review
from tests.factories import (
    make_ambassador,
    make_caption,
    make_content,
    make_manager,
    make_ready_campaign,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
QUEUE = "campaigns:approval-queue"


def path(name, *args):
    return reverse(f"campaigns:{name}", args=args)


def make_submitted(**fields):
    hours = fields.pop("hours", 1)
    at = timezone.now() - timedelta(hours=hours)
    return make_content(
        **{"status": "in_review", "submitted_at": at, "published_at": None} | fields
    )


def make_changed():
    caption = make_caption(
        text="On cherche les meilleurs.", approved_text="On cherche les meilleurs."
    )
    caption.rewrite("On cherche douze technologues.", caption.content.author)
    return caption


@pytest.fixture
def manager():
    return make_manager(language="en")


def test_the_oldest_comes_first_and_is_opened(as_user, manager):
    make_submitted(title="Récent", hours=2)
    make_submitted(title="Ancien", hours=80)
    page = as_user(manager).get(reverse(QUEUE))
    assert [line.content.title for line in page.context["lines"]] == ["Ancien", "Récent"]
    assert page.context["line"].content.title == "Ancien"
    assert "2 decisions to make" in page.text
    assert "3 days" in page.text


def test_a_link_opens_one_item(as_user, manager):
    content = make_submitted(title="Celui-ci")
    make_submitted(hours=9)
    page = as_user(manager).get(reverse(QUEUE), {"item": f"content-{content.pk}"})
    assert page.context["line"].content == content


def test_ones_own_is_shown_with_the_reason_and_without_the_buttons(as_user):
    content = make_submitted()
    content.author.language = "en"
    content.author.save()
    client = as_user(content.author)
    assert "Everything is approved" in client.get(reverse(QUEUE)).text
    page = client.get(reverse(QUEUE), {"tab": "own"}).text
    assert "You wrote it, or changed it last: somebody else approves it." in page
    assert path("content-approve", content.pk) not in page


def test_an_approval_moves_on_to_the_queue(as_user, manager):
    content = make_submitted()
    answer = as_user(manager).post(path("content-approve", content.pk), follow=True)
    content.refresh_from_db()
    assert content.status == "published"
    assert f"Approved: “{content.title}”." in answer.text
    assert "Everything is approved" in answer.text


def test_a_second_click_on_approve_says_so_and_changes_nothing(as_user, manager):
    content = make_submitted()
    client = as_user(manager)
    client.post(path("content-approve", content.pk))
    answer = client.post(path("content-approve", content.pk), follow=True)
    assert f"{manager} has already decided (approved)" in answer.text
    assert Review.objects.count() == 1
    assert Entry.objects.filter(verb="content.approved").count() == 1


def test_a_faster_colleague_is_named(as_user, manager):
    content = make_submitted()
    content.request_changes(make_manager(first_name="Fatou"), "Dites le salaire.")
    answer = as_user(manager).post(path("content-approve", content.pk), follow=True)
    assert "Fatou" in answer.text
    content.refresh_from_db()
    assert content.status == "changes_requested"


def test_ones_own_cannot_be_approved_by_hand_either(as_user):
    content = make_submitted()
    answer = as_user(content.author).post(path("content-approve", content.pk), follow=True)
    assert answer.status_code == 200
    content.refresh_from_db()
    assert content.status == "in_review"


def test_what_changed_since_it_was_opened_is_not_approved(as_user, manager):
    content = make_submitted()
    client = as_user(manager)
    version = client.get(reverse(QUEUE)).context["line"].version
    content.take_back(content.author)
    content.submit(content.author)
    data = {"version": version}
    answer = client.post(path("content-approve", content.pk), data, follow=True)
    assert "it has changed since you opened it" in answer.text
    fresh = client.get(reverse(QUEUE)).context["line"].version
    client.post(path("content-approve", content.pk), {"version": fresh})
    content.refresh_from_db()
    assert content.status == "published"


def test_asking_for_changes_without_a_note_keeps_the_item_open(as_user, manager):
    make_submitted(hours=99)
    content = make_submitted()
    client = as_user(manager)
    answer = client.post(path("content-request-changes", content.pk), {"note": " "})
    assert answer.status_code == 422
    assert "Say what has to change" in answer.text
    assert answer.context["line"].content == content
    client.post(path("content-request-changes", content.pk), {"note": "Dites le salaire."})
    content.refresh_from_db()
    assert content.status == "changes_requested"


def test_a_changed_text_shows_only_what_differs(as_user, manager):
    caption = make_changed()
    page = as_user(manager).get(reverse(QUEUE)).text
    assert "<del>les</del>" in page
    assert "<ins>douze</ins>" in page
    as_user(manager).post(path("caption-approve", caption.pk))
    caption.refresh_from_db()
    assert caption.status == "approved"


def test_a_changed_text_is_sent_back_with_a_note(as_user, manager):
    caption = make_changed()
    as_user(manager).post(path("caption-request-changes", caption.pk), {"note": "Le salaire."})
    caption.refresh_from_db()
    assert caption.status == "changes_requested"
    page = as_user(manager).get(reverse(QUEUE), {"tab": "decided"}).text
    assert "Le salaire." in page


def test_a_second_version_shows_what_changed_and_what_was_asked(as_user, manager):
    content = make_submitted(title="Les meilleurs postes")
    make_caption(content, text="Un hiver.", status="in_review")
    content.request_changes(make_manager(first_name="Fatou"), "Enlevez « les meilleurs ».")
    content.title = "Douze postes"
    content.write(content.author)
    content.submit(content.author)
    page = as_user(manager).get(reverse(QUEUE)).text
    assert "What has changed since the last decision" in page
    assert "<ins>Douze</ins>" in page
    assert "Enlevez « les meilleurs »." in page


def test_a_text_added_and_a_text_taken_out_are_differences():
    content = make_submitted()
    gone = make_caption(content, text="Un.", status="in_review")
    reviewer = make_manager()
    content.request_changes(reviewer, "Autrement.")
    gone.delete()
    make_caption(content, text="Deux.", status="in_review")
    content.submit(content.author)
    added, removed = since_seen_by(reviewer, Content.objects.get()).differences
    assert (added.label, added.before) == ("LinkedIn, French", [])
    assert (removed.label, removed.after) == ("A text was taken out", [])


def test_pieces_put_together_are_the_texts_themselves():
    before, after = compare("Équipe soudée,\n31 $ l’heure.", "Équipe soudée, 39 $ de l’heure !")
    assert "".join(piece.text for piece in before) == "Équipe soudée,\n31 $ l’heure."
    assert "".join(piece.text for piece in after) == "Équipe soudée, 39 $ de l’heure !"
    assert any(piece.changed for piece in after)


def test_a_campaign_is_read_and_decided_on_like_anything_else(as_user, manager):
    campaign = make_ready_campaign(name_fr="Rimouski")
    campaign.submit(campaign.owner)
    client = as_user(manager)
    page = client.get(reverse(QUEUE))
    assert [line.title for line in page.context["lines"]] == ["Rimouski"]
    note = {"note": "Quel poste ?"}
    client.post(path("approval-campaign-request-changes", campaign.pk), note)
    campaign.refresh_from_db()
    assert campaign.state == "draft"
    campaign.submit(campaign.owner)
    answer = client.post(path("approval-campaign-approve", campaign.pk), follow=True)
    campaign.refresh_from_db()
    assert campaign.state == "approved"
    assert "Approved: “Rimouski”." in answer.text


def test_an_ambassador_decides_nothing(as_user):
    client = as_user(make_ambassador().user)
    content, caption = make_submitted(), make_changed()
    for kind, pk in [("content", content.pk), ("caption", caption.pk)]:
        for verb in ["approve", "request-changes"]:
            assert client.post(path(f"{kind}-{verb}", pk)).status_code == 403


def test_what_does_not_exist_is_not_found(as_user, manager):
    client = as_user(manager)
    assert client.post(path("content-approve", 99999)).status_code == 404
    assert client.post(path("caption-approve", 99999)).status_code == 404
    assert client.get(path("content-approve", make_submitted().pk)).status_code == 405


def test_the_queue_asks_as_much_for_two_as_for_four(as_user, manager, queries_of):
    client = as_user(manager)
    make_caption(make_submitted(), status="in_review")
    make_changed()
    with_two = queries_of(lambda: client.get(reverse(QUEUE)))
    make_caption(make_submitted(), status="in_review")
    make_changed()
    assert queries_of(lambda: client.get(reverse(QUEUE))) == with_two
