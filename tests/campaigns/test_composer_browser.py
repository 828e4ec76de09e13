"""The composer in a real browser: what is typed keeps itself, and says so without being a bother."""

import pytest

from campaigns.models import ComposerDraft, Content
from tests.campaigns.test_content_composer import picture
from tests.config.test_design_browser import open_page  # noqa: F401
from tests.factories import make_campaign, make_content, make_manager

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "/library/new/"
SAID = "#kept-at:text-matches('^Saved at ')"


def wait_until_kept(page, name, words):
    for _again in range(100):
        if any(draft.first(name) == words for draft in ComposerDraft.objects.all()):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{words!r} was not kept")


def test_what_is_typed_survives_a_closed_page(open_page):  # noqa: F811
    make_campaign()
    page = open_page(NEW, make_manager(language="en"))
    page.fill("#id_title", "Un hiver de mesures")
    page.fill("#id_url", "pas une adresse")
    page.fill("textarea[name=captions-0-text]", "Douze classes.")
    wait_until_kept(page, "captions-0-text", "Douze classes.")
    page.reload()
    assert page.input_value("#id_title") == "Un hiver de mesures"
    assert page.input_value("#id_url") == "pas une adresse"
    assert page.input_value("textarea[name=captions-0-text]") == "Douze classes."
    assert not Content.objects.exists()
    page.click("button:has-text('Discard them')")
    page.wait_for_selector("#messages")
    assert page.input_value("#id_title") == ""
    assert page.complaints == []


def test_leaving_a_field_keeps_it_at_once(open_page):  # noqa: F811
    page = open_page(NEW, make_manager(language="en"))
    page.fill("#id_title", "Un hiver")
    page.press("#id_title", "Tab")
    page.wait_for_selector(SAID, timeout=1500)
    assert ComposerDraft.objects.get().title == "Un hiver"


def test_it_is_seen_each_time_and_said_aloud_once_a_minute(open_page):  # noqa: F811
    page = open_page(NEW, make_manager(language="en"))
    page.evaluate(
        """() => { window.spoken = [];
        new MutationObserver(() => window.spoken.push(document.getElementById("kept-said").textContent))
          .observe(document.getElementById("kept-said"), {childList: true}); }"""
    )
    for n in range(3):
        with page.expect_response("**/library/keep/"):
            page.fill("#id_title", f"Titre {n}")
            page.press("#id_title", "Tab")
        page.wait_for_timeout(50)
    assert ComposerDraft.objects.get().title == "Titre 2"
    assert len(page.evaluate("window.spoken")) == 1


def test_a_chosen_picture_is_not_lost_either(open_page):  # noqa: F811
    page = open_page(NEW, make_manager(language="en"))
    page.fill("#id_title", "Un hiver")
    upload = picture()
    chosen = {"name": upload.name, "mimeType": "image/png", "buffer": upload.read()}
    page.set_input_files("#id_picture", chosen)
    page.wait_for_selector("#preview img.cover")
    page.reload()
    assert page.locator("#preview img.cover").count() >= 1


def test_a_save_by_hand_leaves_nothing_behind(open_page):  # noqa: F811
    content = make_content(status="draft", published_at=None)
    page = open_page(f"/library/{content.pk}/edit/", make_manager(language="en"))
    page.fill("#id_title", "Autre titre")
    page.wait_for_selector(SAID)
    page.click("button:has-text('Save the draft')")
    page.wait_for_selector("#messages")
    assert not page.locator("text=Your unsaved changes").count()
    content.refresh_from_db()
    assert content.title == "Autre titre"


def test_a_line_that_is_down_is_said_and_the_page_keeps_trying(open_page):  # noqa: F811
    page = open_page(NEW, make_manager(language="en"))
    page.route("**/library/keep/", lambda route: route.abort())
    page.fill("#id_title", "Hors ligne")
    page.wait_for_selector("#kept-at:has-text('Not saved for now')")
    page.unroute("**/library/keep/")
    page.wait_for_selector(SAID, timeout=10_000)
    assert ComposerDraft.objects.get().title == "Hors ligne"


def test_adapting_works_and_what_was_typed_before_is_kept(open_page):  # noqa: F811
    page = open_page(NEW, make_manager(language="en"))
    assert not page.locator(".adapt").first.is_visible()
    page.fill("textarea[name=captions-0-text]", "a" * 300)
    page.locator("select[name=captions-0-to]").select_option(label="X")
    page.locator("button[value=adapt-0]").click()
    page.wait_for_selector("textarea[name=captions-2-text]")
    assert page.input_value("textarea[name=captions-2-text]") == "a" * 300
    assert page.locator("#preview mark").text_content()
    page.wait_for_selector(SAID)
    assert "captions-2-text" in ComposerDraft.objects.get().data
