"""The share panel: who may open it, what it offers, and that nothing is lost on the way."""

import pytest
from django.utils import timezone

from ambassadors.models import Charter
from campaigns.models import Campaign, Caption, Content, Link, Share
from campaigns.sharing.panel import Panel
from tests.activity.post_office import expand_all
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_link,
    make_network,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
LINE = "Je travaille chez Orvaly."


@pytest.fixture
def maelle():
    """An ambassador who has accepted today's charter."""
    ambassador = make_ambassador(make_user(language="fr"), networks=["linkedin"])
    ambassador.accept(Charter.objects.current(), language="fr")
    return ambassador


@pytest.fixture
def her(maelle, as_user):
    return as_user(maelle.user)


@pytest.fixture
def content():
    return make_content(
        campaign=make_campaign(disclosure_fr=LINE, disclosure_en="I work at Orvaly.")
    )


def open_on(client, content, network="linkedin", **data):
    data = {"network": network, "language": "fr", "text": "Mes mots."} | data
    return client.post(f"/share/{content.pk}/open/", data)


def test_the_panel_shows_the_suggestion_and_the_locked_first_line(her, content):
    make_caption(content, text="Une école qui se chauffe avec ses élèves.")
    page = her.get(f"/share/{content.pk}/").content.decode()
    assert "Une école qui se chauffe avec ses élèves.</textarea>" in page
    assert LINE in page


@pytest.mark.parametrize("path", ["/share/{}/", "/share/{}/open/", "/share/{}/preview/"])
def test_what_is_not_meant_for_a_person_does_not_exist(her, path):
    elsewhere = make_content(campaign=make_campaign(audience={"languages": ["en"]}))
    path = path.format(elsewhere.pk)
    response = her.get(path) if path.count("/") == 3 else her.post(path)
    assert response.status_code == 404
    assert not Link.objects.exists()


@pytest.mark.parametrize("status", ["draft", "in_review", "changes_requested", "approved"])
def test_what_is_not_published_does_not_exist(her, status):
    content = make_content(status=status, published_at=None)
    assert her.get(f"/share/{content.pk}/").status_code == 404


def test_a_stranger_is_asked_to_log_in(client, content):
    assert client.get(f"/share/{content.pk}/")["Location"].startswith("/accounts/login/")


def test_opening_makes_a_link_and_a_share_that_is_only_opened(her, maelle, content):
    response = open_on(her, content)
    share = Share.objects.get()
    assert (share.link.ambassador, share.link.content, share.state) == (maelle, content, "opened")
    assert share.disclosure == LINE
    assert "https://www.linkedin.com/sharing/share-offsite/?url=" in response.content.decode()


def test_the_way_out_opens_another_window_that_knows_nothing_of_this_one(her, content):
    page = open_on(her, content).content.decode()
    assert 'target="_blank" rel="noopener"' in page


def test_opening_twice_is_one_link_and_one_share(her, content):
    open_on(her, content)
    open_on(her, content, text="D’autres mots.")
    assert (Link.objects.count(), Share.objects.count()) == (1, 1)


def test_each_network_has_a_link_of_its_own(her, content):
    open_on(her, content)
    open_on(her, content, "x")
    assert Link.objects.values("code").distinct().count() == 2


def test_the_disclosure_comes_first_whatever_was_posted(her, content):
    for text in ["Mes mots.", LINE + " Mes mots.", LINE + "\r\n\r\nMes mots."]:
        page = open_on(her, content, text=text).content.decode()
        assert f"{LINE}\n\nMes mots.</textarea>" in page
        assert page.split("</textarea>")[0].count(LINE) == 1


def test_the_disclosure_reaches_a_composer_that_takes_the_text(her, content):
    page = open_on(her, content, "bluesky").content.decode()
    assert "compose?text=Je%20travaille%20chez%20Orvaly." in page


def test_an_english_post_opens_with_the_english_line(her, content):
    make_caption(content, language="en", text="A school that warms itself.")
    page = her.get(f"/share/{content.pk}/?language=en").content.decode()
    assert "I work at Orvaly." in page
    open_on(her, content, language="en")
    assert Share.objects.get().disclosure == "I work at Orvaly."


def test_a_text_that_is_too_long_keeps_its_words_and_opens_nothing(her, content):
    response = open_on(her, content, "x", text="a" * 280)
    assert response.status_code == 422
    assert "a" * 280 + "</textarea>" in response.content.decode()
    assert not Share.objects.exists()


def test_the_limit_counts_the_line_and_the_link(her, content):
    room = 280 - len(LINE) - 2 - 24
    assert open_on(her, content, "x", text="a" * (room + 1)).status_code == 422
    assert open_on(her, content, "x", text="a" * room).status_code == 200


