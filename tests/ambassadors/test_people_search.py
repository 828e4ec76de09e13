import pytest

from tests.factories import make_manager, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", ["benoit", "BENOÎT roy", "b.roy@"])
def test_a_person_is_found_by_name_or_address_without_accents_or_capitals(as_user, words):
    make_person(make_user(first_name="Benoît", last_name="Roy", email="b.roy@orvaly.example"))
    make_person(make_user(first_name="Naomi", last_name="Awashish"))
    page = as_user(make_manager()).get("/people/", {"q": words})
    assert "Benoît Roy" in page.text
    assert "Awashish" not in page.text


def test_the_second_page_of_people_opens(as_user):
    assert as_user(make_manager()).get("/people/", {"page": 2}).status_code == 200
