"""Suggested texts in the composer: copied to another network, hashtags, where the link stands."""

import pytest
from django.urls import reverse

from campaigns.content.captions import Measure, link_place
from campaigns.content.hashtags import advice, hashtags
from campaigns.models import Content, Phrase
from tests.campaigns.test_content_composer import NEW, filled
from tests.factories import make_campaign, make_manager, make_network

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def client(as_user):
    return as_user(make_manager(language="en"))


def adapt(client, *texts, to, row=0):
    data = filled(*texts, action=f"adapt-{row}")
    data[f"captions-{row}-to"] = make_network(to).pk
    return client.post(reverse(NEW), data)


def shown(answer):
    return [(str(network), measure.words) for _f, network, _l, measure in answer.context["rows"]]


def test_a_text_is_copied_to_another_network_and_what_is_too_much_is_marked(client):
    long = "a" * 256 + "b" * 44
    answer = adapt(client, ("linkedin", "fr", long), to="x")
    assert answer.status_code == 200
    assert shown(answer) == [("LinkedIn", long), ("X", long)]
    assert "44 characters over the limit of X, 280." in answer.text
    assert f"<mark>{'b' * 44}</mark>" in answer.text
    assert not Content.objects.exists()


def test_a_copy_is_in_the_language_of_its_text_and_saved_with_the_rest(client):
    answer = adapt(client, ("linkedin", "en", "A winter."), ("x", "fr", "Un hiver."), to="bluesky")
    form = answer.context["captions"].forms[-1]
    assert (form["language"].value(), form["text"].value()) == ("en", "A winter.")
    texts = [("linkedin", "en", "A winter."), ("bluesky", "en", "A winter.")]
    client.post(reverse(NEW), filled(*texts))
    assert Content.objects.get().captions.count() == 2


def test_a_sixth_text_is_not_copied_there(client):
    texts = [("x", "fr", f"Texte {n}") for n in range(5)]
    answer = adapt(client, ("linkedin", "fr", "Un hiver."), *texts, to="x")
    assert "There are five texts for it in this language already." in answer.text
    assert len(answer.context["captions"].forms) == 6


@pytest.mark.parametrize("wrong", ["adapt-9", "adapt-", "adapt-x", "adapt-999999"])
def test_a_button_that_is_not_there_copies_nothing(client, wrong):
    answer = client.post(reverse(NEW), filled(("linkedin", "fr", "Un hiver."), action=wrong))
    assert answer.status_code in {200, 302}
    assert not Content.objects.filter(captions__text="").exists()


def test_the_disclosure_is_not_copied_twice(client):
    campaign = make_campaign(disclosure_fr="Je travaille chez Orvaly.")
    data = filled(("linkedin", "fr", "Un hiver."), campaign=campaign, action="adapt-0")
    data["captions-0-to"] = make_network("x").pk
    answer = client.post(reverse(NEW), data)
    assert shown(answer)[1] == ("X", "Je travaille chez Orvaly.\n\nUn hiver.")


# --- Hashtags ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#Énergie et #BâtimentDurable!", ["#Énergie", "#BâtimentDurable"]),
        ("numéro #3, a#b, https://a.example/#ancre", []),
        ("#2026Objectif #日本", ["#2026Objectif", "#日本"]),
        ("(#Sobriété)", ["#Sobriété"]),
        ("&#233;", []),
    ],
)
def test_a_hashtag_begins_a_word_and_holds_a_letter(text, found):
    assert hashtags(text) == found


@pytest.mark.parametrize(
    ("network", "text", "said"),
    [
        ("threads", "#Un #Deux", "2 hashtags: on Threads, one is enough."),
        ("linkedin", "#Un #Deux #Trois #Quatre", "4 hashtags: on LinkedIn, 3 at most."),
        ("whatsapp", "#Un", "Hashtags lead nowhere on WhatsApp: leave them out."),
        (
            "linkedin",
            "#mérites-du-français",
            "“#mérites-du-français” ends at its first hyphen or apostrophe: "
            "write #MéritesDuFrançais.",
        ),
    ],
)
def test_hashtags_are_advised_on_in_words(network, text, said):
    assert advice(text, make_network(network)) == [said]


@pytest.mark.parametrize("network", ["threads", "linkedin", "x", "bluesky"])
def test_one_hashtag_is_no_matter(network):
    assert advice("Un hiver. #MéritesDuFrançais", make_network(network)) == []


def test_advice_stands_by_the_text_and_refuses_nothing(client):
    data = filled(("threads", "fr", "#Un #Deux"), action="submit")
    page = client.post(reverse("campaigns:content-preview"), data).text
    assert "2 hashtags: on Threads, one is enough." in page
    assert client.post(reverse(NEW), data).status_code == 302


def test_a_forbidden_phrase_is_pointed_at_while_one_types(client):
    Phrase(text="leader").add(make_manager())
    data = filled(("threads", "fr", "Un leader"))
    page = client.post(reverse("campaigns:content-preview"), data).text
    assert "“leader” is not to be used." in page


# --- Link, fold, limit ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "place"),
    [
        ("linkedin", "as a card"),
        ("facebook", "as a card"),
        ("x", "follows the text"),
        ("bluesky", "follows the text"),
        ("email", "follows the text"),
        ("reddit", "title of the link"),
        ("copy", "copied with the text"),
    ],
)
def test_it_is_said_where_the_link_will_stand(slug, place):
    assert place in link_place(make_network(slug))


def test_what_the_network_folds_away_is_shown_apart():
    measure = Measure.of("a" * 300, make_network("linkedin"))
    assert (len(measure.seen), len(measure.folded_away)) == (210, 90)
    whole = Measure.of("a" * 200, make_network("linkedin"))
    assert (whole.seen, whole.folded_away) == ("a" * 200, "")


def test_the_link_takes_its_part_of_the_limit_whatever_the_words():
    measure = Measure.of("a" * 300, make_network("x"))
    assert (measure.over, len(measure.seen), len(measure.beyond)) == (44, 256, 44)


@pytest.mark.parametrize(
    "slug", ["linkedin", "x", "bluesky", "reddit", "email", "whatsapp", "copy"]
)
def test_each_network_has_its_own_look(client, slug):
    texts = [(slug, "fr", "Un hiver de mesures.")]
    page = client.post(reverse("campaigns:content-preview"), filled(*texts)).text
    assert f'class="preview as-{Measure.of("", make_network(slug)).look}"' in page
    assert "Un hiver de mesures." in page
