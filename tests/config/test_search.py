"""What one finds: only what one may see, however it is asked for."""

import pytest
from django.utils import timezone

from ambassadors.models import Charter
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_department,
    make_manager,
    make_person,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db
DASHED = "Le béton bas carbone"


@pytest.fixture
def her(as_user):
    return as_user(make_ambassador(make_user(language="en")).user)


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


def found(client, q="", **query):
    """{group: [titles]} of what a search shows."""
    answer = client.get("/search/", {"q": q, **query})
    assert answer.status_code == 200
    groups = answer.context["search"].groups
    return {group.key: [str(line.title) for line in group.found] for group in groups}


def titles(client, q, **query):
    return [title for group in found(client, q, **query).values() for title in group]


def test_a_stranger_is_asked_to_log_in(client):
    assert client.get("/search/", {"q": "a"}).status_code == 302


def test_a_manager_finds_a_draft_a_campaign_and_a_person(manager):
    campaign = make_campaign(name_fr="Béton 2027", state="draft")
    make_content(title=DASHED, campaign=campaign, status="draft", published_at=None)
    make_person(make_user(first_name="Aude", last_name="Beton"))
    assert found(manager, "beton") == {
        "content": [DASHED],
        "campaigns": ["Béton 2027"],
        "people": ["Aude Beton"],
    }


@pytest.mark.parametrize("q", ["béton", "BETON", "bas béton", "  carbone  "])
def test_accents_capitals_and_the_order_of_words_are_forgiven(manager, q):
    make_content(title=DASHED)
    assert found(manager, q)["content"] == [DASHED]


def test_an_ambassador_finds_what_their_feed_holds(her):
    campaign = make_campaign(name_fr="Béton 2027")
    content = make_content(title=DASHED, campaign=campaign)
    assert found(her, "beton") == {"content": [DASHED], "campaigns": ["Béton 2027"]}
    page = her.get("/search/", {"q": "beton"}).text
    assert f'href="/share/{content.pk}/"' in page
    assert "/campaigns/" not in page


def test_what_an_ambassador_finds_opens(as_user):
    ambassador = make_ambassador(make_user(language="en"))
    ambassador.accept(Charter.objects.current(), language="en")
    her = as_user(ambassador.user)
    campaign = make_campaign(name_fr="Béton 2027")
    make_content(title=DASHED, campaign=campaign, topics=[make_topic()])
    for group in her.get("/search/", {"q": "beton"}).context["search"].groups:
        for line in group.found:
            assert DASHED in her.get(line.path, follow=True).text


@pytest.mark.parametrize(
    "hidden",
    [
        {"status": "draft", "published_at": None},
        {"status": "in_review", "published_at": None},
        {"status": "withdrawn"},
        {"embargo_until": timezone.now() + timezone.timedelta(days=1)},
    ],
)
def test_an_ambassador_does_not_find_what_is_not_in_the_feed(her, hidden):
    make_content(title=DASHED, campaign=make_campaign(name_fr="Béton 2027"), **hidden)
    assert titles(her, "beton") == []


@pytest.mark.parametrize("state", ["draft", "in_review", "approved", "scheduled"])
def test_an_ambassador_does_not_find_a_campaign_that_has_not_started(her, state):
    make_content(title=DASHED, campaign=make_campaign(name_fr="Béton 2027", state=state))
    assert titles(her, "beton") == []


def test_an_ambassador_does_not_find_what_is_meant_for_others(her):
    elsewhere = make_department()
    campaign = make_campaign(name_fr="Béton 2027", audience={"departments": [elsewhere]})
    make_content(title=DASHED, campaign=campaign)
    assert titles(her, "beton") == []


def test_an_ambassador_cannot_find_people(her):
    make_person(make_user(first_name="Aude", last_name="Beton", email="aude@orvaly.example"))
    assert titles(her, "aude") == titles(her, "aude@orvaly.example") == []
    assert "people" not in her.get("/search/").text


def test_a_text_in_review_does_not_give_its_words_away(her, as_user):
    make_caption(make_content(title=DASHED), text="granit", status="in_review")
    assert titles(her, "granit") == []
    assert titles(as_user(make_manager()), "granit") == [DASHED]


