"""Words no post may hold: found whatever their spelling, and never inside another word."""

import pytest
from django.urls import reverse

from activity.models import Entry
from ambassadors.models import Charter
from campaigns.content.asking import asks_for_reviews
from campaigns.content.models import Forbidden
from campaigns.models import Content, Link, Phrase, Share
from tests.campaigns.test_content_composer import NEW, filled
from tests.factories import (
    make_ambassador,
    make_caption,
    make_content,
    make_manager,
    make_network,
    make_user,
)

PAGE = "campaigns:phrase-list"


def make_member():
    """An ambassador who has accepted today's charter, and reads English."""
    ambassador = make_ambassador(make_user(language="en"))
    ambassador.accept(Charter.objects.current(), language="en")
    return ambassador


def make_phrase(text, instead=""):
    phrase = Phrase(text=text, instead=instead)
    phrase.add(make_manager())
    return phrase


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("leader", "Nous sommes LEADER du marché."),
        ("leader mondial", "Le leader, mondial depuis 1990."),
        ("leader mondial", "Le leader\nmondial"),
        ("leader mondial", "le leader-mondial!"),
        ("garanti", "C’est garanti."),
        ("emploi garanti", "L’emploi\u00a0garanti"),
        ("écologique", "ECOLOGIQUE"),
        ("ecologique", "e\u0301cologique"),
        ("cœur", "au coeur de"),
        ("leader", "lea\u200bder"),
        ("leader", "lea\u00adder"),
        ("meilleur employeur", "#MeilleurEmployeur"),
        ("meilleur employeur", "#meilleur-employeur"),
        ("100 %", "À 100 % local"),
        ("100 %", "100%"),
        ("straße", "STRASSE"),
        ("ﬁable", "fiable"),
    ],
)
def test_a_phrase_is_found_whatever_its_spelling(phrase, text):
    assert Phrase.objects.all().found_in(text) == []
    found = make_phrase(phrase)
    assert Phrase.objects.all().found_in("Rien ici.", text) == [found]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("leader", "Le leadership se partage."),
        ("art", "Un partage à part."),
        ("leader mondial", "Un leader du commerce mondial."),
        ("leader mondial", "mondial leader"),
        ("100 %", "100 écoles"),
        ("pub", "Le public"),
        ("gratuit", "gratuitement"),
        ("leader", ""),
    ],
)
def test_a_phrase_is_not_found_inside_other_words(phrase, text):
    make_phrase(phrase)
    assert Phrase.objects.all().found_in(text) == []


ASKING = [
    ("Laissez-nous un avis sur Google!", ""),
    ("Donnez-nous cinq étoiles.", ""),
    ("Give us 5 stars", ""),
    ("Please leave us a quick review on Glassdoor.", ""),
    ("Rate us on G2", ""),
    ("Notez-nous sur Trustpilot.", ""),
    ("Les avis parlent: https://www.g2.com/products/orvaly", ""),
    ("Nos étoiles: https://www.capterra.com/p/1/orvaly/", ""),
    ("Reviews welcome", "https://www.glassdoor.ca/Overview/orvaly"),
    ("Merci!", "https://search.google.com/local/writereview?placeid=abc"),
    ("Merci! https://g.page/r/CabcEBM/review", ""),
    ("Merci!", "https://www.trustpilot.com/evaluate/orvaly.example"),
]
HONEST = [
    ("À notre avis, la chaleur compte. https://www.g2.com/articles/heat", ""),
    ("Un avis de convocation a été publié.", ""),
    ("Une nuit sous les étoiles au chantier.", ""),
    ("A five-star hotel, built in wood.", ""),
    ("We review every drawing twice.", ""),
    ("Donnez votre avis au conseil municipal.", "https://ville.example/consultation"),
    ("Partagez l’offre avec vos proches.", "https://orvaly.example/emplois"),
    ("Our work with Google on heat pumps.", ""),
]


@pytest.mark.parametrize(("text", "url"), ASKING)
def test_a_post_that_asks_for_reviews_is_recognised(text, url):
    assert asks_for_reviews([text], url)


@pytest.mark.parametrize(("text", "url"), HONEST)
def test_a_post_that_does_not_is_left_alone(text, url):
    assert not asks_for_reviews([text], url)


