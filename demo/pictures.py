"""python -m demo.pictures: a picture of each main screen, of the demo company, into docs/screens.

Taken of a product of its own. The same day gives the same pictures: the company is made from one
seed, windows have one size, nothing blinks or moves.
"""

import io
import re
import sys
import time
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import sync_playwright

from launch import chromium
from launch.product import StepFailed
from launch.state import ROOT
from launch.trial import Product

FOLDER = ROOT / "docs" / "screens"
GALLERY = FOLDER / "README.md"
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
MAIL_WITHIN = 60


@dataclass(frozen=True)
class Screen:
    """A page: who sees it, its address, the links one then follows, and how it looks in words.

    looks: LANGUAGE, with -dark and -390 (on a phone) where wanted. height: of the window, when
    it is not a phone's.
    """

    name: str
    title: str
    who: str
    path: str
    alt: str
    looks: tuple[str, ...]
    follow: tuple[str, ...] = ()
    height: int = 900

    def files(self):
        return [f"{self.name}-{look}.png" for look in self.looks]


SCREENS = (
    Screen(
        "feed",
        "Feed",
        "ambassador",
        "/feed/",
        "Last week’s visits by day, three items chosen for this person, then the feed.",
        ("fr", "en", "en-dark-390"),
    ),
    Screen(
        "share-panel",
        "Share panel",
        "ambassador",
        "/feed/",
        "A network, a text to begin with, one’s own words under the disclosure, and the preview.",
        ("fr", "en-390"),
        (".card h3:not([lang]) a",),
    ),
    Screen(
        "my-effect",
        "My effect",
        "ambassador",
        "/impact/",
        "Measured visits and declared posts apart, visits by day, topics and networks.",
        ("fr", "en-dark"),
    ),
    Screen(
        "preferences",
        "Preferences",
        "ambassador",
        "/preferences/",
        "How often the digest comes, what one hears about, language and time zone.",
        ("en",),
    ),
    Screen(
        "welcome",
        "Welcome: the charter",
        "newcomer",
        "/welcome/charter/",
        "The first of four steps: the rules in six sentences, what is measured and what never is.",
        ("fr", "en-390"),
    ),
    Screen(
        "desk",
        "HR desk",
        "manager",
        "/desk/",
        "What waits, the campaigns that run against their targets, the next fourteen days.",
        ("fr", "en-dark-390"),
    ),
    Screen(
        "campaign",
        "Campaign sheet",
        "manager",
        "/campaigns/laval-embauche/",
        "A running campaign: its steps, goal, three kinds of figures, items, audience and rhythm.",
        ("en",),
    ),
    Screen(
        "library",
        "Library",
        "manager",
        "/library/",
        "Every item with its languages, campaign, status, end and shares, under filters.",
        ("fr",),
    ),
    Screen(
        "composer",
        "Composer",
        "manager",
        "/library/?status=draft",
        "An item being written, beside the card as it will look in the feed.",
        ("en",),
        ("tbody th a", "main a[href$='/edit/']"),
    ),
    Screen(
        "approvals",
        "Approval queue",
        "admin",
        "/approvals/",
        "Three items wait; the first is open with its picture, its texts and the checks passed.",
        ("fr", "en-dark"),
    ),
    Screen(
        "people",
        "People",
        "manager",
        "/people/",
        "Everybody who works here, with department, place, language and standing.",
        ("fr",),
    ),
    Screen(
        "reach",
        "Reach report",
        "admin",
        "/reach/",
        "Measured, declared and estimated figures, each defined; then answers in a sentence.",
        ("en", "fr", "fr-dark"),
        height=1320,
    ),
)


def main():
    with Product.passing() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PROGRAM, args=chromium.FLAGS)
        doors = Doors(product, browser)
        for picture in pictures(doors):
            print(picture, flush=True)
        browser.close()
    GALLERY.write_text(gallery())


def pictures(doors):
    """Takes every picture; gives each one's name and size as it comes."""
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for screen in SCREENS:
        for look, file in zip(screen.looks, screen.files(), strict=True):
            window = doors.open(screen.who, look)
            data = small_png(take(window, doors.product.url, screen, look))
            window.close()
            (FOLDER / file).write_bytes(data)
            yield f"{file}  {len(data) // 1024} KB"


def take(window, url, screen, look):
    """The bytes of the picture: the window's part of the page, as large as the window."""
    page = window.new_page()
    if not look.endswith("-390"):
        page.set_viewport_size({"width": 1280, "height": screen.height})
    page.goto(url + screen.path)
    speak(page, look.split("-")[0])
    for link in screen.follow:
        page.locator(link).first.click()
        page.wait_for_load_state()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    return page.screenshot(animations="disabled", caret="hide")


def speak(page, language):
    """Switch the page to LANGUAGE as a person would."""
    if not page.locator("html").get_attribute("lang").startswith(language):
        page.locator(f"button[name=language][value={language}]:visible").first.click()
        page.locator(f"html[lang^={language}]").wait_for()


def small_png(data):
    """The same picture in 256 colours, a third of the size; interfaces have few."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


class Doors:
    """Opens windows for people who are logged in; each logs in once."""

    def __init__(self, product, browser):
        self.product, self.browser = product, browser
        self._cookies = {}

    def open(self, who, look):
        if who not in self._cookies:
            self._cookies[who] = self._enter(who)
        window = self.browser.new_context(
            **(PHONE if look.endswith("-390") else {}),
            locale="fr-CA",
            color_scheme="dark" if "-dark" in look else "light",
            reduced_motion="reduce",
        )
        window.add_cookies(self._cookies[who])
        return window

    def _enter(self, who):
        window = self.browser.new_context()
        page = window.new_page()
        if who == "newcomer":
            self._enter_by_mail(page, self._somebody_joining())
        else:
            self.product.log_in(page, who)
        cookies = window.cookies()
        window.close()
        return cookies

    def _somebody_joining(self):
        """The address of one who said yes and has the four steps before them."""
        window = self.open("manager", "fr")
        page = window.new_page()
        page.goto(f"{self.product.url}/people/?standing=joining")
        address = page.locator("tbody th .muted").first.inner_text()
        window.close()
        return address

    def _enter_by_mail(self, page, address):
        """Log in with the code that comes by mail: the demo's other people have no password."""
        page.goto(f"{self.product.url}/accounts/login/")
        page.locator("#code_email").fill(address)
        page.locator("#content form button").first.click()
        page.locator("#id_code").fill(self._code_for(address))
        with page.expect_navigation():
            page.locator("#content form button").first.click()

    def _code_for(self, address):
        end = time.monotonic() + MAIL_WITHIN
        while time.monotonic() < end:
            for mail in self.product.mails_to(address):
                if code := re.search(r"^[A-Z0-9-]{6,12}$", self.product.mail_text(mail), re.M):
                    return code[0]
            time.sleep(0.3)
        raise StepFailed(f"no code came for {address}")


def gallery():
    """docs/screens/README.md: every picture with its words."""
    lines = ["# Screens", "", "Of the invented company, made by `make pictures`."]
    for screen in SCREENS:
        lines += ["", f"## {screen.title}", "", screen.alt, ""]
        for look, file in zip(screen.looks, screen.files(), strict=True):
            lines.append(f"![{screen.title}, {in_words(look)}: {screen.alt}]({file})")
    return "\n".join(lines) + "\n"


def in_words(look):
    words = {"fr": "in French", "en": "in English", "dark": "dark", "390": "on a phone"}
    return ", ".join(words[part] for part in look.split("-"))


if __name__ == "__main__":
    try:
        main()
    except StepFailed as why:
        sys.exit(str(why))
