"""The charter: what was agreed to, when, and in which words; and leaving, as easily."""

import pytest
from django.utils import timezone

from ambassadors.enrolment.charter_text import blocks
from ambassadors.models import Ambassador, Charter, Consent, Topic
from tests.factories import (
    make_ambassador,
    make_charter,
    make_content,
    make_link,
    make_manager,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
State = Ambassador.State


@pytest.fixture
def joining(as_user):
    ambassador = make_ambassador(
        make_user(language="en"), state=State.JOINING, next_step=Ambassador.Step.CHARTER
    )
    return ambassador, as_user(ambassador.user)


def test_the_first_charter_and_topics_are_there_from_the_start():
    charter = Charter.objects.current()
    assert charter.version == 1
    assert "C’est volontaire" in charter.text_fr
    assert "It’s voluntary" in charter.text_en
    assert Topic.objects.count() == 8


def test_the_charter_can_be_read_without_an_account(client):
    assert client.get("/charter/").status_code == 200


def test_the_charter_is_words_and_never_markup():
    found = blocks("## Règles\n\n1. <b>Un</b>\n2. Deux\n\nUn paragraphe\nsur deux lignes")
    assert [(block.kind, block.lines) for block in found] == [
        ("heading", ["Règles"]),
        ("rules", ["<b>Un</b>", "Deux"]),
        ("paragraph", ["Un paragraphe", "sur deux lignes"]),
    ]


def test_agreeing_keeps_the_version_the_date_the_words_and_the_language(joining):
    ambassador, client = joining
    charter = Charter.objects.current()
    response = client.post("/welcome/charter/", {"version": charter.version, "agreed": "on"})
    assert response["Location"] == "/welcome/topics/"
    consent = Consent.objects.get(user=ambassador.user)
    assert (consent.charter, consent.fingerprint, consent.language, consent.given) == (
        charter,
        charter.fingerprint,
        "en",
        True,
    )
    assert (timezone.now() - consent.at).total_seconds() < 60
    ambassador.refresh_from_db()
    assert ambassador.state == State.ACTIVE


def test_without_the_tick_nobody_goes_on(joining):
    ambassador, client = joining
    assert client.post("/welcome/charter/", {"version": 1}).status_code == 422
    assert client.post("/welcome/charter/", {"version": 1, "later": "on"}).status_code == 422
    assert client.get("/welcome/topics/")["Location"] == "/welcome/charter/"
    ambassador.refresh_from_db()
    assert ambassador.state == State.JOINING


def test_a_version_that_changed_while_it_was_read_is_shown_again(joining):
    _ambassador, client = joining
    newer = make_charter()
    response = client.post("/welcome/charter/", {"version": 1, "agreed": "on"})
    assert f'value="{newer.version}"' in response.content.decode()
    assert not Consent.objects.exists()


def accept(ambassador):
    ambassador.accept(Charter.objects.current(), language="fr")
    return ambassador


def test_a_new_version_is_asked_for_before_sharing_and_only_there(as_user):
    ambassador = accept(make_ambassador())
    client, content = as_user(ambassador.user), make_content()
    assert client.get(f"/share/{content.pk}/").status_code == 200
    make_charter()
    assert client.get("/feed/").status_code == 200
    response = client.get(f"/share/{content.pk}/")
    assert response["Location"] == f"/charter/?next=%2Fshare%2F{content.pk}%2F"


def test_agreeing_to_the_new_version_leads_back_to_the_share(as_user):
    ambassador = accept(make_ambassador())
    charter, content = make_charter(), make_content()
    answer = {"version": charter.version, "agreed": "on", "next": f"/share/{content.pk}/"}
    response = as_user(ambassador.user).post("/charter/accept/", answer)
    assert response["Location"] == f"/share/{content.pk}/"
    assert ambassador.has_accepted(charter)


def test_the_way_back_never_leads_elsewhere(as_user):
    charter, ambassador = make_charter(), make_ambassador()
    answer = {"version": charter.version, "agreed": "on", "next": "https://evil.example/"}
    assert as_user(ambassador.user).post("/charter/accept/", answer)["Location"] == "/feed/"


# --- Topics and networks -----------------------------------------------------------------------


def test_every_topic_is_ticked_at_first(as_user):
    ambassador = make_ambassador(next_step="topics")
    page = as_user(ambassador.user).get("/welcome/topics/").content.decode()
    assert page.count('name="topics"') == page.count("checked") == Topic.objects.count()


def test_chosen_topics_are_followed(as_user):
    ambassador, chosen = make_ambassador(next_step="topics"), Topic.objects.first()
    response = as_user(ambassador.user).post("/welcome/topics/", {"topics": [chosen.pk]})
    assert response["Location"] == "/welcome/networks/"
    assert list(ambassador.topics.all()) == [chosen]


@pytest.mark.parametrize(
    ("step", "following"),
    [("topics", "networks"), ("networks", "first_share"), ("first_share", "")],
)
def test_later_goes_on_and_keeps_nothing(as_user, step, following):
    ambassador = make_ambassador(next_step=step)
    as_user(ambassador.user).post(f"/welcome/{step}/", {"later": "on"})
    ambassador.refresh_from_db()
    assert ambassador.next_step == following
    assert ambassador.networks == []


def test_linkedin_is_ticked_and_the_audience_is_not_asked_twice(as_user):
    ambassador = make_ambassador(next_step="networks")
    client = as_user(ambassador.user)
    page = client.get("/welcome/networks/").content.decode()
    assert 'value="linkedin" id="id_networks_0" checked' in page.replace("\n", " ")
    client.post(
        "/welcome/networks/", {"networks": ["linkedin", "x"], "band": "", "rhythm": "weekly"}
    )
    ambassador.refresh_from_db()
    assert (ambassador.networks, ambassador.audience_band) == (["linkedin", "x"], "")
    assert not Consent.objects.filter(purpose=Consent.Purpose.AUDIENCE_BAND).exists()


def test_giving_and_taking_back_the_size_of_ones_audience_is_written_down(as_user):
    ambassador = make_ambassador()
    client = as_user(ambassador.user)
    for band in ["200-500", "200-500", ""]:
        client.post("/welcome/networks/", {"band": band, "rhythm": "weekly"})
    given = Consent.objects.filter(purpose=Consent.Purpose.AUDIENCE_BAND)
    assert [consent.given for consent in given.order_by("pk")] == [True, False]


def test_a_mastodon_address_is_cut_down_to_its_server(as_user):
    ambassador = make_ambassador()
    answer = {"rhythm": "weekly", "instance": " https://Mastodon.example/@moi "}
    as_user(ambassador.user).post("/welcome/networks/", answer)
    ambassador.refresh_from_db()
    assert ambassador.instance == "mastodon.example"


def test_changing_one_s_mind_later_leads_back_to_the_feed(as_user):
    client = as_user(make_ambassador(make_user(language="en"), next_step="").user)
    page = client.get("/welcome/topics/").content.decode()
    assert "Step 2 of 4" not in page
    assert client.post("/welcome/topics/", {})["Location"] == "/feed/"


def test_an_unknown_step_does_not_exist(as_user):
    assert as_user(make_ambassador().user).get("/welcome/profit/").status_code == 404


# --- Leaving, and coming back ------------------------------------------------------------------


def test_leaving_takes_one_click_after_the_page_and_is_immediate(as_user):
    ambassador = accept(make_ambassador(networks=["x"], audience_band="0-200"))
    client = as_user(ambassador.user)
    assert client.get("/programme/leave/").status_code == 200
    ambassador.refresh_from_db()
    assert ambassador.state == State.ACTIVE
    client.post("/programme/leave/")
    ambassador.refresh_from_db()
    assert (ambassador.state, ambassador.networks, ambassador.audience_band) == (State.LEFT, [], "")
    assert Consent.objects.filter(user=ambassador.user).first().given is False
    assert client.get("/feed/")["Location"] == "/programme/join/"


def test_links_keep_working_and_totals_stay_without_the_name():
    ambassador = make_ambassador()
    link = make_link(ambassador=ambassador)
    tally = make_tally(link, clicks=7)
    ambassador.leave()
    link.refresh_from_db()
    tally.refresh_from_db()
    assert (link.ambassador, tally.ambassador, tally.clicks) == (None, None, 7)


def test_leaving_twice_changes_nothing(as_user):
    ambassador = make_ambassador()
    client = as_user(ambassador.user)
    client.post("/programme/leave/")
    assert client.post("/programme/leave/")["Location"] == "/programme/join/"


def test_who_left_may_come_back_and_reads_the_charter_again(as_user):
    ambassador = accept(make_ambassador())
    client = as_user(ambassador.user)
    client.post("/programme/leave/")
    assert client.post("/programme/join/")["Location"] == "/welcome/charter/"
    ambassador.refresh_from_db()
    assert ambassador.state == State.JOINING
    assert not ambassador.has_accepted(Charter.objects.current())


def test_a_manager_may_take_part_without_an_invitation(as_user):
    manager = make_manager()
    client = as_user(manager)
    assert client.get("/feed/")["Location"] == "/programme/join/"
    client.post("/programme/join/")
    assert Ambassador.objects.get(user=manager).state == State.JOINING
