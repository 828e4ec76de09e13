"""How long a text is: the server's word, and the page's, which must be the same."""

import random
import unicodedata
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Network
from campaigns.networks import counting
from campaigns.networks.composer import InstanceMissing, composer_url, full_text

Counting = Network.Counting
STATIC = Path(__file__).resolve().parents[2] / "static"

PLAIN = Network(counting=Counting.PLAIN, text_limit=3000)
X = Network(counting=Counting.X, url_cost=23, text_limit=280)
MASTODON = Network(counting=Counting.MASTODON, url_cost=23, text_limit=500)
BLUESKY = Network(counting=Counting.BLUESKY, text_limit=300)
RULES = [PLAIN, X, MASTODON, BLUESKY]
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("text", "network", "expected"),
    [
        ("", X, 0),
        ("café", X, 4),
        ("cafe\u0301", X, 4),
        ("cafe\u0301", PLAIN, 4),
        ("👾", X, 2),
        ("🙋🏽", X, 2),
        (FAMILY, X, 2),
        (FAMILY, PLAIN, 1),
        ("🇨🇦", X, 2),
        ("1️⃣", X, 2),
        ("日本", X, 4),
        ("日本", PLAIN, 2),
        ("« »", X, 3),
        ("l’hiver", X, 7),
        ("10\u00a0%", X, 4),
        ("…", X, 2),
        ("10\u202f%", X, 5),
        ("https://orvaly.example/une/tres/longue/adresse?avec=tout", X, 23),
        ("Voir https://orvaly.example/a.", X, 5 + 23 + 1),
        ("(https://a.example) et https://b.example", X, 1 + 23 + 5 + 23),
        ("HTTPS://ORVALY.EXAMPLE", X, 23),
        ("https://orvaly.example/ecole", PLAIN, 28),
        ("https://orvaly.example/ecole", MASTODON, 23),
        ("https://orvaly.example/ecole", BLUESKY, 28),
        ("Merci @naomi@social.example.", MASTODON, len("Merci @naomi.")),
        ("naomi@orvaly.example", MASTODON, 20),
        ("une ligne\r\nune autre", X, 19),
        ("une ligne\r\nune autre", PLAIN, 19),
    ],
)
def test_a_text_is_as_long_as_its_network_says(text, network, expected):
    assert counting.length(text, network) == expected


def test_three_hundred_plain_letters_fit_on_bluesky_and_one_more_does_not():
    assert counting.remaining("a" * 300, BLUESKY) == 0
    assert counting.remaining("a" * 301, BLUESKY) == -1


def test_bluesky_also_counts_bytes():
    assert len((FAMILY * 120).encode()) == 3000
    assert counting.remaining(FAMILY * 120, BLUESKY) == 0
    assert counting.remaining(FAMILY * 121, BLUESKY) < 0


def test_nothing_is_left_to_count_where_there_is_no_limit():
    chat = Network(counting=Counting.PLAIN, text_limit=None)
    assert counting.limit(chat) is None
    assert counting.remaining("a" * 9000, chat) is None
    assert counting.fitting("a" * 9000, chat) == 9000


def test_what_does_not_fit_begins_where_the_limit_ends():
    text = "a" * 278 + FAMILY + "b"
    assert text[counting.fitting(text, X) :] == "b"


@given(st.text())
def test_a_text_and_its_composed_form_are_equally_long_on_x(text):
    assert counting.length(text, X) == counting.length(unicodedata.normalize("NFC", text), X)


@given(st.text(), st.sampled_from(RULES))
def test_what_fits_is_within_the_limit(text, network):
    text = text * 20
    kept = text[: counting.fitting(text, network)]
    assert counting.length(kept, network) <= counting.limit(network)
    assert (kept == text) == (counting.remaining(text, network) >= 0)


@given(st.text(alphabet=st.characters(max_codepoint=0x10FF)))
def test_x_never_counts_less_than_the_signs_one_sees(text):
    without_links = text.replace("http", "")
    assert counting.length(without_links, X) >= counting.length(without_links, PLAIN)


# --- The page counts as the server does --------------------------------------------------------

PIECES = [
    *"abc XYZ éèàçœ «»“”’–—…\u00a0\u202f\t\n.,;:!?)@#-_/'\"<>",
    "e\u0301",
    "日本",
    "한국",
    "नमस्ते",
    "क्षि",
    "ภาษา",
    "مرحبا",
    "👾",
    "🙋🏽",
    FAMILY,
    "🏳️\u200d🌈",
    "🇨🇦",
    "🇫",
    "1️⃣",
    "©",
    "☎",
    "\u200b",
    "\ufeff",
    "\r\n",
    "https://orvaly.example/a-b?c=d&e=é#f",
    "http://a.example.",
    "https://",
    "HTTPS://B.example/(x)",
    "@naomi@social.example",
    "@naomi",
    "jean@orvaly.example",
    "#BâtimentDurable",
]


