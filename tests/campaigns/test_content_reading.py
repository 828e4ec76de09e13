"""The composer reads the page: what it says fills what nobody has typed, and failing is normal."""

import io
import time
from functools import partial

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from campaigns.content import reading
from campaigns.models import Content
from tests.campaigns.test_content_composer import filled, picture
from tests.campaigns.test_share_browser import open_page  # noqa: F401
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_link,
    make_manager,
    make_share,
)
from tests.outside import answer, drip

pytestmark = pytest.mark.django_db
READ, NEW = "campaigns:content-read", "campaigns:content-new"
HEAD = """<html lang="en"><title>A winter</title><meta property="og:title" content="A winter of
numbers"><meta name="description" content="Twelve &lt;b&gt;machines&lt;/b&gt;."><meta
property="og:image" content="/a.png"><meta property="og:image:alt" content="A machine">"""


@pytest.fixture
def manager():
    cache.clear()
    return make_manager(language="en")


@pytest.fixture
def url(outside):
    outside.page("/a.png", photo())
    return outside.page("/a", answer(HEAD))


def photo(size=(1300, 700)):
    data = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Maker of the camera"
    Image.new("RGB", size, "maroon").save(data, "JPEG", exif=exif)
    return answer(data.getvalue(), content_type="image/jpeg")


def blank(**fields):
    typed = {"title": "", "why": "", "image_alt": "", "action": "read"}
    return filled(**typed | fields)


def read_alone(as_user, manager, url, **fields):
    return as_user(manager).post(reverse(READ), {"url": url} | fields)


def test_a_page_fills_the_form_without_javascript(as_user, manager, url):
    form = as_user(manager).post(reverse(NEW), blank(url=url)).context["form"]
    assert form["title"].value() == "A winter of numbers"
    assert form["why"].value() == "Twelve <b>machines</b>."
    assert (form["language"].value(), form["image_alt"].value()) == ("en", "A machine")
    assert not Content.objects.exists()


def test_the_picture_of_a_page_becomes_our_own(as_user, manager, url):
    client = as_user(manager)
    form = client.post(reverse(NEW), blank(url=url)).context["form"]
    client.post(reverse(NEW), filled(url=url, kept=form.kept_token, image_alt="A machine"))
    cover = Image.open(Content.objects.get().image)
    assert (cover.size, cover.format, dict(cover.getexif())) == ((1200, 630), "JPEG", {})
    assert Content.objects.get().image.size < 300_000


def test_what_is_typed_is_never_overwritten(as_user, manager, url):
    typed = blank(url=url, title="Mine", why="My reason", image_alt="My words")
    form = as_user(manager).post(reverse(NEW), typed | {"picture": picture()}).context["form"]
    names = ("title", "why", "image_alt")
    assert [form[name].value() for name in names] == ["Mine", "My reason", "My words"]
    # Teal, as it was given, and not the page's maroon.
    assert Image.open(form.instance.image).getpixel((600, 300))[0] < 20


def test_a_picture_of_one_s_own_outlives_any_reading(as_user, manager, outside, url):
    client, gone = as_user(manager), outside.page("/gone", answer("", "404 Not Found"))
    page = client.post(reverse(NEW), blank(url=gone) | {"picture": picture()})
    assert 'name="read-kept"' not in page.text
    own = page.context["form"].instance.image.name
    again = blank(url=url, kept=page.context["form"].kept_token)
    assert client.post(reverse(NEW), again).context["form"].instance.image.name == own


def test_the_next_page_replaces_what_the_last_one_filled_in(as_user, manager, url):
    before = {"title": "Old", "read-title": "Old", "why": "Mine", "read-why": "Old reason"}
    form = as_user(manager).post(reverse(NEW), blank(url=url, **before)).context["form"]
    assert (form["title"].value(), form["why"].value()) == ("A winter of numbers", "Mine")