def test_what_is_too_much_is_marked(her, content):
    page = her.post(f"/share/{content.pk}/preview/", {"network": "x", "text": "a" * 300}).content
    marked = page.decode().split('<mark id="share-beyond">')[1].split("</mark>")[0]
    assert marked == "a" * (300 - (280 - len(LINE) - 2 - 24))


def test_own_words_are_noted_as_such(her, content):
    caption = make_caption(content)
    open_on(her, content, text=caption.text, caption=caption.pk, shown=caption.pk)
    assert Share.objects.get().is_own_words is False
    open_on(her, content, text="Mes mots.", caption=caption.pk, shown=caption.pk)
    assert Share.objects.get().is_own_words is True


def test_what_was_typed_stays_when_the_network_changes(her, content):
    caption = make_caption(content)
    data = {"network": "facebook", "text": "Mes mots à moi.", "shown": caption.pk}
    page = her.post(f"/share/{content.pk}/preview/", data).content.decode()
    assert "Mes mots à moi.</textarea>" in page


def test_an_unchanged_suggestion_gives_way_to_the_other_network_s_own(her, content):
    first = make_caption(content)
    make_caption(content, network=make_network("x"), text="Court, pour X.")
    data = {"network": "x", "text": first.text, "shown": first.pk}
    page = her.post(f"/share/{content.pk}/preview/", data).content.decode()
    assert "Court, pour X.</textarea>" in page


def test_choosing_a_wording_without_javascript_puts_it_in_the_box(her, content):
    one, other = make_caption(content, text="Un."), make_caption(content, text="Deux.")
    data = {"text": "Un.", "shown": one.pk, "caption": other.pk, "use": "on"}
    page = her.post(f"/share/{content.pk}/preview/", data).content.decode()
    assert "Deux.</textarea>" in page


def test_a_caption_in_review_is_not_offered(her, content):
    make_caption(content, text="Pas encore lue.", status=Caption.Status.IN_REVIEW)
    assert "Pas encore lue." not in her.get(f"/share/{content.pk}/").content.decode()


def test_a_network_that_the_item_does_not_allow_is_not_offered(her, content):
    content.networks.set([make_network("linkedin")])
    open_on(her, content, "reddit")
    assert Link.objects.get().network.slug == "linkedin"


def test_numbers_above_a_thousand_are_not_dressed_up_where_machines_read_them(her, content):
    make_caption(content, pk=1234567)
    page = her.get(f"/share/{content.pk}/").content.decode()
    assert 'name="caption" value="1234567"' in page
    assert 'name="shown" value="1234567"' in page
    assert 'data-limit="3000"' in page


def test_nonsense_in_the_address_is_left_out(her, content):
    address = f"/share/{content.pk}/?network=nope&language=xx&caption=-1&turn=9999"
    assert her.get(address).status_code == 200


def test_three_wordings_at_a_time_and_a_different_order_for_different_people(content):
    for n in range(5):
        make_caption(content, text=f"Formulation {n}.")
    panels = [Panel(content=content, ambassador=make_ambassador()) for _ in range(40)]
    assert all(len(panel.offered) == 3 for panel in panels)
    first = {panel.offered[0].text for panel in panels}
    assert len(first) == 5


def test_another_wording_turns_to_the_next_ones(content):
    for n in range(5):
        make_caption(content, text=f"Formulation {n}.")
    ambassador = make_ambassador()
    turns = [Panel(content=content, ambassador=ambassador, turn=turn).offered for turn in (0, 1)]
    seen = {wording.text for turn in turns for wording in turn}
    assert len(seen) == 5


def test_a_wording_many_colleagues_carried_is_not_offered_first(content):
    common, fresh = make_caption(content, text="Usée."), make_caption(content, text="Fraîche.")
    for _ in range(5):
        make_share(make_link(content=content), caption=common)
    for _ in range(10):
        panel = Panel(content=content, ambassador=make_ambassador())
        assert panel.offered[0].caption == fresh
    assert [wording.is_common for wording in panel.offered] == [False, True]


def test_the_same_words_on_two_networks_are_one_wording_and_count_together(content):
    texts = {
        name: make_caption(content, text="Pareil.", network=make_network(name))
        for name in ["x", "linkedin"]
    }
    for name, caption in texts.items():
        for _ in range(3):
            make_share(make_link(content=content, network=name), caption=caption)
    fresh = make_caption(content, text="Autre.", network=make_network("x"))
    panel = Panel(
        content=content, ambassador=make_ambassador(), asked_network=make_network("reddit")
    )
    assert [(one.text, one.used) for one in panel.offered] == [(fresh.text, 0), ("Pareil.", 6)]


def test_fewer_than_five_colleagues_are_not_counted_out_loud(her, content):
    caption = make_caption(content)
    for _ in range(4):
        make_share(make_link(content=content), caption=caption)
    assert "collègues" not in her.get(f"/share/{content.pk}/").content.decode()


# --- Mastodon ----------------------------------------------------------------------------------