# Where letters, marks, signs and emoji of many writings stand: whatever a person may paste.
RANGES = [
    (0x20, 0x7E),
    (0x80, 0x24F),
    (0x300, 0x36F),
    (0x370, 0x5FF),
    (0x600, 0x6FF),
    (0x900, 0x97F),
    (0xE00, 0xEFF),
    (0x1100, 0x11FF),
    (0x1E00, 0x1FFF),
    (0x2000, 0x206F),
    (0x20A0, 0x21FF),
    (0x2600, 0x27BF),
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFE00, 0xFE0F),
    (0xFF00, 0xFFEF),
    (0x1F1E6, 0x1F1FF),
    (0x1F300, 0x1FAFF),
    (0x1F3FB, 0x1F3FF),
    (0x20000, 0x2A6DF),
    (0xE0020, 0xE007F),
]


# What no version of Unicode that Python knows has given a meaning is nobody's text, and the
# browser and `regex` are free to be of different years about it.
SIGNS = [
    [c for c in map(chr, range(first, last + 1)) if unicodedata.category(c) != "Cn"]
    for first, last in RANGES
]


def texts(how_many):
    source = random.Random(20261123)

    def piece():
        if source.random() < 0.6:
            return source.choice(PIECES)
        return source.choice(source.choice(SIGNS))

    return ["".join(piece() for _ in range(source.randint(0, 30))) for _ in range(how_many)]


@pytest.fixture
def page_counter(browser):
    page = browser.new_page()
    page.route("**/*", _serve_static)
    page.goto("http://counting.example/")
    yield page
    page.close()


def _serve_static(route):
    if route.request.url.endswith("/counting.js"):
        route.fulfill(path=STATIC / "counting.js", content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>counting</title>", content_type="text/html")


COUNT = """async ([texts, rules]) => {
  const { length } = await import("/counting.js");
  return texts.map((text) => rules.map(([rule, cost]) => length(text, rule, cost)));
}"""
FIT = """async ([texts, rule, cost, most]) => {
  const { fitting } = await import("/counting.js");
  return texts.map((text) => Array.from(text.slice(0, fitting(text, rule, cost, most))).length);
}"""


def test_the_page_counts_ten_thousand_texts_as_the_server_does(page_counter):
    written = texts(10_000)
    rules = [[network.counting, network.url_cost] for network in RULES]
    counted = page_counter.evaluate(COUNT, [written, rules])
    wrong = [
        (text, network.counting, seen, counting.length(text, network))
        for text, lengths in zip(written, counted, strict=True)
        for network, seen in zip(RULES, lengths, strict=True)
        if seen != counting.length(text, network)
    ]
    assert wrong == []


@pytest.mark.parametrize("network", RULES, ids=lambda network: network.counting)
def test_the_page_marks_what_the_server_marks(page_counter, network):
    written = texts(500)
    network = Network(counting=network.counting, url_cost=network.url_cost, text_limit=20)
    fits = page_counter.evaluate(FIT, [written, network.counting, network.url_cost, 20])
    assert fits == [counting.fitting(text, network) for text in written]


# --- Where a share goes ------------------------------------------------------------------------


@pytest.fixture
def network(db):
    return lambda slug: Network.objects.get(slug=slug)


WORDS = {"text": "Bonjour & merci", "url": "https://l.example/Ab12", "title": "Une école"}


@pytest.mark.parametrize(
    ("slug", "address"),
    [
        (
            "linkedin",
            "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fl.example%2FAb12",
        ),
        (
            "x",
            "https://x.com/intent/post?text=Bonjour%20%26%20merci&url=https%3A%2F%2Fl.example%2FAb12",
        ),
        (
            "bluesky",
            "https://bsky.app/intent/compose?text=Bonjour%20%26%20merci%0A%0Ahttps%3A%2F%2Fl.example%2FAb12",
        ),
        (
            "email",
            "mailto:?subject=Une%20%C3%A9cole&body=Bonjour%20%26%20merci%0D%0A%0D%0Ahttps%3A%2F%2Fl.example%2FAb12",
        ),
        ("copy", ""),
    ],
)
def test_a_share_opens_the_network_own_composer(network, slug, address):
    assert composer_url(network(slug), **WORDS) == address


def test_mastodon_asks_which_server(network):
    with pytest.raises(InstanceMissing):
        composer_url(network("mastodon"), **WORDS)
    address = composer_url(network("mastodon"), **WORDS, instance="mastodon.example")
    assert address.startswith("https://mastodon.example/share?text=Bonjour%20")


def test_words_that_look_like_a_place_stay_words(network):
    address = composer_url(network("x"), text="{url} {instance}", url="https://l.example", title="")
    assert "text=%7Burl%7D%20%7Binstance%7D&url=https%3A%2F%2Fl.example" in address


def test_the_link_counts_where_it_stands_in_the_text(network):
    assert full_text(network("linkedin"), "Bonjour", "https://l.example") == "Bonjour"
    assert counting.length(full_text(network("x"), "Bonjour", "https://l.example/Ab"), X) == 31


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a.example/", "https:///x"])
def test_a_share_address_leads_to_the_web_or_to_mail(network, address):
    row = network("x")
    row.share_url = address
    with pytest.raises(ValidationError):
        row.full_clean()
