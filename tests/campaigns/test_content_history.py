import pytest

from campaigns.approval.history import history_of
from tests.factories import make_content, make_manager

pytestmark = pytest.mark.django_db


def test_a_draft_that_was_never_handed_in_has_no_history():
    assert history_of(make_content(status="draft", published_at=None)) == []


def test_a_manager_opens_a_draft_that_was_never_handed_in(as_user):
    draft = make_content(status="draft", published_at=None)
    assert as_user(make_manager()).get(f"/library/{draft.pk}/").status_code == 200
