"""Twelve pages as the open web has them (data/pages), and what hostile ones would try."""

import json
import time
from pathlib import Path

import pytest

from campaigns.content.pages import MOST_READ, card_of, text_of

PAGES = Path(__file__).parent.parent / "data" / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text())["pages"]


def card_from(name):
    page = EXPECTED[name]
    _kind, _semicolon, charset = page["content_type"].partition("charset=")
    return card_of((PAGES / name).read_bytes(), page["url"], charset)


def card(html, url="https://orvaly.example/a"):
    return card_of(html.encode(), url)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_of_the_open_web_is_read_right(name):
    right, read = EXPECTED[name]["right"], card_from(name)
    assert read.title in right.get("title_accepted", [right["title"]])
    assert read.canonical_url in right.get("canonical_accepted", [right["canonical_url"]])
    same = ("description", "image", "image_alt", "site_name", "language")
    assert {key: getattr(read, key) for key in same} == {key: right[key] for key in same}
    assert (read.kind, read.is_open) == (right["type"], right["shareable"])


def fill(piece, size=10 * 2**20):
    return piece * (size // len(piece))


@pytest.mark.parametrize(
    "html",
    [
        "<head>" + fill('<meta property="og:title" content="a">'),
        "<head>" + fill('<meta property="og:image" content="javascript:a">'),
        "<meta " + fill("a=1 "),
        fill("<div>"),
        fill("<b><p>"),
        fill("<a><b><i><p>"),
        fill("<font color=red><table>"),
        fill("<svg><title>"),
        fill("<template>"),
        fill("<"),
        "<title>" + fill("&a"),
        "<title>" + fill("a"),
        "<h1>" + fill("<b>a"),
        "<!--" + fill("--"),
        "<script type=application/ld+json>" + fill("["),
        "<html lang='" + fill("fr-"),
    ],
)
def test_ten_megabytes_of_anything_stay_within_limits(html):
    start = time.process_time()
    read = card(html)
    assert len(read.title or "") <= 150
    # 0.4 seconds at most where it was measured.
    assert time.process_time() - start < 5


@pytest.mark.parametrize("html", ["", " ", "\0", "<", "<>", "</", "<!", "<!doctype", "\ufeff", "é"])
def test_next_to_nothing_has_no_card_and_breaks_nothing(html):
    read = card(html)
    assert (read.title, read.image, read.canonical_url) == (None, None, "https://orvaly.example/a")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("  Deux\n\t mots ", "Deux mots"),
        ("Prix\u00a0: 3\u202f€", "Prix\u00a0: 3\u202f€"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\u200bb\u2066c\u2069\x07d", "abcd"),
        ("a" * 200, "a" * 149 + "…"),
        ("&lt;b&gt;gras&lt;/b&gt;", "<b>gras</b>"),
        ("👩‍🔧 au travail", "👩‍🔧 au travail"),
    ],
)
def test_a_title_is_one_line_of_plain_text(said, title):
    assert card(f"<title>{said}</title>").title == title


def test_without_a_title_the_heading_is_one():
    assert card("<title> </title><h1>Un <b>hiver</b></h1>").title == "Un hiver"


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode(), "utf-8", "é"),
        ("é".encode("latin-1"), "iso-8859-1", "é"),
        ("œ’".encode("cp1252"), "iso-8859-1", "œ’"),
        ("œ’".encode("cp1252"), "", "œ’"),
        ("œ’".encode("cp1252"), "utf-8", "œ’"),
        ("é".encode("utf-8-sig"), "iso-8859-1", "é"),
        ("é".encode("utf-16"), "", "é"),
        ("ł".encode("iso-8859-2"), "iso-8859-2", "ł"),
        ("Ж".encode("koi8-r"), "koi8-r", "Ж"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本"),
        (
            "<meta charset='shift_jis'>日本".encode("shift_jis"),
            "",
            "<meta charset='shift_jis'>日本",
        ),
        ("é".encode(), "no-such-charset", "é"),
        ("é".encode(), "zip", "é"),
        ("é".encode(), "unicode_escape", "é"),
        ("é".encode(), "utf-7", "é"),
        ("été à l’".encode() + b"\xe9cole", "utf-8", "été à l’\ufffdcole"),
        ("été".encode()[:-1], "utf-8", "ét"),
    ],
)
def test_bytes_become_the_text_they_were(body, charset, text):
    assert text_of(body, charset) == text


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://www.orvaly.example/b", "https://www.orvaly.example/b"),
        ("/b?c=d", "https://orvaly.example/b?c=d"),
        ("https://evil.example/b", "https://orvaly.example/a?p=2"),
        ("https://orvaly.example.evil.example/b", "https://orvaly.example/a?p=2"),
        ("javascript:alert(1)", "https://orvaly.example/a?p=2"),
        ("http://[", "https://orvaly.example/a?p=2"),
        ("", "https://orvaly.example/a?p=2"),
    ],
)
def test_the_canonical_address_is_on_the_same_site(link, canonical):
    url = "https://orvaly.example/a?utm_source=x&p=2&fbclid=y#haut"
    assert card(f'<link rel="canonical" href="{link}">', url).canonical_url == canonical


def test_bait_in_scripts_templates_and_comments_is_left_alone():
    bait = '<meta property="og:title" content="Piège"><title>Piège</title>'
    hidden = f"<template>{bait}</template><!--{bait}--><script>'{bait}'</script>"
    assert card(f"<head><svg><title>Logo</title></svg>{hidden}<title>Un hiver").title == "Un hiver"


def test_pictures_are_relative_to_the_base_of_the_page():
    html = '<base href="/img/"><meta property="og:image" content="a.jpg">'
    assert card(html).image == "https://orvaly.example/img/a.jpg"


def test_what_comes_after_half_a_megabyte_is_not_looked_at():
    assert card(" " * MOST_READ + "<title>Trop tard</title>").title is None


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ('<html lang="fr-CA">', "fr"),
        ('<html lang="EN">', "en"),
        ('<html lang="de">', None),
        ('<html><meta property="og:locale" content="en_GB">', "en"),
        ("<html>", None),
    ],
)
def test_the_language_is_one_of_ours_or_unknown(html, language):
    assert card(html).language == language