@pytest.mark.django_db
def test_a_text_with_a_phrase_is_kept_as_a_draft_and_not_submitted(as_user):
    make_phrase("leader mondial", "Dites ce que nous faisons.")
    client = as_user(make_manager(language="en"))
    data = filled(("linkedin", "fr", "Le LEADER mondial du chauffage."))
    assert client.post(reverse(NEW), data).status_code == 302
    answer = client.post(reverse(NEW), data | {"action": "submit", "again": "on"})
    assert answer.status_code == 422
    assert "“leader mondial” is not to be used. Dites ce que nous faisons." in answer.text
    assert "Le LEADER mondial du chauffage." in answer.text
    assert [content.status for content in Content.objects.all()] == ["draft"]


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["title", "why"])
def test_a_title_or_reason_with_a_phrase_is_not_submitted(as_user, field):
    make_phrase("leader")
    answer = as_user(make_manager()).post(
        reverse(NEW), filled(action="submit", **{field: "Notre leader"})
    )
    assert answer.status_code == 422
    assert answer.context["form"].has_error(field)


@pytest.mark.django_db
def test_no_way_of_changing_words_goes_round_it():
    make_phrase("leader")
    draft = make_content(status="draft", published_at=None, title="Un leader")
    with pytest.raises(Forbidden):
        draft.submit(draft.author)
    live = make_caption()
    with pytest.raises(Forbidden):
        live.rewrite("Un leader.", live.writer)
    with pytest.raises(Forbidden):
        live.content.add_caption(
            live.writer, network=make_network("x"), language="fr", text="Leader!"
        )
    live.refresh_from_db()
    assert live.text != "Un leader."


@pytest.mark.django_db
def test_the_form_of_a_live_text_says_which_words(as_user):
    make_phrase("leader")
    caption = make_caption()
    url = reverse("campaigns:caption-edit", args=[caption.pk])
    answer = as_user(make_manager(language="en")).post(url, {"text": "Un leader."})
    assert answer.status_code == 422
    assert "“leader” is not to be used." in answer.text


@pytest.mark.django_db
def test_a_member_is_told_and_loses_nothing(as_user):
    make_phrase("leader", "Say what we do.")
    ambassador = make_member()
    caption = make_caption()
    words = {"network": "linkedin", "language": "fr", "text": "Mon employeur, ce leader…"}
    client = as_user(ambassador.user)
    answer = client.post(reverse("campaigns:share-open", args=[caption.content_id]), words)
    assert answer.status_code == 422
    assert "“leader” is not to be used. Say what we do." in answer.text
    assert "Mon employeur, ce leader…" in answer.text
    assert not Share.objects.exists()
    assert not Link.objects.exists()


@pytest.mark.django_db
def test_a_text_whose_words_were_ruled_out_since_is_not_offered(as_user):
    caption = make_caption(text="Un leader.")
    make_caption(caption.content, text="Un hiver.")
    make_phrase("leader")
    url = reverse("campaigns:share-panel", args=[caption.content_id])
    page = as_user(make_member().user).get(url).text
    assert "Un hiver." in page
    assert "Un leader." not in page


@pytest.mark.django_db
def test_a_member_is_not_led_to_ask_for_reviews(as_user):
    ambassador = make_member()
    words = {"network": "x", "language": "fr", "text": "Laissez un avis sur Google"}
    url = reverse("campaigns:share-open", args=[make_caption().content_id])
    answer = as_user(ambassador.user).post(url, words)
    assert answer.status_code == 422
    assert "does not ask for reviews" in answer.text


@pytest.mark.django_db
def test_phrases_are_added_and_removed_on_their_page(as_user):
    client = as_user(make_manager(language="en"))
    client.post(reverse(PAGE), {"text": "Leader mondial", "instead": "Soyons précis."})
    phrase = Phrase.objects.get()
    make_caption(text="Le leader mondial.")
    page = client.get(reverse(PAGE)).text
    assert "Soyons précis." in page
    assert "Still in 1 item" in page
    client.post(reverse("campaigns:phrase-remove", args=[phrase.pk]))
    assert not Phrase.objects.exists()
    assert [e.verb for e in Entry.objects.order_by("id")] == ["phrase.added", "phrase.removed"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["LEADER  mondial", "…", ""])
def test_a_phrase_says_something_new(as_user, text):
    make_phrase("leader mondial")
    answer = as_user(make_manager()).post(reverse(PAGE), {"text": text})
    assert answer.status_code == 422
    assert Phrase.objects.count() == 1


@pytest.mark.django_db
def test_an_ambassador_does_not_see_the_page(as_user):
    client = as_user(make_ambassador().user)
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.post(reverse(PAGE), {"text": "x"}).status_code == 403
