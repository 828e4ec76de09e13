"""Three stories without a mouse: who shares, who approves, who runs the programme.

At every stop the focus is drawn and in sight, it is never lost, and what happens is said once.
"""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from ambassadors.models import Ambassador
from campaigns.models import Campaign, Content, Share
from tests.browser.hands import Hands, open_window, without_mouse
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_invitation,
    make_manager,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "quite-a-long-one-2026"
LINE = "I work at Orvaly."


@pytest.fixture
def walk(browser, live_server, monkeypatch):
    """`walk("/feed/", user)`: hands at a fresh page, and no mouse."""
    opened = []

    def begin(path, user=None, **options):
        hands = Hands(open_window(browser, live_server, path, user, **options))
        opened.append(hands.page.context)
        without_mouse(monkeypatch)
        return hands

    yield begin
    for window in opened:
        window.close()


def make_items():
    """Fourteen items on one topic, two on another; two wordings each for LinkedIn."""
    heat, hiring = make_topic(name="Heat", slug="heat"), make_topic(name="Hiring", slug="hiring")
    campaign = make_campaign(name_en="Winter", disclosure_en=LINE, disclosure_fr=LINE)
    for n in range(14):
        topic = hiring if n < 2 else heat
        content = make_content(title=f"Item {n}", campaign=campaign, language="en", topics=[topic])
        for words in ("A school that warms itself.", "What does a warm school cost?"):
            make_caption(content, language="en", text=words)


# --- The ambassador --------------------------------------------------------------------------


def join(hands):
    hands.press("Tab")
    assert hands.look()["name"] == "Skip to content"
    hands.press("Enter")
    hands.enter("Choose a password (optional)")
    hands.write(PASSWORD, name=re.compile("^Password"))
    hands.go("Yes, I’ll take part")
    hands.tab_to(re.compile("^I have read"))
    hands.press("Space")
    hands.go("Agree and go on")
    hands.tab_to("Heat")
    hands.press("Space")
    hands.go("Save and go on")
    hands.tab_to("Bluesky")
    hands.press("Space")
    hands.enter("I am on Mastodon: my server")
    hands.tab_to(re.compile("server"))
    hands.go("Save and go on")
    hands.go("Later")
    hands.page.wait_for_url("**/feed/**")


def log_out_and_in(hands):
    hands.enter(re.compile("^Me:"))
    hands.press("Escape")
    assert hands.look()["name"].startswith("Me:")
    hands.press("Enter")
    hands.go("Log out")
    hands.page.goto("/accounts/login/")
    hands.enter("Use my password")
    hands.write(Ambassador.objects.get().user.email, name=re.compile("^E-?mail"))
    hands.write(PASSWORD, name=re.compile("^Password"))
    with hands.page.expect_navigation():
        hands.press("Enter")
    hands.page.wait_for_url("**/feed/**")


def filter_the_feed(hands):
    hands.page.wait_for_timeout(400)
    hands.forget()
    hands.enter("Hiring")
    hands.hears("2 items shown")
    assert hands.look()["name"] == "Hiring"
    assert "topic=hiring" in hands.page.url
    hands.enter("Everything")
    hands.hears("10 items shown")
    hands.enter("Show 10 more")
    hands.hears("14 items shown")
    assert hands.look()["trail"] == "li"
    hands.page.evaluate("history.back()")
    expect(hands.page.locator("#feed-items > li")).to_have_count(10)
    # The page is fetched anew, and its items are there before its stylesheet.
    hands.page.wait_for_load_state()
    assert hands.page.url.endswith("?topic=all")


def share(hands):
    """From the card to "My effect", in a dialog that closes and gives the focus back."""
    hands.enter("Share Item 13")
    hands.settle("^Item 13$")
    hands.press("Escape")
    assert hands.look()["name"] == "Share Item 13"
    hands.press("Enter")
    hands.settle("^Item 13$")
    hands.enter("Bluesky")
    hands.page.get_by_role("button", name="Open Bluesky").wait_for()
    hands.settle("^Bluesky$")
    hands.enter("LinkedIn", back=True)
    hands.page.get_by_role("button", name="Copy text and open LinkedIn").wait_for()
    hands.settle("^LinkedIn$")
    hands.tab_to(re.compile("^(Short|Question)"))
    hands.press("ArrowDown")
    assert re.match("Short|Question", hands.look()["name"])
    hands.write("My own words.", name="Your text")
    hands.forget()
    hands.tab_to("Copy text and open LinkedIn")
    with hands.page.expect_popup() as popup:
        hands.press("Enter")
    hands.hears("Text copied.")
    popup.value.close()
    hands.page.bring_to_front()
    hands.page.evaluate("window.dispatchEvent(new Event('focus'))")
    hands.settle("Posted?")
    hands.enter("Yes, it’s live")
    hands.settle("Your first share is noted")
    hands.hears("Your first share is noted")
    hands.go("See my effect")


