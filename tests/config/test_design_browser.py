"""The design system in a real browser: what axe sees, and what only a keyboard finds out."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client

from config import context
from config.context import Place, Space
from tests.factories import make_manager

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-long-password-2026"
LOOKS = [(1280, "light"), (800, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def open_page(browser, live_server):
    """`open_page("/styleguide/", user=…, width=390, theme="dark")`: a page, and its complaints."""
    opened = []

    def visit(path, user=None, width=1280, theme="light", **options):
        window = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            locale="fr-CA",
            base_url=live_server.url,
            **options,
        )
        opened.append(window)
        if user:
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            window.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
            )
        page = window.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
        page.goto(path)
        return page

    yield visit
    for window in opened:
        window.close()


def offences(page):
    """What axe finds wrong, and whether the page is wider than its window."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    told = [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
    return told + ["wider than the window"] * wider


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_style_guide_has_nothing_to_reproach(open_page, width, theme):
    page = open_page("/styleguide/", make_manager(), width, theme)
    assert offences(page) == []
    assert page.complaints == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/nothing/"])
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pages_for_strangers_have_nothing_to_reproach(open_page, path, width, theme):
    page = open_page(path, width=width, theme=theme)
    assert offences(page) == []
    assert [line for line in page.complaints if "404" not in line] == []