def test_an_item_that_has_a_picture_keeps_it(as_user, manager, outside, url):
    content = make_content(status="draft", image="content/a.jpg", image_alt="Une école")
    edit = reverse("campaigns:content-edit", args=[content.pk])
    data = blank(url=url, campaign=content.campaign, pk=content.pk, title="Mine")
    form = as_user(manager).post(edit, data).context["form"]
    assert form.instance.image.name == "content/a.jpg"
    assert len(outside.site.requests) == 1


def test_the_card_alone_says_what_goes_where(as_user, manager, url):
    page = read_alone(as_user, manager, url).text
    assert 'name="read-title" value="A winter of numbers" data-fills="id_title"' in page
    assert 'data-fills="id_kept"' in page
    assert "Twelve &lt;b&gt;machines&lt;/b&gt;." in page
    assert "<b>machines" not in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("403 Forbidden", "The site does not let us read it (403)."),
        ("404 Not Found", "There is no such page (404)."),
        ("500 Oops", "The site is out of order (500)."),
    ],
)
def test_a_page_that_cannot_be_read_is_said_why(as_user, manager, outside, status, sentence):
    url = outside.page("/a", answer("", status))
    data = blank(url=url, title="Mine")
    reply = as_user(manager).post(reverse(NEW), data)
    assert "We could not read this page" in reply.text
    assert f"{sentence} Add the title and the picture by hand." in reply.text
    assert (reply.status_code, reply.context["form"]["title"].value()) == (200, "Mine")


def test_each_way_to_fail_has_its_own_sentence(as_user, manager, outside, monkeypatch):
    monkeypatch.setattr(reading.outside, "Deadline", partial(reading.outside.Deadline, 1))
    outside.name("inside.example", "10.0.0.1")
    outside.secure_site("wrong.example", certified_as="other.example")
    slow = outside.page("/slow", drip([b"H"] * 50))
    pdf = outside.page("/a.pdf", answer("x", content_type="application/pdf"))
    urls = [
        "http://inside.example/",
        "http://127.0.0.1/",
        "http://nowhere.example/",
        "https://wrong.example/",
        slow,
        pdf,
        outside.page("/gone", answer("", "404 Not Found")),
        outside.page("/mine", answer("", "403 Forbidden")),
        outside.page("/ring", answer("", "302 Found", location="/ring")),
    ]
    troubles = [read_alone(as_user, manager, url).context["reading"].trouble for url in urls]
    assert all(troubles)
    assert len(set(troubles)) == len(urls)
    assert outside.trap.accepted == 0


@pytest.mark.parametrize("url", ["", "x", "ftp://x.example", "https://intranet.local/", "a" * 3000])
def test_what_is_no_address_is_not_asked_for(as_user, manager, outside, url):
    reply = read_alone(as_user, manager, url)
    assert reply.status_code == 200
    assert outside.looked_up == []


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (photo((200, 100)), "The picture is too small: at least 600 by 315 pixels."),
        (answer("", "404 Not Found"), "There is no such page (404)."),
        (
            answer("<svg/>", content_type="image/svg+xml"),
            "This is not a PNG, JPEG or WebP picture.",
        ),
        (answer("", "302 Found", location="http://127.0.0.1/a.png"), "private network"),
        (answer(b"a" * 9 * 2**20, content_type="image/png"), "too big"),
    ],
)
def test_a_page_is_read_even_when_its_picture_is_not(as_user, manager, outside, image, sentence):
    outside.page("/a.png", image)
    reply = read_alone(as_user, manager, outside.page("/a", answer(HEAD)))
    assert "A winter of numbers" in reply.text
    assert sentence in reply.text
    assert outside.trap.accepted == 0


def test_a_page_of_the_library_is_recognised_with_its_shares(as_user, manager, url):
    there = make_content(url=url.replace("http:", "https:") + "/?utm_source=x", title="Déjà là")
    make_share(make_link(content=there))
    page = read_alone(as_user, manager, url).text
    assert f'Already in the library (1 share): <a href="{there.get_absolute_url()}">Déjà là' in page
    assert "Already in" not in read_alone(as_user, manager, url, pk=there.pk).text


