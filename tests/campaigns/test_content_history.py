import time

import pytest

from campaigns.approval.differences import compare
from campaigns.approval.history import history_of
from tests.factories import make_content, make_manager

pytestmark = pytest.mark.django_db


def test_a_draft_that_was_never_handed_in_has_no_history():
    assert history_of(make_content(status="draft", published_at=None)) == []


def test_a_manager_opens_a_draft_that_was_never_handed_in(as_user):
    draft = make_content(status="draft", published_at=None)
    assert as_user(make_manager()).get(f"/library/{draft.pk}/").status_code == 200


def test_a_text_that_says_the_same_again_and_again_is_compared_at_once():
    start = time.process_time()
    _before, after = compare("a " * 1500, "a b " * 750)
    assert time.process_time() - start < 5
    assert "".join(piece.text for piece in after) == "a b " * 750


def test_one_word_changed_in_a_long_text_is_the_only_one_marked():
    words = [f"mot{n % 300}" for n in range(450)]
    _before, after = compare(" ".join(words), " ".join([*words[:200], "zinc", *words[201:]]))
    assert [piece.text for piece in after if piece.changed] == ["zinc"]
