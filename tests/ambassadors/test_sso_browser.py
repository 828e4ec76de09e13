"""The whole way in a browser: our login page, the provider's own pages, and back."""

from urllib.parse import urlsplit

import pytest

from ambassadors.accounts.sso import saml
from tests.ambassadors.identity import SECRET, openid_provider, saml_provider
from tests.factories import make_ambassador, make_provider, make_user


@pytest.fixture
def home(live_server, settings):
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def page(browser):
    opened = browser.new_context(locale="en-CA").new_page()
    yield opened
    opened.context.close()


def make_lea():
    lea = make_user(email="lea@orvaly.example", language="en")
    make_ambassador(lea)
    return lea


def type_address(page, home):
    page.goto(f"{home}/notifications/")
    page.get_by_label("E-mail address").first.fill("lea@orvaly.example")
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_address_is_all_one_types_here_openid(browser, home, settings, tmp_path, javascript):
    with openid_provider(tmp_path, f"{home}/sso/company/callback/") as idp:
        settings.FETCH_ALLOWED_HOSTS = [urlsplit(idp.issuer).netloc]
        make_provider(issuer=idp.issuer, secret=SECRET, slug="company")
        make_lea()
        idp.people.are(**{"s-1": {"email": "lea@orvaly.example", "email_verified": True}})
        context = browser.new_context(locale="en-CA", java_script_enabled=javascript)
        page = context.new_page()
        type_address(page, home)
        page.wait_for_url(f"{idp.issuer}/**")
        page.locator("[name=login]").fill("s-1")
        page.locator("[name=password]").fill("any")
        page.locator("button[type=submit]").click()
        page.wait_for_url(f"{home}/**")
        assert page.url == f"{home}/notifications/"
        context.close()


def test_an_address_is_all_one_types_here_saml(page, home, tmp_path):
    with saml_provider(tmp_path) as idp:
        read = saml.read_metadata(idp.metadata)
        company = make_provider(
            "saml",
            entity_id=read.entity_id,
            sign_in_url=read.sign_in_url,
            certificates=read.certificates,
        )
        idp.serves(company)
        idp.people.are(lea={"nameid": "n-1", "email": "lea@orvaly.example"})
        make_lea()
        type_address(page, home)
        page.wait_for_url(f"{idp.address}/**")
        page.locator("[name=who]").fill("lea")
        page.locator("button").click()
        page.wait_for_url(f"{home}/notifications/")
        assert page.get_by_role("heading", level=1).count() == 1
