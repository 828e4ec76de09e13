"""What is sent to a browser: small, its own, and without a word of inline script or style."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
CSS = (STATIC / "porte-voix.css").read_text(encoding="utf-8")
SPRITE = (STATIC / "icons.svg").read_text(encoding="utf-8")
# A mail has no stylesheet to link to.
PAGES = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    if "mail" not in path.relative_to(TEMPLATES).parts
    and "email" not in path.relative_to(TEMPLATES).parts
]


def wrong(search):
    """What `search` (text to list of offences) finds, by template."""
    found = {str(path.relative_to(TEMPLATES)): search(path.read_text()) for path in PAGES}
    return {name: offences for name, offences in found.items() if offences}


def test_the_stylesheet_is_small():
    assert len(CSS.encode()) < 60_000
    assert len(gzip.compress(CSS.encode(), 9)) < 16_000


def test_the_scripts_of_a_page_stay_under_60_kb_compressed():
    scripts = [STATIC / "app.js", Path(finders.find("django_htmx/htmx-2.min.js"))]
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in scripts]
    assert sum(sizes) < 60_000


def test_every_rule_is_in_a_layer():
    outside = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
    depth, kept = 0, []
    for character in outside:
        depth += (character == "{") - (character == "}")
        if depth == 0:
            kept.append(character)
    rules = [rule.strip() for rule in "".join(kept).replace("}", "\n").splitlines() if rule.strip()]
    assert all(rule.startswith(("@layer", "@font-face")) for rule in rules)


def test_a_colour_is_named_in_the_tokens_and_nowhere_else():
    after = CSS[CSS.index("@layer base {") :]
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b|\brgba?\(|\bhsla?\(", after) == []


def test_the_stylesheet_fetches_nothing_from_elsewhere():
    assert [url for url in re.findall(r'url\("?([^")]+)', CSS) if "//" in url] == []


@pytest.mark.parametrize("url", sorted(set(re.findall(r'url\("?([^")]+)', CSS))))
def test_what_the_stylesheet_names_is_there(url):
    assert (STATIC / url).is_file()


def inline_code(text):
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{%.*?%}", "", text, flags=re.S)
    found = re.findall(r"<style|\sstyle=|\son[a-z]+=\"|hx-on|javascript:", text)
    scripts = re.findall(r"<script([^>]*)>", text)
    return found + [s for s in scripts if "src=" not in s and "application/json" not in s]


def unknown_icons(text):
    names = re.findall(r'<c-icon[^>]*\sname="([a-z-]+)"', text)
    names += re.findall(r'\sicon(?:_end)?="([a-z-]+)"', text)
    names += re.findall(r"icons\.svg' %}#i-([a-z-]+)", text)
    return [name for name in names if f'id="i-{name}"' not in SPRITE]


def expressions(text):
    """`:prop="a == b"`: cotton takes it for a name, finds none, and says nothing."""
    props = re.findall(r'\s:[a-z_-]+="([^"]*)"', re.sub(r"{%.*?%}", "", text))
    return [prop for prop in props if re.search(r"==|!=|<|>| and | or |^not ", prop)]


def test_no_component_is_handed_an_expression():
    assert wrong(expressions) == {}


def test_no_template_holds_inline_script_or_style():
    assert wrong(inline_code) == {}


def test_every_icon_a_template_names_exists():
    assert wrong(unknown_icons) == {}


def test_nothing_in_a_template_leads_out_of_the_product():
    assert wrong(lambda text: re.findall(r'(?:src|href)="(https?://[^"{]+)', text)) == {}
