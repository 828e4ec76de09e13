"""What changes within a page: said once, kept when it fails, sent once however often it is pressed."""

import pytest

from ambassadors.models import Charter
from campaigns.models import Share
from tests.browser.hands import Hands, open_window, session_of
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hands(browser, live_server):
    """Hands at the share panel of an item, for X: 280 characters at most."""
    ambassador = make_ambassador(make_user(language="en"), networks=["x"])
    ambassador.accept(Charter.objects.current(), language="en")
    content = make_content(campaign=make_campaign(disclosure_en=""), language="en")
    make_caption(content, language="en", text="A warm school.")
    page = open_window(browser, live_server, f"/share/{content.pk}/?network=x", ambassador.user)
    hands = Hands(page)
    hands.user, hands.address = ambassador.user, live_server.url
    yield hands
    page.context.close()


def test_the_count_speaks_only_near_the_limit_and_once(hands):
    hands.write("a" * 100, name="Your text")
    hands.page.wait_for_timeout(1300)
    assert hands.page.evaluate("heard.filter((each) => !each.startsWith('>'))") == []
    # Three bursts of typing: one sentence, once the hands rest.
    for _ in range(3):
        hands.page.keyboard.insert_text("b" * 45)
    heard = hands.hears("characters; ")
    assert len(heard) == 1


def test_what_is_too_long_takes_the_focus_and_is_said_once(hands):
    hands.write("a" * 300, name="Your text")
    hands.page.wait_for_timeout(1300)
    hands.forget()
    hands.enter("Open X")
    hands.settle("characters over X’s limit")
    hands.hears("characters over X’s limit")
    assert hands.page.locator("#share-text").input_value() == "a" * 300


def test_two_fast_presses_are_one_share(hands):
    held = []
    hands.page.route("**/open/", lambda route: held.append(route))
    hands.tab_to("Open X")
    hands.press("Enter", "Enter")
    hands.page.wait_for_timeout(400)
    assert len(held) == 1
    held[0].continue_()
    hands.page.get_by_role("heading", name="Posted?").wait_for()
    assert Share.objects.count() == 1


def test_after_a_session_has_ended_the_text_is_sent_from_the_same_page(hands):
    """One logs in again elsewhere, which changes the token of every form."""
    hands.write("My own words.", name="Your text")
    hands.page.context.clear_cookies()
    hands.forget()
    hands.enter("Open X")
    hands.hears("You are no longer logged in")
    hands.page.context.add_cookies([session_of(hands.user, hands.address)])
    hands.enter("Open X")
    hands.page.get_by_role("heading", name="Posted?").wait_for()
    assert hands.page.locator("#share-text").input_value() == "My own words."
    assert Share.objects.count() == 1


def test_a_failure_is_said_again_after_the_dialog_it_was_said_in_has_gone(browser, live_server):
    ambassador = make_ambassador(make_user(language="en"))
    ambassador.accept(Charter.objects.current(), language="en")
    make_caption(make_content(campaign=make_campaign(), language="en"), language="en")
    page = open_window(browser, live_server, "/feed/?topic=all", ambassador.user)
    hands = Hands(page)
    page.get_by_role("link", name="Share ", exact=False).last.press("Enter")
    hands.settle("^Ce qu")
    page.route("**/open/", lambda route: route.fulfill(status=500))
    hands.enter("Copy text and open LinkedIn")
    hands.hears("That did not work on our side")
    hands.press("Escape", "Enter")
    page.locator("#sheet [data-autofocus-swap]:focus").wait_for()
    hands.forget()
    hands.enter("Copy text and open LinkedIn")
    hands.hears("That did not work on our side")
    page.context.close()


def test_a_plain_form_is_as_it_was_when_one_goes_back_from_an_error(browser, live_server):
    page = open_window(browser, live_server, "/campaigns/new/", make_manager(language="en"))
    page.goto("/campaigns/new/?kind=recruiting")
    page.get_by_label("Name in English").fill("Come and join us")
    page.route("**/campaigns/new/**", lambda route: route.fulfill(status=500, body="no"))
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue").press("Enter")
    page.unroute_all()
    page.go_back()
    assert page.get_by_label("Name in English").input_value() == "Come and join us"
    page.context.close()
