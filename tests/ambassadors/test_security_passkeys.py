"""Passkeys in a real browser, with an authenticator that Chromium plays."""

import pytest
from allauth.mfa.models import Authenticator

from tests.factories import make_manager, make_user

PASSWORD = "a-long-password-2026"


@pytest.fixture
def home(live_server, settings):
    settings.BASE_URL = live_server.url
    assert live_server.url.startswith("http://localhost:")
    return live_server.url


@pytest.fixture
def page(browser):
    context = browser.new_context(locale="en-CA")
    opened = context.new_page()
    opened.wrong = []
    opened.on("console", lambda said: opened.wrong.append(said.text) if said.type == "error" else 0)
    authenticator(context, opened)
    yield opened
    context.close()


def authenticator(context, page, *, verifies=True):
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})[
        "authenticatorId"
    ]


def lea():
    user = make_manager(language="en", email="lea@orvaly.example", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def by_password(page, home, path="/accounts/2fa/"):
    page.goto(f"{home}{path}")
    page.get_by_text("Use my password").click()
    form = page.locator("details.other")
    form.locator("[name=login]").fill("lea@orvaly.example")
    form.locator("[name=password]").fill(PASSWORD)
    form.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{home}{path}")


def add_passkey(page):
    page.get_by_role("link", name="Add a passkey").first.click()
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("they are shown this once").wait_for()


def log_out(page, home):
    page.context.clear_cookies()


def test_a_passkey_is_all_one_needs(page, home, settings):
    settings.SECOND_STEP_REQUIRED = True
    user = lea()
    by_password(page, home)
    page.get_by_text("First of all, a second step").wait_for()
    add_passkey(page)
    [key] = Authenticator.objects.filter(user=user, type="webauthn")
    assert key.wrap().name == "My phone"
    log_out(page, home)
    page.goto(f"{home}/people/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(f"{home}/people/")
    assert page.wrong == []


def test_after_the_password_the_passkey_is_the_second_step(page, home):
    lea()
    by_password(page, home)
    add_passkey(page)
    log_out(page, home)
    page.goto(f"{home}/accounts/login/?next=/people/")
    page.get_by_text("Use my password").click()
    form = page.locator("details.other")
    form.locator("[name=login]").fill("lea@orvaly.example")
    form.locator("[name=password]").fill(PASSWORD)
    form.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/2fa/authenticate/**")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{home}/people/")


def test_a_passkey_confirms_that_it_is_oneself(page, home):
    user = lea()
    by_password(page, home)
    add_passkey(page)
    user.set_unusable_password()
    user.save()
    log_out(page, home)
    page.goto(f"{home}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(lambda url: "login" not in url)
    from django.conf import settings

    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT, before = 0, 600
    page.goto(f"{home}/my-data/erase/")
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = before
    page.wait_for_url("**/webauthn/reauthenticate/**")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{home}/my-data/erase/")


def test_where_there_is_none_it_says_so(page, home):
    make_user()
    page.goto(f"{home}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.get_by_text("Your device gave no passkey.").wait_for()
    assert "login" in page.url


def test_a_removed_passkey_opens_nothing(page, home):
    user = lea()
    by_password(page, home)
    add_passkey(page)
    page.goto(f"{home}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("No passkey yet").wait_for()
    assert not Authenticator.objects.filter(user=user).exists()
    log_out(page, home)
    page.goto(f"{home}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.locator("#messages").wait_for()
    page.goto(f"{home}/people/")
    assert "login" in page.url
