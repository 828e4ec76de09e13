"""Every mail there is, in both languages: what mail programs need, and nothing that watches.

`make mail-pictures` draws each of them, too: MAIL_PICTURES=folder.
"""

import os
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.html import strip_tags

from activity.desk import previews
from activity.hearing import KINDS
from activity.transports.email import compose
from demo.mails import draw
from tests.factories import make_manager

pytestmark = pytest.mark.django_db
NAMES = sorted(template.name for template in previews.by_mail())
# Gmail cuts what is longer than 102 KB, the link that stops it first.
LONGEST = 100_000


@pytest.fixture
def letter_of():
    reader = make_manager(first_name="Maëlle")
    return lambda name, language: previews.letter(name, language, reader)


@pytest.fixture(params=["fr", "en"])
def language(request):
    return request.param


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_whole_and_does_not_watch(letter_of, name, language):
    letter = letter_of(name, language)
    html, text = letter.html, letter.text
    assert letter.subject
    assert "\n" not in letter.subject
    assert len(compose(letter).message().as_bytes()) < LONGEST
    assert not re.search(r"<(script|form|iframe|object|link)\b|\son\w+=|javascript:", html)
    # Ours, large enough to be seen, with words where it says something.
    for picture in re.findall(r"<img[^>]*>", html):
        assert f'src="{settings.BASE_URL}/' in picture
        assert "alt=" in picture
        assert not re.search(r'(width|height)="[01]"', picture)
    assert "{{" not in html + text
    assert "{%" not in html + text
    assert not re.search(r"<[a-z/]|&(amp|quot|#x27|lt);", text)


@pytest.mark.parametrize("name", [name for name in NAMES if name in KINDS])
def test_the_text_says_and_leads_to_what_the_html_does(letter_of, name, language):
    letter = letter_of(name, language)
    links = {unescape(each) for each in re.findall(r'href="([^"]+)"', letter.html)}
    assert [each for each in links if each not in letter.text] == []
    body = re.search(r"<h1.*?</h1>", letter.html, re.S)[0]
    assert " ".join(unescape(strip_tags(body)).split()) in " ".join(letter.text.split())


@pytest.mark.parametrize("name", [name for name in NAMES if name in KINDS])
def test_what_is_sent_to_many_can_be_stopped_by_a_post(letter_of, name):
    letter = letter_of(name, "fr")
    headers = compose(letter).message()
    if KINDS[name].transactional:
        assert headers["List-Unsubscribe"] is None
    else:
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"<{letter.unsubscribe}>" == headers["List-Unsubscribe"].replace("\n ", "").strip()
        assert letter.unsubscribe in letter.text


def test_word_gets_a_column_of_600_px_and_its_own_colours(letter_of):
    html = letter_of("campaign.launched", "fr").html
    ghost = re.search(r"<!--\[if mso\]><table[^>]*width=\"600\"", html)
    assert ghost
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->")
    assert re.search(r'<td class="b"[^>]*bgcolor="#0B6B63"', html)
    assert '<meta name="color-scheme" content="light dark">' in html


@pytest.mark.skipif("MAIL_PICTURES" not in os.environ, reason="make mail-pictures")
def test_every_mail_is_drawn(letter_of, browser):
    folder = Path(os.environ["MAIL_PICTURES"])
    letters = {(n, lang): letter_of(n, lang).html for n in NAMES for lang in ("fr", "en")}
    draw(browser, {at: html for at, html in letters.items() if html}, folder)