def change_preferences(hands):
    hands.enter(re.compile("^Me:"))
    hands.go("Preferences")
    hands.tab_to(re.compile("^Every"))
    hands.press("ArrowDown")
    hands.go("Save")
    hands.hears("Saved")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_ambassador_needs_no_mouse(walk, width):
    make_items()
    user = make_user(language="en", email="sam@orvaly.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    hands = walk(make_invitation(user).url.removeprefix(settings.BASE_URL), width=width)
    join(hands)
    log_out_and_in(hands)
    filter_the_feed(hands)
    share(hands)
    assert Share.objects.get().state == "declared"
    hands.tab_to("Item 13")
    change_preferences(hands)
    hands.page.goto("/impact/")
    hands.go("Leave the programme")
    hands.tab_to("Leave the programme")
    hands.is_well()


# --- The approver ----------------------------------------------------------------------------


def make_waiting(*titles):
    now = timezone.now()
    for n, title in enumerate(titles):
        make_content(
            title=title,
            status="in_review",
            submitted_at=now - timedelta(hours=9 - n),
            published_at=None,
        )


def ask_for_changes(hands):
    """First without the note, which is the one thing to write."""
    hands.forget()
    hands.go("Ask for changes")
    hands.settle("^What has to change")
    hands.hears("Say what has to change")
    hands.write("Say the salary.")
    hands.go("Ask for changes")
    hands.settle("^Two$")
    hands.hears("Changes requested for “One”.")


def test_an_approver_needs_no_mouse(walk):
    make_waiting("One", "Two", "Three", "Four")
    hands = walk("/desk/", make_manager(language="en"))
    hands.go("Approvals")
    hands.enter("One")
    # Not the link of that name: what it brought.
    hands.page.locator("#decide-title:focus").wait_for()
    ask_for_changes(hands)
    hands.go("Approve")
    hands.settle("^Three$")
    hands.hears("Approved: “Two”.")
    hands.press("j")
    hands.hears("Shown beside the list: Four")
    hands.press("k")
    hands.hears("Shown beside the list: Three")
    with hands.page.expect_navigation():
        hands.press("a")
    hands.settle("^Four$")
    hands.forget()
    hands.go("Approve")
    hands.settle("^Everything is approved")
    hands.hears("Approved: “Four”.")
    assert set(Content.objects.values_list("status", flat=True)) == {
        "changes_requested",
        "published",
    }
    hands.is_well()


# --- Who runs the programme ------------------------------------------------------------------


def write_item(hands):
    hands.go("Write an item")
    hands.enter("Submit for approval")
    # The browser itself leads to what is missing.
    hands.settle("^Link$")
    hands.write("https://orvaly.example/winter")
    hands.write("A winter of figures", name="Title")
    hands.write("They are checked.", name="Why share it")
    hands.tab_to("Network")
    hands.go("Add a text")
    hands.settle("^LinkedIn")
    hands.write("What winter taught us.")
    hands.go("Submit for approval")
    hands.hears("Submitted.")
    Content.objects.update(status="approved")


def test_who_runs_the_programme_needs_no_mouse(walk):
    make_ambassador()
    hands = walk("/campaigns/new/", make_manager(language="en"))
    hands.go(re.compile("^Start from this"))
    hands.write("Come and join us", name=re.compile("^Name.*English"))
    hands.go("Save and continue")
    hands.tab_to(re.compile("^(English|French)$"))
    hands.press("Space")
    hands.hears("active ambassador")
    hands.press("Space")
    hands.hears("active ambassador")
    hands.go("Save and continue")
    planned = hands.page.url
    write_item(hands)
    hands.page.goto(planned)
    hands.go("Continue")
    hands.go("Save and continue")
    hands.go("Submit for approval")
    hands.hears("Submitted.")
    Campaign.objects.get().approve(make_manager())
    hands.page.reload()
    hands.go("Check and launch")
    hands.go("Launch")
    hands.hears("Launched")
    hands.go("Take the launch back")
    hands.hears("Taken back.")
    assert Campaign.objects.get().state == "approved"
    hands.is_well()
