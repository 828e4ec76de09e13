"""The palette by keyboard alone, as in a real browser; and the switch of one-letter keys."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.config.test_design_browser import LOOKS, offences, open_page  # noqa: F401
from tests.factories import make_ambassador, make_content, make_manager, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/preferences/"


@pytest.fixture
def page(open_page):  # noqa: F811
    return open_page(HERE, make_manager(language="en"))


def chosen(page):
    """The title of the option the field points to."""
    return page.evaluate(
        "document.getElementById(document.querySelector('#palette input')"
        ".getAttribute('aria-activedescendant'))?.querySelector('.grow > :first-child').textContent"
    )


def open_palette(page, text=""):
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [role=option]")
    page.keyboard.type(text)
    if text:
        page.wait_for_selector(f"#palette [data-for='{text}']")


def focus(page):
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def test_a_page_is_opened_without_a_mouse(page):
    open_palette(page, "camp")
    assert chosen(page) == "Campaigns"
    page.keyboard.press("ArrowDown")
    assert chosen(page) == "New campaign"
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/new/")
    assert page.complaints == []


def test_arrows_home_and_end_go_round_the_options(page):
    open_palette(page)
    titles = page.locator("#palette [role=option] .grow > :first-child").all_text_contents()
    for key, title in [
        ("ArrowDown", titles[0]),
        ("End", titles[-1]),
        ("ArrowDown", titles[0]),
        ("ArrowUp", titles[-1]),
        ("Home", titles[0]),
    ]:
        page.keyboard.press(key)
        assert chosen(page) == title
    assert page.locator("#palette [aria-selected=true]").count() == 1


def test_escape_gives_the_focus_back_where_it_was(page):
    page.focus("#id_time_zone")
    open_palette(page, "camp")
    page.keyboard.press("Escape")
    assert focus(page) == "id_time_zone"
    page.wait_for_timeout(400)
    assert not page.locator("#palette").is_visible()


def test_escape_before_the_results_have_come_does_not_bring_it_back(page):
    page.focus("#id_time_zone")
    page.keyboard.press("Control+k")
    page.keyboard.type("camp")
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    assert not page.locator("#palette").is_visible()
    assert focus(page) == "id_time_zone"


def test_results_that_settle_after_escape_do_not_bring_it_back(page):
    open_palette(page, "camp")
    page.keyboard.press("Escape")
    page.evaluate("htmx.trigger('#palette-results', 'htmx:afterSettle', {})")
    assert not page.locator("#palette").is_visible()


def test_a_menu_that_was_open_gives_the_focus_back_to_its_button(page):
    page.focus(".topbar [data-menu] summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    open_palette(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.topbar [data-menu] summary')")


def test_enter_waits_for_the_results_of_what_was_typed(page):
    open_palette(page)
    page.keyboard.type("import people")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/import/")


def test_enter_without_a_result_leads_to_the_whole_page(page):
    open_palette(page, "zzz")
    assert page.locator("#palette [role=combobox]").get_attribute("aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=zzz")


def test_the_number_of_results_is_said_once_after_the_last_letter(page):
    page.evaluate(
        "() => { window.heard = []; new MutationObserver(() => {"
        " const text = document.querySelector('#palette [role=status]').textContent;"
        " if (text) heard.push(text) }).observe(document.querySelector('#palette [role=status]'),"
        " { childList: true }) }"
    )
    page.keyboard.press("Control+k")
    page.keyboard.type("import peo")
    page.wait_for_timeout(2000)
    assert page.evaluate("heard") == ["1 result"]


def test_typing_in_the_bar_goes_on_in_the_palette(page):
    page.focus("#q")
    assert not page.locator("#palette").is_visible()
    page.keyboard.type("camp")
    page.wait_for_selector("#palette [data-for=camp]")
    page.keyboard.press("Escape")
    assert focus(page) == "q"


def test_without_a_script_the_bar_is_a_form(open_page):  # noqa: F811
    make_content(title="Le béton bas carbone")
    page = open_page(HERE, make_manager(language="en"), java_script_enabled=False)
    page.fill("#q", "beton")
    page.press("#q", "Enter")
    page.click("main >> text=Le béton bas carbone")
    assert "/library/" in page.url


def test_an_ended_session_says_so_in_the_palette(page):
    open_palette(page)
    page.context.clear_cookies()
    page.keyboard.type("camp")
    expect(page.locator("#palette #live")).to_contain_text("no longer logged in")


@pytest.mark.parametrize(("width", "theme"), [*LOOKS, (1280, "dark")])
def test_the_palette_and_the_page_have_nothing_to_reproach(open_page, width, theme):  # noqa: F811
    make_content(title="Le béton bas carbone", campaign=make_content().campaign)
    page = open_page("/search/?q=beton", make_manager(language="en"), width, theme)
    assert offences(page) == []
    for text in ("", "beton", "zzz"):
        page.keyboard.press("Control+k")
        page.keyboard.type(text)
        page.wait_for_selector(f"#palette [data-for='{text}']")
        page.wait_for_timeout(150)
        assert offences(page) == []
        page.keyboard.press("Escape")
    page.goto("/search/?q=zzz")
    assert offences(page) == []
    page.goto("/search/")
    assert offences(page) == []
    page.goto("/keyboard/")
    assert offences(page) == []
    assert page.complaints == []


def test_on_a_phone_the_palette_takes_the_whole_screen(open_page):  # noqa: F811
    page = open_page("/feed/", make_ambassador(make_user(language="en")).user, width=390)
    page.click(".topbar a[data-palette]")
    page.wait_for_selector("#palette [role=option]")
    assert page.locator("#palette").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 800}
    assert focus(page) != "BODY"


def test_the_question_mark_shows_the_keys(page):
    page.focus("#id_time_zone")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    assert not page.locator("#sheet").is_visible()
    page.focus("main form button >> nth=-1")
    page.keyboard.press("?")
    page.wait_for_selector("#sheet >> text=In the approvals")
    assert offences(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('main form button')")


def test_letters_do_nothing_once_they_are_turned_off(page):
    make_content(title="Un", status="in_review", submitted_at=timezone.now(), published_at=None)
    page.uncheck("text=Shortcuts of one letter")
    page.click("main form button >> nth=-1")
    page.wait_for_selector("body:not([data-letters])")
    page.keyboard.press("?")
    page.goto("/approvals/")
    assert page.locator("#keys").is_hidden()
    page.focus("#queue tbody a")
    for letter in "ar?":
        page.keyboard.press(letter)
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.matches('#queue tbody a')")
    assert page.locator("#decide").is_visible()
    assert not page.locator("dialog[open]").count()
