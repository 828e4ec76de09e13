"""A campaign meant for a handful: what it reached would be what those few people did."""

import pytest

from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_link,
    make_manager,
    make_person,
    make_share,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(as_user):
    person = make_person(tags=["seule"])
    campaign = make_campaign(audience={"tags": ["seule"]}, indicator="shares", target=20)
    campaign.launched_at = campaign.starts_at
    campaign.save()
    content = make_content(campaign=campaign)
    make_share(make_link(content=content, ambassador=make_ambassador(person.user)))
    return content


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


def test_the_sheet_and_the_lists_tell_nothing_of_so_few(item, manager):
    for path in (item.campaign.get_absolute_url(), "/campaigns/", "/desk/"):
        page = manager.get(path).text
        assert "Hidden" in page
        assert "1 declared share" not in page


def test_an_item_and_the_library_tell_nothing_of_so_few(item, manager):
    assert "Its effect" not in manager.get(item.get_absolute_url()).text
    assert ">Hidden</td>" in manager.get("/library/").text


def test_who_writes_of_the_same_page_is_not_told_how_often_so_few_shared_it(item, manager):
    page = manager.post("/library/new/", {"url": item.url, "action": "save"}).text
    assert f'Already in the library: <a href="{item.get_absolute_url()}">' in page


def test_many_items_at_once_are_not_in_the_order_of_what_so_few_shared(item, manager):
    newer = make_content(title="Plus récent")
    asked = {"deed": "extend", "everything": "on", "asked": "sort=-shares"}
    page = manager.post("/library/together/", asked).text
    assert page.index(newer.title) < page.index(item.title)
