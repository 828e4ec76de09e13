"""The panel in a real browser: with JavaScript, without it, and without a mouse."""

import json

import pytest
from django.conf import settings
from django.test import Client

from ambassadors.models import Ambassador, Charter
from campaigns.models import Share
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_invitation,
    make_link,
    make_person,
    make_share,
    make_tally,
    make_user,
)

LINE = "I work at Orvaly."
TEXT = "A school that warms itself with its pupils’ heat."
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def content():
    content = make_content(campaign=make_campaign(disclosure_en=LINE), language="en")
    make_caption(content, language="en", text=TEXT)
    make_caption(content, language="en", text="What does a warm school cost?")
    return content


@pytest.fixture
def maelle(content):
    ambassador = make_ambassador(make_user(language="en"), networks=["linkedin"])
    make_person(ambassador.user, job_title="Building technologist")
    ambassador.accept(Charter.objects.current(), language="en")
    return ambassador


@pytest.fixture
def open_page(browser, live_server):
    opened = []

    def visit(path, user=None, width=1280, theme="light", **options):
        window = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            locale="en-CA",
            base_url=live_server.url,
            **options,
        )
        window.grant_permissions(["clipboard-read", "clipboard-write"])
        outside = {"body": "<title>Composer</title>", "content_type": "text/html"}
        window.route(lambda url: "localhost" not in url, lambda route: route.fulfill(**outside))
        opened.append(window)
        if user:
            window.add_cookies([_session(user, live_server.url)])
        page = window.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
        page.goto(path)
        return page

    yield visit
    for window in opened:
        window.close()


def _session(user, address):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}


def test_from_the_feed_to_posted_without_leaving_it(open_page, maelle, content):
    page = open_page("/feed/?topic=all", maelle.user)
    page.locator("#feed-items").get_by_role("link", name="Share " + content.title).click()
    panel = page.get_by_role("dialog")
    panel.get_by_label("Your text").fill("My own words.")
    with page.expect_popup() as popup:
        panel.get_by_role("button", name="Copy text and open LinkedIn").click()
    popup.value.wait_for_url("https://www.linkedin.com/sharing/share-offsite/?url=*")
    assert popup.value.evaluate("window.opener") is None
    assert page.evaluate("navigator.clipboard.readText()") == f"{LINE}\n\nMy own words."
    panel.get_by_role("button", name="Yes, it’s live").click()
    panel.get_by_text("Your first share is noted").wait_for()
    page.locator("#feed-items").get_by_text("Posted by you on").wait_for(state="attached")
    assert Share.objects.get().state == "declared"
    assert page.complaints == []


def test_the_count_and_the_preview_follow_the_typing(open_page, maelle, content):
    page = open_page(f"/share/{content.pk}/?network=x", maelle.user)
    page.get_by_label("Your text").fill("a" * 280)
    over = len(LINE) + 2 + 24
    page.get_by_text(f"{over} characters over X’s limit of 280.").first.wait_for()
    assert page.locator("#share-beyond").text_content() == "a" * over
    page.get_by_label("Your text").fill("Short.")
    assert page.locator("#share-over").is_hidden()
    assert page.locator("#share-fits").text_content() == f"{LINE}\n\nShort."


def test_the_server_and_the_page_show_the_same_count(open_page, maelle, content):
    counts = []
    for javascript in (True, False):
        page = open_page(
            f"/share/{content.pk}/?network=x", maelle.user, java_script_enabled=javascript
        )
        page.wait_for_load_state("networkidle")
        counts.append(page.locator("#share-count").inner_text())
    assert counts[0] == counts[1]


def test_a_text_that_is_too_long_opens_no_window(open_page, maelle, content):
    page = open_page(f"/share/{content.pk}/?network=x", maelle.user)
    page.get_by_label("Your text").fill("a" * 280)
    page.get_by_text("characters over").first.wait_for()
    page.get_by_role("button", name="Open X").click()
    page.locator(":focus").filter(has_text="over X’s limit").wait_for()
    assert page.get_by_label("Your text").input_value() == "a" * 280
    assert len(page.context.pages) == 1


def test_own_words_follow_to_another_network_and_a_wording_comes_back(open_page, maelle, content):
    page = open_page(f"/share/{content.pk}/", maelle.user)
    box = page.get_by_label("Your text")
    box.fill("My own words.")
    page.get_by_role("radio", name="Question").check()
    if box.input_value() == "My own words.":
        page.get_by_role("radio", name="Short").check()
    assert box.input_value() != "My own words."
    box.fill("Mine again.")
    page.get_by_role("link", name="Bluesky").click()
    page.get_by_role("button", name="Open Bluesky").wait_for()
    assert box.input_value() == "Mine again."


