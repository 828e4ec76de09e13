"""The same three stories where no script runs: every page reads, and every form is sent."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from ambassadors.models import Charter
from campaigns.models import Campaign, Content, Share
from tests.browser.hands import open_window
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
PEOPLE = Path(__file__).parents[1] / "data" / "people-small.csv"
LINE = "I work at Orvaly."


@pytest.fixture
def plain(browser, live_server):
    """`plain("/feed/", user)`: a page where no script runs."""
    opened = []

    def visit(path, user=None):
        page = open_window(browser, live_server, path, user, java_script_enabled=False)
        opened.append(page.context)
        return page

    yield visit
    for window in opened:
        window.close()


def press(page, name, exact=True):
    page.locator("main").get_by_role("button", name=name, exact=exact).first.click()
    # The click waits for an answer's first byte: what is on the page comes after it.
    page.wait_for_load_state()


def messages(page):
    return page.locator("#messages").inner_text()


def test_an_ambassador_needs_no_script(plain):
    topic = make_topic(name="Heat")
    content = make_content(
        title="A warm school",
        campaign=make_campaign(disclosure_en=LINE),
        language="en",
        topics=[topic],
    )
    make_caption(content, language="en", text="It warms itself.")
    user = make_user(language="en")
    page = plain(make_invitation(user).url.removeprefix(settings.BASE_URL))
    press(page, "Yes, I’ll take part")
    page.get_by_role("checkbox").check()
    press(page, "Agree and go on")
    press(page, "Save and go on")
    press(page, "Save and go on")
    page.get_by_role("link", name="Share A warm school").click()
    page.get_by_role("link", name="LinkedIn").first.click()
    page.get_by_label("Your text").fill("My own words.")
    press(page, "Copy text and open LinkedIn")
    assert page.get_by_label("Text to paste").input_value() == f"{LINE}\n\nMy own words."
    address = page.get_by_role("link", name=re.compile("^Open LinkedIn")).get_attribute("href")
    assert address.startswith("https://www.linkedin.com/sharing/share-offsite/?url=")
    press(page, "Yes, it’s live")
    assert "Your first share is noted" in messages(page)
    assert Share.objects.get().state == "declared"


def test_the_feed_is_filtered_by_its_form(plain):
    ambassador = make_ambassador(make_user(language="en"))
    ambassador.accept(Charter.objects.current(), language="en")
    campaign = make_campaign()
    make_content(campaign=campaign, language="fr", title="Une école")
    make_content(campaign=campaign, language="en", title="A school")
    page = plain("/feed/?topic=all", ambassador.user)
    page.get_by_label("Language").select_option("en")
    press(page, "Filter")
    assert "language=en" in page.url
    assert page.locator("#feed-items h3").all_inner_texts() == ["A school"]


def test_an_approver_needs_no_script(plain):
    for title in ("One", "Two"):
        make_content(title=title, status="in_review", published_at=None)
    Content.objects.update(submitted_at=Content.objects.first().publish_at)
    page = plain("/approvals/", make_manager(language="en"))
    page.locator("#queue").get_by_role("link", name="One").click()
    press(page, "Ask for changes")
    assert "Say what has to change" in page.locator("#decide").inner_text()
    page.locator("#decide textarea").fill("Say the salary.")
    press(page, "Ask for changes")
    assert "Changes requested" in messages(page)
    press(page, "Approve")
    assert dict(Content.objects.values_list("title", "status")) == {
        "One": "changes_requested",
        "Two": "published",
    }


def test_a_campaign_is_planned_and_submitted_without_a_script(plain):
    make_ambassador()
    page = plain("/campaigns/new/?kind=recruiting", make_manager(language="en"))
    page.get_by_label("Name in English").fill("Come and join us")
    press(page, "Save and continue")
    press(page, "Save and continue")
    page.get_by_role("link", name="Write an item").click()
    page.locator("[name=url]").fill("https://orvaly.example/jobs")
    page.locator("[name=title]").fill("A day in sales")
    page.locator("[name=why]").fill("You may know somebody.")
    press(page, "Add a text")
    page.locator("#composer .caption textarea").first.fill("A day with us.")
    press(page, "Refresh the preview")
    assert "A day with us." in page.locator("#preview").inner_text()
    press(page, "Submit for approval")
    assert "Submitted." in messages(page)
    campaign = Campaign.objects.get()
    page.goto(f"{campaign.get_absolute_url()}plan/check/")
    press(page, "Submit for approval")
    assert "Submitted." in messages(page)
    campaign.refresh_from_db()
    assert campaign.state == "in_review"


def test_a_list_of_people_is_sent_and_checked_without_a_script(plain):
    page = plain("/people/import/", make_manager(language="en"))
    page.locator("#import-file input[type=file]").set_input_files(PEOPLE)
    press(page, "Check this file")
    assert page.locator("h1").inner_text() in {"Check before enrolling", "Columns"}


def test_preferences_language_and_theme_stay_without_a_script(plain):
    user = make_user(language="en")
    page = plain("/preferences/", user)
    press(page, "Save")
    assert "/preferences/" in page.url
    page.locator(".topbar [data-menu] summary").click()
    page.locator('.topbar button[value="dark"]').click()
    assert page.url.endswith("/preferences/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.locator('.topbar button[name="language"]').click()
    assert page.url.endswith("/preferences/")
    assert page.locator("html").get_attribute("lang") == "fr-CA"