def test_a_page_that_asks_for_a_password_comes_with_a_warning(as_user, manager, outside):
    wall = '<meta name="robots" content="noindex"><title>Log in</title><input type="password">'
    page = read_alone(as_user, manager, outside.page("/a", answer(wall))).text
    assert "Can everybody read it?" in page


def test_thirty_pages_a_minute_are_enough(as_user, manager, outside, url, monkeypatch):
    monkeypatch.setattr(reading, "MOST_IN_A_MINUTE", 3)
    for _n in range(3):
        read_alone(as_user, manager, url)
    asked = len(outside.site.requests)
    assert "wait a little" in read_alone(as_user, manager, url).text
    assert len(outside.site.requests) == asked
    assert "wait a little" not in read_alone(as_user, make_manager(), url).text


def test_only_who_writes_may_have_pages_read(as_user, outside, url):
    reply = read_alone(as_user, make_ambassador().user, url)
    assert (reply.status_code, outside.looked_up) == (403, [])


@pytest.fixture
def composer(open_page, manager):  # noqa: F811
    return open_page(reverse(NEW), manager)


@pytest.mark.django_db(transaction=True)
def test_pasting_an_address_fills_the_form(composer, url):
    composer.get_by_label("Link", exact=True).fill(url)
    composer.wait_for_selector("#card .card")
    assert composer.input_value("#id_title") == "A winter of numbers"
    assert composer.input_value("#id_language") == "en"
    assert composer.input_value("#id_kept")
    assert composer.is_visible("#id_no_picture")
    composer.wait_for_selector("#preview img.cover")


@pytest.mark.django_db(transaction=True)
def test_what_is_typed_while_the_page_is_read_stays(composer, outside, url):
    def slowly(line, site):
        time.sleep(1.5)
        line.sendall(answer(HEAD))

    composer.select_option("#id_language", "fr")
    composer.get_by_label("Link", exact=True).fill(outside.page("/slow", slowly))
    composer.wait_for_timeout(800)
    composer.get_by_label("Title").fill("Mine")
    composer.wait_for_selector("#card .card")
    assert composer.input_value("#id_title") == "Mine"
    assert composer.input_value("#id_language") == "fr"
    assert composer.input_value("#id_image_alt") == "A machine"


@pytest.mark.django_db(transaction=True)
def test_the_next_page_takes_the_place_of_the_last(composer, outside, url):
    composer.get_by_label("Link", exact=True).fill(url)
    composer.wait_for_selector("#card .card")
    composer.get_by_label("Why share it").fill("My reason")
    composer.get_by_label("Link", exact=True).fill(outside.page("/b", answer("<title>Other")))
    composer.wait_for_selector("#card :text('Other')")
    assert composer.input_value("#id_title") == "Other"
    assert composer.input_value("#id_why") == "My reason"
    assert composer.input_value("#id_kept") == ""


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_said_and_takes_back_the_words_of_another_page(composer, outside, url):
    composer.get_by_label("Link", exact=True).fill(url)
    composer.wait_for_selector("#card .card")
    composer.get_by_label("Why share it").fill("My reason")
    refused = outside.page("/b", answer("", "403 Forbidden"))
    composer.get_by_label("Link", exact=True).fill(refused)
    composer.wait_for_selector("#card .note.warn")
    assert "(403)" in composer.inner_text("#card")
    left = [composer.input_value(f"#id_{name}") for name in ("title", "kept", "why")]
    assert left == ["", "", "My reason"]


@pytest.mark.django_db(transaction=True)
def test_the_form_is_filled_and_saved_without_a_script(open_page, manager, url):  # noqa: F811
    make_campaign(name_fr="L’hiver")
    page = open_page(reverse(NEW), manager, java_script_enabled=False)
    page.get_by_label("Link", exact=True).fill(url)
    page.get_by_role("button", name="Read the page").click()
    page.get_by_label("Campaign").select_option(index=1)
    page.get_by_role("button", name="Save the draft").click()
    content = Content.objects.get()
    assert (content.title, content.image_alt) == ("A winter of numbers", "A machine")
    assert content.image