def test_the_question_takes_the_focus_when_one_comes_back(open_page, maelle, content):
    page = open_page(f"/share/{content.pk}/", maelle.user)
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Copy text and open LinkedIn").click()
    page.get_by_role("heading", name="Posted?").wait_for()
    popup.value.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    assert page.evaluate("document.activeElement.textContent") == "Posted?"


def test_without_javascript_from_the_feed_to_posted(open_page, maelle, content):
    page = open_page("/feed/", maelle.user, java_script_enabled=False)
    page.locator("section[aria-labelledby=this-week]").get_by_role(
        "link", name="Share " + content.title
    ).click()
    page.get_by_label("Your text").fill("My own words.")
    page.get_by_role("button", name="Update count and preview").click()
    assert page.locator("#share-fits").text_content() == f"{LINE}\n\nMy own words."
    page.get_by_role("button", name="Copy text and open LinkedIn").click()
    assert page.get_by_label("Text to paste").input_value() == f"{LINE}\n\nMy own words."
    with page.expect_popup():
        page.get_by_role("link", name="Open LinkedIn").click()
    page.get_by_role("button", name="Yes, it’s live").click()
    assert "Your first share is noted" in page.locator("main").inner_text()
    assert Share.objects.get().state == "declared"


def test_without_a_mouse_from_the_feed_to_posted(open_page, maelle, content):
    page = open_page("/feed/", maelle.user)
    walk_to(page, "Share " + content.title)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    walk_to(page, "Copy text and open LinkedIn")
    with page.expect_popup() as popup:
        page.keyboard.press("Enter")
    popup.value.close()
    page.get_by_role("button", name="Yes, it’s live").wait_for()
    walk_to(page, "Yes, it’s live")
    page.keyboard.press("Enter")
    page.locator(":focus", has_text="Your first share is noted").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")


def walk_to(page, words):
    """Tabs until what has the focus says `words`."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate("document.activeElement.textContent ?? ''")
        if " ".join(said.split()) == words:
            return
    raise AssertionError(f"The keyboard does not get to “{words}”.")


SHARE_SHEET = """navigator.share = (post) => {
  document.body.dataset.shared = JSON.stringify(post);
  return Promise.resolve();
}"""


def test_on_a_phone_the_device_s_own_share_sheet_is_offered(open_page, maelle, content):
    page = open_page("/feed/", maelle.user, width=390, has_touch=True, is_mobile=True)
    page.add_init_script(SHARE_SHEET)
    page.goto(f"/share/{content.pk}/")
    page.get_by_role("button", name="Share with an app on this phone").click()
    page.locator("body[data-shared]").wait_for()
    shared = json.loads(page.locator("body").get_attribute("data-shared"))
    assert shared["text"].startswith(LINE)
    assert shared["url"].startswith(settings.LINK_BASE_URL)
    assert Share.objects.get().link.network.slug == "copy"


# --- What axe sees -----------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_on_any_of_these_pages(open_page, maelle, content, width, theme):
    shared = make_share(
        make_link(ambassador=maelle, content=make_content(campaign=content.campaign))
    )
    make_tally(shared.link)
    gone = make_content(campaign=content.campaign)
    make_share(make_link(ambassador=maelle, content=gone))
    gone.withdraw(gone.author, "A figure was wrong.")
    paths = [
        "/feed/",
        "/feed/?language=fr&topic=rare",
        f"/share/{content.pk}/",
        f"/share/{content.pk}/?network=mastodon",
        f"/share/{gone.pk}/",
        "/impact/",
        "/charter/",
        "/programme/leave/",
        *(f"/welcome/{step}/" for step in Ambassador.Step.values),
    ]
    page = open_page("/feed/", maelle.user, width=width, theme=theme)
    assert {path: found for path in paths if (found := offences(page, path))} == {}


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_way_in(open_page, width):
    page = open_page("/join/", width=width)
    assert offences(page, "/join/") == []
    assert offences(page, "/charter/") == []
    address = make_invitation(make_user(language="en")).url.removeprefix(settings.BASE_URL)
    assert offences(page, address) == []


def offences(page, path):
    """What axe finds wrong there, and whether the page is wider than its window."""
    from axe_playwright_python.sync_playwright import Axe

    page.goto(path)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [
        *([f"{path} is too wide"] if wider else []),
        *((v["id"], [n["html"] for n in v["nodes"]]) for v in found),
    ]
