"""What was handed in stays as it was: each version, what it changed, what was decided on it."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from campaigns.approval.differences import since_seen_by
from campaigns.approval.history import history_of
from campaigns.models import Content, Version
from tests.factories import make_caption, make_content, make_manager

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def make_draft(**fields):
    return make_content(**{"status": "draft", "published_at": None} | fields)


def hand_in(content, **changes):
    """Changes some words of a draft, and submits it."""
    for name, value in changes.items():
        setattr(content, name, value)
    content.write(content.author)
    content.submit(content.author)


def in_words(difference):
    return ["".join(p.text for p in side) for side in (difference.before, difference.after)]


def test_every_submission_is_a_version_with_its_words_who_and_when():
    content = make_draft(title="Un")
    caption = make_caption(content, text="Un hiver.")
    content.claims.create(
        text="31 % de moins",
        source="Bilan 2025",
        owner=content.author,
        valid_until=date(2027, 1, 31),
    )
    hand_in(content)
    version = Version.objects.get()
    assert (version.number, version.by, version.at) == (1, content.author, content.submitted_at)
    assert version.words["captions"] == {str(caption.pk): "Un hiver."}
    assert list(version.words["claims"].values()) == ["31 % de moins · Bilan 2025 · 2027-01-31"]
    content.take_back(content.author)
    hand_in(content, title="Deux")
    assert list(Version.objects.values_list("number", flat=True)) == [2, 1]


def test_a_version_is_neither_changed_nor_deleted():
    hand_in(make_draft())
    for deed in (lambda: Version.objects.update(words={}), Version.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            deed()
    assert Version.objects.get().words


def test_the_history_tells_each_version_its_changes_and_the_decisions_between():
    content, reviewer = make_draft(title="Un toit"), make_manager()
    hand_in(content)
    content.request_changes(reviewer, "Dites lequel.")
    hand_in(content, title="Un toit vert")
    content.approve(reviewer)
    second, first = history_of(Content.objects.get())
    assert (first.version.number, first.differences) == (1, None)
    assert [review.note for review in first.reviews] == ["Dites lequel."]
    assert [in_words(d) for d in second.differences] == [["Un toit", "Un toit vert"]]
    assert [review.decision for review in second.reviews] == ["approved"]


def test_a_text_that_is_gone_is_still_compared():
    content = make_draft()
    gone = make_caption(content, text="Un.")
    hand_in(content)
    content.take_back(content.author)
    gone.delete()
    make_caption(content, text="Deux.", language="en")
    hand_in(Content.objects.get())
    added, removed = history_of(content)[0].differences
    assert (added.label, removed.label) == ("LinkedIn, English", "A text was taken out")


def test_another_picture_and_another_claim_are_differences():
    content = make_draft(image="content/a.jpg", image_alt="Un toit")
    claim = content.claims.create(text="31 %", source="Bilan", owner=content.author)
    hand_in(content)
    content.take_back(content.author)
    claim.text = "39 %"
    claim.save()
    hand_in(content, image="content/b.jpg")
    labels = [difference.label for difference in history_of(content)[0].differences]
    assert labels == ["Image", "Evidence"]


def test_an_item_of_before_has_its_decisions_and_no_version(as_user):
    content = make_content(status="in_review", submitted_at=timezone.now(), published_at=None)
    content.approve(make_manager())
    (chapter,) = history_of(content)
    assert chapter.version is None
    assert len(chapter.reviews) == 1
    assert as_user(make_manager()).get(content.get_absolute_url()).status_code == 200


def test_the_item_shows_its_versions(as_user):
    content, reviewer = make_draft(title="Un toit"), make_manager(language="en")
    hand_in(content)
    content.request_changes(reviewer, "Dites lequel.")
    hand_in(content, title="Un toit vert")
    page = as_user(reviewer).get(content.get_absolute_url()).text
    assert "Version 1" in page
    assert "What version 2 changed" in page
    assert "<ins> vert</ins>" in page or "<ins>vert</ins>" in page
    assert "Dites lequel." in page


def test_the_page_asks_as_much_for_one_version_as_for_four(as_user, queries_of):
    reviewer, counts = make_manager(), []
    client = as_user(reviewer)
    content = make_draft()
    make_caption(content, text="Un.")
    for n in range(4):
        hand_in(content, title=f"Titre {n}")
        content.request_changes(reviewer, "Encore.")
        counts.append(queries_of(lambda: client.get(content.get_absolute_url())))
    # The first has nothing to compare, and so asks for no network's name.
    assert counts[1] == counts[2] == counts[3] == counts[0] + 1


# --- What is new to a reviewer -----------------------------------------------------------------
def test_a_first_version_is_new_as_a_whole():
    content = make_draft()
    hand_in(content)
    assert since_seen_by(make_manager(), content) is None


def test_one_who_decided_sees_all_that_changed_since_they_did():
    reviewer, content = make_manager(), make_draft(title="Un")
    hand_in(content)
    content.request_changes(reviewer, "Autre chose.")
    hand_in(content, title="Deux")
    content.take_back(content.author)
    hand_in(content, title="Trois")
    since = since_seen_by(reviewer, content)
    assert (since.number, since.own) == (1, True)
    assert [in_words(d) for d in since.differences] == [["Un", "Trois"]]


def test_another_sees_what_changed_since_the_version_before():
    reviewer, content = make_manager(), make_draft(title="Un")
    hand_in(content)
    content.request_changes(make_manager(), "Autre chose.")
    hand_in(content, title="Deux")
    content.take_back(content.author)
    hand_in(content, title="Trois")
    since = since_seen_by(reviewer, content)
    assert (since.number, since.own) == (2, False)
    assert [in_words(d) for d in since.differences] == [["Deux", "Trois"]]


def test_one_who_came_later_has_seen_nothing_before():
    content = make_draft(title="Un")
    hand_in(content)
    content.request_changes(make_manager(), "Autre chose.")
    hand_in(content, title="Deux")
    newcomer = make_manager(date_joined=timezone.now() + timedelta(seconds=1))
    assert since_seen_by(newcomer, content) is None
