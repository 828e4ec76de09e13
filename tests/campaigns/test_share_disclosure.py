"""The disclosure line opens every post: on each way out, in each language, whatever is edited."""

from itertools import product
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.urls import reverse

from ambassadors.models import Charter
from campaigns.models import Network, Share
from campaigns.networks import counting
from campaigns.networks.composer import full_text
from campaigns.sharing.actions import TooLong, open_share, post_text
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_network,
    make_user,
)

pytestmark = pytest.mark.django_db
LINES = {"fr": "Je travaille chez Orvaly. Publicité", "en": "I work at Orvaly. #Ad"}
NETWORKS = [
    *("linkedin", "x", "facebook", "threads", "bluesky", "mastodon"),
    *("whatsapp", "telegram", "reddit", "email", "copy"),
]
# A phone's screen, where no network says how much it folds away.
NARROW = 125
WAYS = list(product(NETWORKS, LINES))


@pytest.fixture
def content():
    campaign = make_campaign(disclosure_fr=LINES["fr"], disclosure_en=LINES["en"])
    content = make_content(campaign=campaign)
    for language in LINES:
        make_caption(content, language=language, text=f"Un texte en {language}.")
    return content


@pytest.fixture
def member():
    ambassador = make_ambassador(make_user(language="en"), instance="mastodon.example")
    ambassador.accept(Charter.objects.current(), language="en")
    return ambassador


@pytest.fixture
def share(as_user, member, content):
    """Presses “share” with a text, as the panel does; returns what the page was given."""

    def press(slug, language, text):
        words = {"network": slug, "language": language, "text": text}
        url = reverse("campaigns:share-open", args=[content.pk])
        answer = as_user(member.user).post(url, words)
        assert answer.status_code == 200
        return answer.context

    return press


def composed(address):
    """The words an address hands to the network's composer, or None where it takes none."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    name = {"www.reddit.com": "title"}.get(
        parts.hostname, "body" if parts.scheme == "mailto" else "text"
    )
    return asked[name][0] if name in asked else None


def test_every_network_one_can_choose_is_in_the_table():
    assert set(NETWORKS) == set(Network.objects.available().values_list("slug", flat=True))


@pytest.mark.parametrize(("slug", "language"), WAYS)
def test_what_leaves_begins_with_the_line(share, slug, language):
    page = share(slug, language, "Mes mots à moi.")
    line = LINES[language]
    ways = {
        "web share": page["post"],
        "composer": composed(page["composer"]),
        "copy": page["to_copy"],
    }
    texts = {way: text for way, text in ways.items() if text}
    assert texts["web share"] == f"{line}\n\nMes mots à moi."
    assert "composer" in texts or "copy" in texts
    for way, text in texts.items():
        assert text.startswith(line), way
    assert Share.objects.get().disclosure == line


@pytest.mark.parametrize(("slug", "language"), WAYS)
def test_the_line_is_in_the_part_that_is_seen_at_once(slug, language):
    network, line = make_network(slug), LINES[language]
    seen = min(filter(None, [network.fold, network.text_limit, NARROW]))
    assert counting.length(line, network) <= seen
    text = f"{line}\n\n" + "a" * 5000
    assert text[: counting.folded(text, network)].startswith(line)


@pytest.mark.parametrize(
    "slug", ["linkedin", "x", "threads", "bluesky", "mastodon", "telegram", "reddit"]
)
def test_a_limit_cuts_no_line_off_it_refuses_the_post(content, member, slug):
    network, line = make_network(slug), LINES["fr"]
    link = counting.length(full_text(network, "", "https://l.example/Ab12"), network)
    room = network.text_limit - counting.length(f"{line}\n\n", network)
    with pytest.raises(TooLong):
        open_share(content, by=member, network=network, language="fr", text="a" * (room + 1))
    assert post_text(content, language="fr", text="a" * (room - link)).startswith(line)


EDITS = [
    "",
    "Sans la ligne.",
    LINES["fr"],
    f"{LINES['fr']}\n\nAvec la ligne.",
    f"{LINES['fr']}Collée.",
    f"Avant. {LINES['fr']} Après.",
    f"  {LINES['fr']}  \r\n\r\nDes espaces.",
    LINES["fr"][:-3],
    LINES["fr"].replace(" ", ""),
    LINES["fr"].upper(),
    LINES["en"],
    "\u202e" + "À l’envers.",
    "\u200b\u200b" + LINES["fr"],
    "\n" * 40 + "Beaucoup plus bas.",
    "#PasUnePub",
]


@pytest.mark.parametrize("text", EDITS)
def test_no_edit_takes_the_line_away(content, text):
    post = post_text(content, language="fr", text=text)
    assert post.split("\n\n")[0] == LINES["fr"]
    assert not post.removeprefix(LINES["fr"]).lstrip().startswith(LINES["fr"])


@pytest.mark.parametrize("language", LINES)
def test_the_panel_shows_the_line_and_lets_nobody_change_it(as_user, member, content, language):
    url = reverse("campaigns:share-panel", args=[content.pk])
    page = as_user(member.user).get(f"{url}?network=x&language={language}")
    assert page.context["panel"].post.startswith(LINES[language])
    assert f'data-line="{LINES[language]}"' in page.text
    posted = as_user(member.user).post(
        reverse("campaigns:share-open", args=[content.pk]),
        {"network": "x", "language": language, "text": "Moi.", "disclosure": "", "line": ""},
    )
    assert posted.context["post"].startswith(LINES[language])


def test_the_item_own_line_wins_over_its_campaigns(content):
    content.disclosure_fr = "Je suis chef de chantier chez Orvaly."
    post = post_text(content, language="fr", text="Un hiver.")
    assert post == "Je suis chef de chantier chez Orvaly.\n\nUn hiver."


def test_a_mail_says_it_in_its_body(share):
    page = share("email", "en", "My words.")
    assert unquote(page["composer"]).partition("body=")[2].startswith(LINES["en"])
