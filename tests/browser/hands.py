"""A page as the keyboard and the ears have it: no mouse, and what a screen reader would say."""

import re

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page

MOUSE = (
    "click",
    "dblclick",
    "hover",
    "tap",
    "check",
    "uncheck",
    "set_checked",
    "drag_to",
    "drag_and_drop",
)
SHORTCUTS = (
    "fill",
    "focus",
    "select_option",
    "press_sequentially",
    "select_text",
    "set_input_files",
)

# What is said: each change of a live region that was there before, an alert that comes in, and the
# name and description of what a script gives the focus. `unheard` are regions that arrive with
# their words in them: most screen readers pass those over.
EARS = """
(() => {
  const LIVE = "[aria-live]:not([aria-live=off]),[role=status],[role=alert],output";
  const words = (e) => (e.innerText ?? e.textContent).replace(/\\s+/g, " ").trim();
  const heard = (window.heard = []), unheard = (window.unheard = []);
  let waiting = new Set(), timer;
  const inert = (e) => {
    const modal = document.querySelector("dialog:modal");
    return modal && !modal.contains(e);
  };
  function flush() {
    for (const region of waiting) {
      const said = region.isConnected && words(region);
      if (said) (inert(region) ? unheard : heard).push(said);
    }
    waiting = new Set();
  }
  function hear(region) {
    waiting.add(region);
    clearTimeout(timer);
    timer = setTimeout(flush, 40);
  }
  addEventListener("DOMContentLoaded", () => {
    const known = new WeakSet(document.querySelectorAll(LIVE));
    new MutationObserver((changes) => {
      for (const change of changes) {
        const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
        const region = at?.closest(LIVE);
        if (region && known.has(region) && (change.addedNodes.length || change.type === "characterData"))
          hear(region);
      }
      for (const change of changes) for (const node of change.addedNodes) {
        if (node.nodeType !== 1) continue;
        for (const region of [node, ...node.querySelectorAll("*")].filter((e) => e.matches(LIVE) && !known.has(e))) {
          known.add(region);
          if (!words(region)) continue;
          if (region.matches("[role=alert]")) hear(region);
          else unheard.push(words(region));
        }
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const text = (ids) => (ids ?? "").split(" ").map((id) => document.getElementById(id)).filter(Boolean).map(words).join(" ");
  window.nameOf = (e) =>
    (text(e.getAttribute("aria-labelledby")) || e.getAttribute("aria-label") || [...(e.labels ?? [])].map(words).join(" ")
      || (e.matches("input,textarea,select") ? e.getAttribute("placeholder") ?? "" : e.textContent)).replace(/\\s+/g, " ").trim();
  // The focus that a script moves is spoken; the one that Tab moves is the listener's own doing.
  let pressed = 0;
  for (const kind of ["keydown", "keyup"]) addEventListener(kind, (event) => { if (event.key === "Tab") pressed = performance.now(); }, true);
  addEventListener("focusin", (event) => {
    if (performance.now() - pressed < 30) return;
    heard.push(`> ${window.nameOf(event.target)} ${text(event.target.getAttribute("aria-describedby"))}`.trim());
  }, true);
  addEventListener("pointerdown", (event) => event.isTrusted && (window.touched = true), true);
})();
"""

