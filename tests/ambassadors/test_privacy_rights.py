"""By which right data is held: what the company decides is what people read."""

import json
import zipfile
from io import BytesIO

import pytest

from activity.models import Entry
from ambassadors.models import LegalBasis
from ambassadors.privacy import rights
from ambassadors.privacy.export import zip_of
from ambassadors.privacy.registry import sorts
from tests.factories import make_admin, make_manager, make_user

pytestmark = pytest.mark.django_db
PATH = "/privacy/rights/"
PROPOSED = {key: offered[0] for key, offered in rights.OFFERED.items()}


@pytest.fixture
def admin():
    return make_admin(language="en")


def test_what_is_decided_is_said_on_my_data_and_in_the_assessment(as_user, admin):
    answer = as_user(admin).post(PATH, PROPOSED | {"account": "contract"})
    assert answer.status_code == 302
    for path in ("/my-data/", "/privacy/assessment/"):
        page = as_user(admin).get(path).content.decode()
        assert "Your contract of work." in page
        assert "legitimate interest in running a voluntary programme" not in page


def test_only_what_differs_is_told_to_the_trail(as_user, admin):
    as_user(admin).post(PATH, PROPOSED | {"sharing": "interest"})
    entry = Entry.objects.get(verb="legal_basis.chosen")
    assert (entry.data["before"], entry.data["after"]) == ("consent", "interest")
    as_user(admin).post(PATH, PROPOSED)
    assert str(rights.bases()["sharing"]) == str(
        next(s for s in sorts() if s.key == "sharing").basis
    )


@pytest.mark.parametrize(("sort", "right"), [("account", "consent"), ("security", "contract")])
def test_what_the_product_cannot_keep_is_not_to_be_chosen(admin, sort, right):
    with pytest.raises(rights.NotOffered):
        LegalBasis.choose(sort, right, by=admin)
    assert not LegalBasis.objects.exists()


def test_a_choice_that_is_none_is_refused(as_user, admin):
    assert as_user(admin).post(PATH, PROPOSED | {"account": "consent"}).status_code == 422


def test_the_export_says_the_same_in_both_languages(admin):
    LegalBasis.choose("account", "contract", by=admin)
    said = json.loads(zipfile.ZipFile(BytesIO(zip_of(make_user()))).read("my-data.json"))
    assert said["held"][0]["basis"]["en"] == "Your contract of work."


def test_only_an_administrator_decides(as_user):
    assert as_user(make_manager()).get(PATH).status_code == 403


def test_every_kind_that_can_be_chosen_is_one():
    assert set(rights.OFFERED) <= {sort.key for sort in sorts()}