def test_mastodon_asks_for_the_server_once(her, maelle, content):
    assert open_on(her, content, "mastodon").status_code == 422
    assert not Share.objects.exists()
    page = open_on(her, content, "mastodon", instance="@moi@Mastodon.example").content.decode()
    assert "https://mastodon.example/share?text=" in page
    maelle.refresh_from_db()
    assert maelle.instance == "mastodon.example"
    assert open_on(her, content, "mastodon", text="Encore.").status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "a.example:80", "évil.example/x", "x"])
def test_a_server_is_a_public_name_and_nothing_else(her, content, host):
    assert open_on(her, content, "mastodon", instance=host).status_code == 422


# --- Posted? -----------------------------------------------------------------------------------


def test_declaring_notes_the_post_once(her, content):
    open_on(her, content)
    share = Share.objects.get()
    her.post(f"/shares/{share.pk}/declare/")
    share.refresh_from_db()
    at = share.declared_at
    her.post(f"/shares/{share.pk}/declare/")
    her.post(f"/shares/{share.pk}/dismiss/")
    share.refresh_from_db()
    assert (share.state, share.declared_at, share.dismissed_at) == ("declared", at, None)


def test_not_this_time_counts_nothing(her, maelle, content):
    open_on(her, content)
    share = Share.objects.get()
    her.post(f"/shares/{share.pk}/dismiss/")
    her.post(f"/shares/{share.pk}/declare/")
    share.refresh_from_db()
    assert share.declared_at is None
    assert not Share.objects.by(maelle).declared().exists()


def test_the_question_waits_in_the_panel_until_it_is_answered(her, content):
    open_on(her, content)
    share = Share.objects.get()
    assert f"/shares/{share.pk}/declare/" in her.get(f"/share/{content.pk}/").content.decode()
    her.post(f"/shares/{share.pk}/declare/")
    assert "/declare/" not in her.get(f"/share/{content.pk}/").content.decode()


@pytest.mark.parametrize("verb", ["declare", "dismiss"])
def test_somebody_else_s_share_does_not_exist(her, verb):
    share = make_share(declared_at=None)
    assert her.post(f"/shares/{share.pk}/{verb}/").status_code == 404
    share.refresh_from_db()
    assert share.state == "opened"


# --- From an old mail --------------------------------------------------------------------------


def test_an_expired_item_says_so_and_offers_another(her):
    ended = make_content(expires_at=timezone.now())
    instead = make_content(campaign=ended.campaign)
    response = her.get(f"/share/{ended.pk}/")
    assert response.status_code == 410
    assert instead.title in response.content.decode()


def test_a_withdrawn_item_says_why_and_what_to_do(her, maelle, content):
    make_share(make_link(ambassador=maelle, content=content))
    content.withdraw(content.author, "Un chiffre était faux.")
    response = her.get(f"/share/{content.pk}/")
    assert response.status_code == 451
    assert "Un chiffre était faux." in response.content.decode()
    assert f'href="/recalls/{content.pk}/"' not in response.content.decode()
    expand_all()
    assert f'href="/recalls/{content.pk}/"' in her.get(f"/share/{content.pk}/").content.decode()


def test_an_item_of_a_paused_campaign_waits(her, content):
    content.campaign.pause(content.author)
    assert her.get(f"/share/{content.pk}/").status_code == 410


def test_the_end_of_what_was_not_meant_for_a_person_stays_unknown(her):
    campaign = make_campaign(audience={"languages": ["en"]})
    ended = make_content(campaign=campaign, status=Content.Status.EXPIRED)
    assert her.get(f"/share/{ended.pk}/").status_code == 404


def test_an_ended_item_cannot_be_opened_by_force(her, content):
    Campaign.objects.filter(pk=content.campaign_id).update(state=Campaign.State.ENDED)
    assert open_on(her, content).status_code == 410
    assert not Link.objects.exists()


# --- htmx --------------------------------------------------------------------------------------


def test_the_same_panel_comes_as_a_dialog(her, content):
    page = her.get(
        f"/share/{content.pk}/", headers={"HX-Request": "true", "HX-Target": "sheet"}
    ).content.decode()
    assert page.startswith('<header><h2 id="sheet-title"')
    assert "<html" not in page


def test_a_refusal_by_htmx_replaces_the_panel(her, content):
    response = her.post(
        f"/share/{content.pk}/open/",
        {"network": "x", "text": "a" * 300},
        headers={"HX-Request": "true", "HX-Target": "share-answer"},
    )
    assert (response.status_code, response["HX-Retarget"]) == (422, "#share-panel")


@pytest.mark.parametrize("captions", [1, 3])
def test_the_panel_asks_the_database_the_same_however_many_wordings(
    her, content, captions, django_assert_num_queries
):
    for n in range(captions):
        make_caption(content, text=f"Formulation {n}.")
    her.get("/charter/")
    with django_assert_num_queries(18):
        her.get(f"/share/{content.pk}/")
