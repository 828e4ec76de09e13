import pytest

from activity.models import Entry
from campaigns.content.models import NoteMissing, OwnApproval, TooManyVariants, WrongState
from campaigns.models import Caption, Review
from tests.factories import make_caption, make_content, make_manager, make_network

pytestmark = pytest.mark.django_db
Status = Caption.Status


def make_changed(text="On cherche douze technologues."):
    """A published item one text of which was changed by its author after the approval."""
    caption = make_caption(
        text="On cherche les meilleurs.", approved_text="On cherche les meilleurs."
    )
    caption.rewrite(text, caption.content.author)
    return caption


def test_a_changed_text_goes_back_to_review_alone():
    caption = make_changed()
    other = make_caption(caption.content)
    assert caption.status == Status.IN_REVIEW
    assert (other.status, caption.content.status) == (Status.APPROVED, "published")
    assert list(Caption.objects.waiting()) == [caption]
    assert Entry.objects.get().verb == "caption.in_review"


def test_an_approved_change_becomes_what_the_next_is_compared_with():
    caption = make_changed()
    caption.approve(make_manager())
    caption.refresh_from_db()
    assert (caption.status, caption.approved_text) == (Status.APPROVED, caption.text)
    assert Review.objects.get().seen == {"text": "On cherche douze technologues."}


def test_the_writer_of_a_text_does_not_approve_it():
    caption = make_changed()
    with pytest.raises(OwnApproval):
        caption.approve(caption.writer)


def test_the_author_of_the_item_may_approve_a_text_somebody_else_changed():
    caption = make_caption()
    caption.rewrite("Autre chose.", make_manager())
    caption.approve(caption.content.author)
    assert caption.status == Status.APPROVED


def test_a_text_changed_again_is_not_approved_unread():
    caption = make_changed()
    read = caption.changed_at
    caption.rewrite("Encore autre chose.", caption.writer)
    with pytest.raises(WrongState):
        caption.approve(make_manager(), version=read)


def test_going_back_to_the_approved_words_needs_no_approval():
    caption = make_changed()
    caption.rewrite(caption.approved_text, caption.writer)
    assert caption.status == Status.APPROVED
    assert Entry.objects.latest("id").verb == "caption.restored"


def test_a_refused_change_stays_out_until_it_is_rewritten():
    caption = make_changed()
    with pytest.raises(NoteMissing):
        caption.request_changes(make_manager(), "")
    caption.request_changes(make_manager(), "Dites le salaire.")
    assert caption.status == Status.CHANGES_REQUESTED
    assert not Caption.objects.waiting().exists()
    caption.rewrite("De 31 $ à 39 $ l’heure.", caption.writer)
    assert list(Caption.objects.waiting()) == [caption]


def test_a_second_decision_on_a_text_changes_nothing():
    caption = make_changed()
    stale = Caption.objects.get(pk=caption.pk)
    caption.approve(make_manager())
    with pytest.raises(WrongState):
        stale.request_changes(make_manager(), "Trop tard.")
    assert Review.objects.count() == 1


def test_no_text_changes_while_the_whole_item_is_in_review():
    caption = make_caption(make_content(status="in_review"))
    with pytest.raises(WrongState):
        caption.rewrite("Vite, autre chose.", caption.writer)


def test_a_text_added_to_a_live_item_waits_for_its_approval():
    content = make_content()
    added = content.add_caption(
        content.author, network=make_network(), language="en", text="A winter of readings."
    )
    assert list(Caption.objects.waiting()) == [added]


def test_a_sixth_text_for_one_network_and_language_is_refused():
    content = make_content(status="draft")
    where = {"network": make_network(), "language": "fr"}
    for n in range(5):
        content.add_caption(content.author, **where, text=f"Texte {n}")
    with pytest.raises(TooManyVariants):
        content.add_caption(content.author, **where, text="Texte 6")