def log_in(page, user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page.locator("details.other summary").click()
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("details[open] button").click()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_pages_of_an_account_have_nothing_to_reproach(open_page, width, theme):
    page = open_page("/accounts/login/", width=width, theme=theme)
    log_in(page, make_manager(password=PASSWORD))
    for path in ("password/change/", "email/", "2fa/", "sessions/", "reauthenticate/"):
        page.goto(f"/accounts/{path}")
        assert page.url.endswith(path)
        assert offences(page) == []
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.goto("/accounts/2fa/totp/activate/")
    assert offences(page) == []
    assert page.locator("img.code-image").evaluate("image => image.naturalWidth") > 0


def test_an_open_menu_and_an_open_dialog_have_nothing_to_reproach(open_page):
    page = open_page("/styleguide/", make_manager(), width=390)
    page.locator(".topbar [data-menu] summary").click()
    assert offences(page) == []
    page.keyboard.press("Escape")
    page.locator('[data-dialog="dialog-light"]').click()
    assert offences(page) == []


def test_escape_closes_a_menu_and_gives_the_focus_back(open_page):
    page = open_page("/styleguide/", make_manager())
    page.locator(".topbar [data-menu] summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".topbar [data-menu]").get_attribute("open") is None
    assert page.evaluate("document.activeElement.matches('.topbar [data-menu] summary')")


def test_a_dialog_keeps_the_focus_and_gives_it_back(open_page):
    page = open_page("/styleguide/", make_manager())
    opener = page.locator('[data-dialog="dialog-light"]')
    opener.press("Enter")
    assert page.evaluate("document.activeElement.closest('dialog')?.id") == "dialog-light"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.dialog") == "dialog-light"


def test_the_first_stop_is_a_way_past_the_shell(open_page):
    page = open_page("/styleguide/", make_manager())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_every_stop_shows_where_the_focus_is(open_page):
    page = open_page("/styleguide/", make_manager())
    hidden = []
    for _stop in range(60):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => {
              const e = document.activeElement, box = e.getBoundingClientRect();
              const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              const frame = e.closest(".composer") ?? e;
              const drawn = parseFloat(getComputedStyle(frame).outlineWidth) >= 2;
              const seen = at && (e.contains(at) || at.contains(e) || at.closest("label"));
              return e === document.body || (drawn && seen) ? "" : e.outerHTML.slice(0, 120);
            }"""
        )
        hidden += [state] * bool(state)
    assert hidden == []


def test_the_theme_changes_in_place_and_stays(open_page):
    page = open_page("/styleguide/", make_manager())
    page.locator(".topbar [data-menu] summary").click()
    page.evaluate("window.stayed = true")
    with page.expect_response("**/theme/"):
        page.locator('.topbar button[value="dark"]').click()
    page.locator("html[data-theme=dark]").wait_for()
    assert page.evaluate("window.stayed")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_form_is_sent_once_however_often_its_button_is_pressed(open_page):
    page = open_page("/accounts/login/")
    held = []
    page.route("**/login/code/", lambda route: held.append(route))
    page.locator("#code_email").fill("somebody@orvaly.example")
    page.evaluate(
        """() => {
          const button = document.querySelector("#content form button");
          for (const wait of [0, 100, 200]) setTimeout(() => button.click(), wait);
        }"""
    )
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_url("**/login/code/confirm/")


def test_one_logs_in_and_changes_language_without_javascript(open_page):
    page = open_page("/accounts/login/", java_script_enabled=False)
    log_in(page, make_manager(password=PASSWORD))
    page.goto("/styleguide/")
    assert page.locator("html").get_attribute("lang") == "fr-CA"
    page.locator('.topbar button[name="language"]').click()
    assert page.url.endswith("/styleguide/")
    assert page.locator("html").get_attribute("lang") == "en-CA"


FRAGMENT = """
  <form hx-post="/theme/" hx-target="#piece" id="asked"><textarea name="theme">my words</textarea>
  <button>Go</button></form><div id="piece"></div>
"""


@pytest.mark.parametrize(
    ("answer", "notice"),
    [
        (500, "notice-failed"),
        (401, "notice-expired"),
        (403, "notice-refused"),
        (0, "notice-offline"),
    ],
)
def test_what_was_typed_stays_when_a_request_fails(open_page, answer, notice):
    page = open_page("/styleguide/", make_manager())
    page.route(
        "**/theme/",
        lambda route: route.fulfill(status=answer, body="no") if answer else route.abort(),
    )
    page.evaluate(
        "html => { document.querySelector('main').insertAdjacentHTML('beforeend', html);"
        " htmx.process(document.querySelector('#asked')) }",
        FRAGMENT,
    )
    page.locator("#asked button").click()
    page.locator("#live > *").wait_for()
    wanted = page.evaluate(f"document.getElementById('{notice}').content.textContent")
    assert "".join(page.locator("#live").inner_text().split()) == "".join(wanted.split())
    assert page.locator("#asked textarea").input_value() == "my words"
    assert page.locator("#asked button").get_attribute("aria-busy") is None


def test_a_session_that_ended_does_not_replace_the_page_by_the_login(open_page):
    page = open_page("/styleguide/", make_manager())
    page.evaluate(
        "html => { document.querySelector('main').insertAdjacentHTML('beforeend', html);"
        " htmx.process(document.querySelector('#asked')) }",
        FRAGMENT.replace('hx-post="/theme/"', 'hx-get="/accounts/password/change/"'),
    )
    page.context.clear_cookies()
    page.locator("#asked button").click()
    page.locator("#live > *").wait_for()
    assert page.locator("#piece").inner_text() == ""
    assert page.locator("#asked textarea").input_value() == "my words"


def test_another_persons_login_does_not_send_what_is_still_open(open_page):
    page = open_page("/styleguide/", make_manager())
    other = open_page("/styleguide/", make_manager())
    page.evaluate(
        "html => { document.querySelector('main').insertAdjacentHTML('beforeend', html);"
        " htmx.process(document.querySelector('#asked')) }",
        FRAGMENT,
    )
    page.context.clear_cookies()
    page.locator("#asked button").click()
    page.locator("#live > *").wait_for()
    page.context.add_cookies(other.context.cookies())
    with page.expect_response("**/theme/") as answer:
        page.locator("#asked button").click()
    assert answer.value.status == 401
    assert page.locator("#asked textarea").input_value() == "my words"


def test_a_phone_reaches_every_place_from_its_bar(open_page, monkeypatch):
    page_of = {name: Place("home", name, "home") for name in ("A", "B", "C", "D", "E")}
    space = Space("mine", "My space", "person", tuple(page_of.values()))
    monkeypatch.setattr(context, "SPACES", (space,))
    page = open_page("/styleguide/", make_manager(), width=390)
    for name in ("A", "B", "C", "D"):
        assert page.locator(".bottombar > a", has_text=name).is_visible()
    page.locator(".bottombar summary").click()
    fifth = page.locator(".bottombar .menu__list a", has_text="E")
    box = fifth.bounding_box()
    assert 0 < box["y"] < 800 - box["height"]
    assert offences(page) == []
