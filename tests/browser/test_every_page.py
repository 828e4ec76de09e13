"""Every page, as each role, in both languages, on a phone and on a desk, in either theme.

The pages are those of tests/world.py, which finds new ones by itself. Their statuses and their
words are tested without a browser in tests/config/test_language.py.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import TimeoutError

from ambassadors.models import Role
from tests.world import LANGUAGES, STRANGER, World

pytestmark = pytest.mark.django_db(transaction=True)
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
# A page is as wide as its words, so both widths are seen in both languages; its colours and its
# structure are the same in both, so axe reads a light desk in one and a dark phone in the other.
THOROUGH = {"fr": DESK, "en": PHONE}
# All its rules: WCAG 2.2 AA, and what is good practice.
AXE = """options => axe.run(document, {resultTypes: ["violations"], ...options}).then(
  found => found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 140)}`)))"""
# WCAG 2.5.8, which axe leaves out unless it is named.
TARGETS = {"rules": {"target-size": {"enabled": True}}}
# As tall as a page: a bar over the fold would halve what is under it.
TALL = {"height": 12_000}
LISTEN = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation",
    event => window.refused.push(`refused by the CSP, ${event.violatedDirective}: ${event.blockedURI}`));
"""
SHAPE = """lang => {
  const count = selector => document.querySelectorAll(selector).length;
  const one = ["h1", "main"].filter(name => count(name) !== 1);
  return one.map(name => `${count(name)} ${name}`)
    .concat(document.title.trim() ? [] : ["no title"])
    .concat(document.documentElement.lang === lang ? [] : [`not said to be ${lang}`])
    .concat(window.refused);
}"""
WIDER = "document.documentElement.scrollWidth > window.innerWidth ? ['wider than the window'] : []"
UNFOLD = "document.querySelectorAll('main details').forEach(each => each.open = true)"
SEND_EMPTY = """() => {
  const form = document.createElement("form");
  form.method = "post";
  form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
  document.body.append(form);
  form.submit();
}"""
OPENERS = ":is(a, button)[hx-target='#sheet'], [data-dialog]"


class Walk:
    """A browser in which somebody of `world` opens pages; `look` gives what is wrong with one."""

    def __init__(self, browser, origin, world):
        self._origin, self._world, self._heard = origin, world, []
        self._window = browser.new_context(
            base_url=origin,
            locale=settings.HTML_LANG[world.language],
            reduced_motion="reduce",
            viewport=DESK,
        )
        self._window.add_init_script(LISTEN)
        self._page = self._window.new_page()
        self._page.on("pageerror", lambda error: self._heard.append(str(error)))
        self._page.on("console", self._listen)
        self._page.on("request", self._watch)

    def close(self):
        self._window.close()

    def look(self, page):
        """What is wrong with a page at a desk; then on a phone, with everything unfolded."""
        self._heard.clear()
        self._show("light", DESK)
        if not self._open(page):
            return []
        self._page.evaluate(AXE_SCRIPT)
        found = self._page.evaluate(SHAPE, settings.HTML_LANG[self._world.language])
        found += self._reproaches(DESK)
        self._show("dark", PHONE)
        found += self._page.evaluate(WIDER)
        self._page.evaluate(UNFOLD)
        found += self._reproaches(PHONE) + self._dialog()
        return sorted({*found, *self._heard})

    def _show(self, theme, size):
        self._page.emulate_media(color_scheme=theme)
        self._page.set_viewport_size(size)

    def _open(self, page):
        """Goes there as the page wants it; whether it is one to look at."""
        self._window.clear_cookies()
        cookies = self._world.visitor(page).cookies.items()
        self._window.add_cookies(
            [{"name": name, "value": c.value, "url": self._origin} for name, c in cookies]
        )
        answer = self._page.goto(page.path)
        if answer.status != self._world.expects(page):
            self._heard.append(f"answers {answer.status}")
        if page.empty:
            with self._page.expect_navigation():
                self._page.evaluate(SEND_EMPTY)
        return answer.headers.get("content-type", "").startswith("text/html")

    def _reproaches(self, size):
        """In a window of that size: what is too wide, and what axe finds where it reads."""
        found = self._page.evaluate(WIDER)
        if size == THOROUGH[self._world.language]:
            self._page.set_viewport_size(size | TALL)
            found += self._page.evaluate(AXE, TARGETS if size == PHONE else {})
            self._page.set_viewport_size(size)
        return found

    def _dialog(self):
        """What the page's first button for it opens above the page."""
        opener = self._page.locator(OPENERS).locator("visible=true")
        if not opener.count():
            return []
        named = opener.first.evaluate("button => button.outerHTML.slice(0, 140)")
        opener.first.click()
        try:
            self._page.locator("dialog[open]").wait_for(timeout=15_000)
        except TimeoutError:
            return [f"opens no dialog: {named}"]
        return self._page.evaluate(AXE, {}) + self._page.evaluate(WIDER)

    def _listen(self, line):
        # Chromium reports the page's own status as an error too, and what this test itself brings
        # along where a frame may run no script.
        passed_over = ("the server responded with a status of", "Blocked script execution in")
        if line.type == "error" and not any(each in line.text for each in passed_over):
            self._heard.append(line.text)

    def _watch(self, request):
        if not request.url.startswith((f"{self._origin}/", "data:", "blob:")):
            self._heard.append(f"asks {request.url}")


@pytest.fixture
def walk(browser, live_server):
    walks = []

    def begin(world):
        walks.append(Walk(browser, live_server.url, world))
        return walks[-1]

    yield begin
    for each in walks:
        each.close()


# In parts of about two dozen pages, so that two workers end together.
PARTS = {STRANGER: 1, Role.AMBASSADOR: 2, Role.MANAGER: 4, Role.ADMIN: 2}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("role", "part"), [(role, part) for role, parts in PARTS.items() for part in range(parts)]
)
def test_a_page_has_nothing_to_reproach(walk, role, part, language):
    world = World(role, language)
    pages = [page for page in world.pages() if world.opens(page)]
    seen = walk(world)
    found = {str(page): seen.look(page) for page in pages[part :: PARTS[role]]}
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert len(found) > 15


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", [Role.AMBASSADOR, Role.MANAGER])
def test_a_page_with_nothing_on_it_has_nothing_to_reproach(walk, role, language):
    world = World(role, language, empty=True)
    seen = walk(world)
    found = {str(page): seen.look(page) for page in world.pages() if world.opens(page)}
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert len(found) > 5