@pytest.mark.parametrize("state", [None, "invited", "joining", "left"])
def test_who_does_not_take_part_finds_no_content(as_user, state):
    user = make_user(language="en")
    if state:
        make_ambassador(user, state=state, left_at=timezone.now() if state == "left" else None)
    make_content(title=DASHED, campaign=make_campaign(name_fr="Béton 2027"))
    assert titles(as_user(user), "beton") == []


def test_pages_are_found_in_either_language(manager):
    assert found(manager, "campagnes")["pages"] == ["Campaigns"]
    assert found(manager, "campaigns")["pages"] == ["Campaigns"]


@pytest.mark.parametrize("q", ["new campaign", "import people", "approvals", "roles", "networks"])
def test_an_ambassador_is_not_led_to_pages_of_others(her, q):
    assert found(her, q).get("actions", []) == []
    assert set(found(her, q).get("pages", [])) <= {"Home", "My effect", "Preferences"}


def test_things_to_do_are_found_by_other_words_too(manager):
    assert found(manager, "launch")["actions"] == ["New campaign"]
    assert found(manager, "spreadsheet")["actions"] == ["Import items", "Import people"]
    assert found(manager, "shortcuts")["help"] == ["Keyboard"]


def test_taking_part_and_leaving_are_offered_to_whom_they_concern(her, as_user):
    assert found(her, "programme") == {"account": ["Leave the programme"]}
    outside = as_user(make_user(language="en"))
    assert found(outside, "programme") == {"actions": ["Take part"]}


def test_an_empty_search_shows_where_one_may_go(her, manager):
    make_content(title=DASHED)
    groups = found(manager)
    assert {"Desk", "Campaigns", "People"} <= set(groups["pages"])
    assert groups.keys() == {"pages", "actions", "account", "help"}


def test_every_page_that_is_offered_opens(manager):
    for group in manager.get("/search/").context["search"].groups:
        for line in group.found:
            assert manager.get(line.path, follow=True).status_code == 200, line.path


def test_a_page_stands_once_even_if_the_rail_has_it_too(her):
    assert titles(her, "preferences") == ["Preferences"]


def test_no_result_says_what_was_tried_and_leads_on(her, manager):
    page = manager.get("/search/", {"q": "zzz"}).text
    assert "Nothing for “zzz”" in page
    assert "pages, items, campaigns and people" in page


@pytest.mark.parametrize(
    "q",
    ["%", "_", "' OR 1=1 --", "\\", "<script>alert(1)</script>", "{{ user }}", "\x00", "a" * 300],
)
def test_what_looks_like_code_is_only_text(manager, q):
    make_content(title="Tout autre chose")
    make_person(make_user(first_name="Aude", last_name="Roy"))
    page = manager.get("/search/", {"q": q})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    if q != "\x00" and len(q) < 101:
        assert titles(manager, q) == []


def test_a_long_list_is_cut_and_leads_to_the_whole_of_it(manager):
    for n in range(7):
        make_content(title=f"{DASHED} {n}")
    group = manager.get("/search/", {"q": "béton"}).context["search"].groups[0]
    assert len(group.found) == 6
    assert len(manager.get(group.rest).context["page"]) == 7


def test_the_whole_list_of_an_ambassador_is_the_search_itself(her):
    for n in range(7):
        make_content(title=f"{DASHED} {n}")
    group = her.get("/search/", {"q": "béton"}).context["search"].groups[0]
    assert len(her.get(group.rest).context["search"].groups[0].found) == 7


def test_a_search_costs_the_same_however_much_is_found(as_user, queries_of):
    user = make_manager(language="en")

    def add(n):
        for _ in range(n):
            make_content(title=DASHED, campaign=make_campaign(name_fr="Béton"))
            make_person(make_user(last_name="Béton"), department=make_department())

    add(1)
    client = as_user(user)
    client.get("/search/", {"q": "beton"})
    one = queries_of(lambda: client.get("/search/", {"q": "beton"}))
    add(3)
    assert queries_of(lambda: client.get("/search/", {"q": "beton"})) == one


def test_the_palette_gets_the_same_results_as_options(manager):
    make_content(title=DASHED)
    headers = {"HX-Request": "true", "HX-Target": "palette-results"}
    piece = manager.get("/search/", {"q": "beton"}, headers=headers).text
    assert "<html" not in piece
    assert piece.count('role="option"') == 1
    assert DASHED in piece