# Whether the thing in focus is drawn as such, and in sight: not behind a bar that sticks.
STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return { none: true };
  const frame = e.closest(".composer, label.chip, label.option") ?? e;
  const at = e.matches("[type=checkbox],[type=radio]") ? e.closest("label") ?? e : e;
  const box = at.getBoundingClientRect();
  // What only a script or an address focuses is no stop of Tab: nothing can be done with it.
  const drawn = e.tabIndex < 0 || [frame, e].some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const points = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]];
  // A tall region that scrolls is seen when a part of it is.
  const seen = points.some(([x, y]) => {
    const hit = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
    return hit && (at.contains(hit) || (hit.contains(e) && hit.matches("label")));
  });
  const trail = [e.localName, e.id && "#" + e.id].filter(Boolean).join("");
  return { name: window.nameOf(e), trail, drawn, seen, html: e.outerHTML.slice(0, 160) };
}"""
# What htmx says of a preview that was still under way when the page was left.
ABANDONED = ("htmx:sendAbort", "htmx:afterRequest")


class Hands:
    """Somebody at `page` who has a keyboard and, perhaps, no sight.

    Every stop of the focus is looked at on the way; `faults` is what was wrong there.
    """

    def __init__(self, page):
        self.page, self.faults = page, []

    def at(self):
        """The stop in focus, as STOP tells it; None on the body."""
        stop = self.page.evaluate(STOP)
        return None if stop.get("none") else stop

    def look(self):
        """The stop in focus, which must be drawn and in sight."""
        stop = self.at()
        if stop is None:
            self.faults.append(f"{self.page.url}: the focus is nowhere")
            return {"name": "", "trail": ""}
        for fault in ("drawn", "seen"):
            if not stop[fault]:
                self.faults.append(f"{self.page.url}: not {fault}: {stop['html']}")
        return stop

    def tab_to(self, name, back=False, most=90):
        """Tabs until what has the focus is called `name` (a string: all of it; or a pattern)."""
        met = []
        for _ in range(most):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            # The end of the page: the browser's own buttons come next, then the page again.
            if self.at() is None:
                continue
            stop = self.look()
            met.append(stop["name"])
            if _is(stop["name"], name):
                return stop
            if len(met) > 12 and met[-6:] == met[-12:-6]:
                break
        raise AssertionError(f"the keyboard does not get to {name!r}; it met {met}")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def enter(self, name, **options):
        """Tabs to `name` and presses Enter."""
        self.tab_to(name, **options)
        self.press("Enter")

    def go(self, name, **options):
        """Tabs to `name`, presses Enter, and waits for the page it leads to."""
        self.tab_to(name, **options)
        with self.page.expect_navigation():
            self.press("Enter")

    def write(self, text, name=None):
        """Types in what has the focus, or in `name`, over what is there."""
        if name:
            self.tab_to(name)
        self.press("Control+a")
        self.page.keyboard.insert_text(text)

    def settle(self, words):
        """Waits until what has the focus is called `words` (a pattern), and looks at it."""
        self.page.wait_for_function(
            "w => document.activeElement !== document.body"
            " && new RegExp(w).test(nameOf(document.activeElement))",
            arg=words,
        )
        stop = self.at()
        assert stop, f"the focus is nowhere instead of on {words}"
        if not stop["seen"]:
            self.faults.append(f"{self.page.url}: not seen: {stop['html']}")
        return stop

    def hears(self, words, times=1):
        """Waits for `words` to be said, then makes sure that they were said only `times`."""
        self.page.wait_for_function("w => heard.some((each) => each.includes(w))", arg=words)
        self.page.wait_for_timeout(350)
        heard = self.page.evaluate("heard.splice(0)")
        assert sum(words in each for each in heard) == times, heard
        assert not (unheard := self.page.evaluate("unheard.splice(0)")), f"unheard: {unheard}"
        return heard

    def forget(self):
        """What was heard so far does not count."""
        self.page.evaluate("heard.splice(0), unheard.splice(0)")

    def is_well(self):
        """Nothing was wrong at any stop, no mouse was used, and the console stayed silent."""
        assert not self.faults, self.faults
        assert not self.page.evaluate("window.touched")
        complaints = [line for line in self.page.complaints if not line.startswith(ABANDONED)]
        complaints = [line for line in complaints if "422" not in line]
        assert not complaints, complaints


def _is(name, wanted):
    return name == wanted if isinstance(wanted, str) else bool(wanted.search(name))


def without_mouse(monkeypatch):
    """From here on a mouse, or what stands for one, makes the test fail."""

    def refused(*args, **kwargs):
        raise AssertionError("this test has a keyboard only")

    for name in (*MOUSE, *SHORTCUTS):
        for owner in (Locator, Page):
            if hasattr(owner, name):
                monkeypatch.setattr(owner, name, refused)
    monkeypatch.setattr(Page, "mouse", property(refused))


def open_window(browser, live_server, path, user=None, width=1280, **options):
    """A page of a fresh window, logged in as `user`; outside lies a network that says nothing."""
    window = browser.new_context(
        viewport={"width": width, "height": 800},
        locale="en-CA",
        base_url=live_server.url,
        reduced_motion="reduce",
        **options,
    )
    window.set_default_timeout(8_000)
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    outside = {"body": "<title>Composer</title>", "content_type": "text/html"}
    window.route(re.compile(r"https://"), lambda route: route.fulfill(**outside))
    if user:
        window.add_cookies([session_of(user, live_server.url)])
    page = window.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
    if options.get("java_script_enabled", True):
        page.add_init_script(EARS)
    page.goto(path)
    return page


def session_of(user, address):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}
