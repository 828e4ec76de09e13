"""Before what gives much away, one confirms that it is oneself."""

import re
import time

import pytest
from django.core import mail
from django.urls import reverse

from ambassadors.accounts.policy import POLICY
from ambassadors.models import ApiToken, SignUpLink
from tests.factories import confirm, make_admin, make_provider, make_user
from tests.world import url_names

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "a-long-password-2026"
ASKS = {
    "ambassadors:role-edit",
    "ambassadors:token-list",
    "ambassadors:sign-on-new",
    "ambassadors:sign-on-edit",
    "ambassadors:sign-on-remove",
    "ambassadors:group-role-list",
    "ambassadors:group-role-remove",
    "ambassadors:entry-export",
    "ambassadors:import-download",
    "ambassadors:privacy-run",
    "ambassadors:my-data-export",
    "ambassadors:my-data-download",
    "ambassadors:my-data-erase",
    "ambassadors:charter-export",
    # A link by which strangers come in.
    "ambassadors:sign-up-list",
}
# In the name of an address that gives much away or cannot be taken back.
WEIGHTY = re.compile(r"export|download|erase|role|token|sign-on|provisioning|privacy-run")
# Nothing personal, nothing that anybody gains by, or only to be looked at.
LIGHT = {
    "ambassadors:provisioning-team",
    "ambassadors:role-list",
    "ambassadors:role-matrix",
    "ambassadors:provisioning-detail",
    "ambassadors:sign-on-list",
    "ambassadors:sign-on-test",
    # Taking a right away must be quick.
    "ambassadors:token-revoke",
    # Totals of five people and more, and texts.
    "campaigns:reach-export",
    "campaigns:content-export",
    # allauth asks by itself.
    "mfa_download_recovery_codes",
}


@pytest.fixture
def admin():
    return make_admin(language="en", password=PASSWORD)


@pytest.fixture
def stale(client, admin):
    """Logged in, but not a moment ago."""
    client.force_login(admin, backend=BACKEND)
    return client


def test_these_pages_ask_and_no_other_was_forgotten():
    found = {name for name, _, view in url_names() if getattr(view, "needs_fresh_login", False)}
    assert found >= ASKS


def test_an_address_that_gives_much_away_asks_or_says_why_not():
    weighty = {
        name: getattr(view, "needs_fresh_login", False)
        for name, _, view in url_names()
        if WEIGHTY.search(name)
    }
    assert sorted(name for name, asks in weighty.items() if not asks and name not in LIGHT) == []


def test_a_link_that_lets_people_in_is_made_only_after_confirming(stale):
    assert stale.get("/people/sign-up/").status_code == 200
    assert stale.post("/people/sign-up/", {"automatic": "on"}).status_code == 302
    assert not SignUpLink.objects.exists()


@pytest.mark.parametrize("path", ["/tokens/", "/my-data/erase/", "/sign-on/new/openid/"])
def test_what_is_posted_without_confirming_does_nothing(stale, path):
    answer = stale.post(path, {"name": "CI", "scope": "scim", "life": "90"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not ApiToken.objects.exists()


def test_the_password_opens_for_ten_minutes_and_leads_back(stale, admin):
    person = make_user()
    path = reverse("ambassadors:role-edit", args=[person.pk])
    asked = stale.get(path)
    answer = stale.post(asked["Location"], {"password": PASSWORD})
    assert answer["Location"] == path
    assert stale.get(path).status_code == 200
    confirm(stale, admin, at=time.time() - 601)
    assert stale.get(path).status_code == 302


def test_a_wrong_password_opens_nothing(stale):
    asked = stale.get("/sign-on/new/openid/")
    stale.post(asked["Location"], {"password": "another-one-2026"})
    assert stale.get("/sign-on/new/openid/").status_code == 302


def test_what_was_typed_is_found_again(stale):
    stale.get("/tokens/")
    asked = stale.post("/tokens/", {"name": "La paie du lundi", "scope": "scim", "life": "90"})
    kept = stale.post(asked["Location"], {"password": PASSWORD})["Location"]
    assert kept.startswith("/kept/")
    assert "La paie du lundi" in stale.get(kept).content.decode()


def test_htmx_is_led_to_a_whole_page(stale):
    answer = stale.get("/my-data/erase/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/accounts/reauthenticate/")


def test_a_login_of_a_moment_ago_is_enough(client, admin):
    admin.emailaddress_set.create(email=admin.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    assert client.get("/my-data/erase/").status_code == 200


def test_a_login_by_the_company_is_not(client, admin):
    client.force_login(admin, backend=BACKEND)
    confirm(client, admin)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "socialaccount", "at": time.time(), "provider": "x", "uid": "1"}
    ]
    session.save()
    assert client.get("/my-data/erase/").status_code == 302


# --- Who has no password: a code by mail -----------------------------------------------------


@pytest.fixture
def nobody(client):
    make_provider()
    user = make_user(language="en")
    client.force_login(user, backend=BACKEND)
    return client


def code_in(message):
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", message.body, re.M)[0]


def test_without_password_a_mailed_code_confirms(nobody):
    asked = nobody.get("/my-data/erase/")["Location"]
    assert asked == "/accounts/confirm/code/?next=%2Fmy-data%2Ferase%2F"
    nobody.post(asked, {"send": "1", "next": "/my-data/erase/"})
    code = code_in(mail.outbox[-1])
    answer = nobody.post(asked, {"code": code, "next": "/my-data/erase/"})
    assert answer["Location"] == "/my-data/erase/"
    assert nobody.get("/my-data/erase/").status_code == 200


def test_a_code_is_tried_three_times_and_not_more(nobody):
    path = "/accounts/confirm/code/"
    nobody.post(path, {"send": "1"})
    code = code_in(mail.outbox[-1])
    for _ in range(3):
        assert nobody.post(path, {"code": "AAAA-AAAA"}).status_code == 422
    assert nobody.post(path, {"code": code}).status_code == 422
    assert nobody.get("/my-data/erase/").status_code == 302


def test_a_code_belongs_to_one_session(nobody, client):
    nobody.post("/accounts/confirm/code/", {"send": "1"})
    other = type(client)()
    other.force_login(make_user(), backend=BACKEND)
    assert (
        other.post("/accounts/confirm/code/", {"code": code_in(mail.outbox[-1])}).status_code == 422
    )


def test_codes_are_not_mailed_without_end(nobody):
    for _ in range(6):
        nobody.post("/accounts/confirm/code/", {"send": "1"})
    assert len(mail.outbox) == 3


def test_a_mailed_code_is_no_way_past_a_second_step(stale, admin):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(admin, generate_totp_secret())
    assert stale.get("/accounts/confirm/code/").status_code == 403


@pytest.mark.parametrize("path", ["totp/activate/", "webauthn/add/"])
def test_who_has_no_password_confirms_too_before_adding_a_step(nobody, path):
    assert nobody.get(f"/accounts/2fa/{path}").status_code == 302


# --- There is no impersonation ---------------------------------------------------------------


def test_nobody_can_act_in_the_name_of_another():
    words = ("impersonat", "hijack", "login_as", "login-as", "switch_user", "masquerade")
    names = [*POLICY, *(name for name, _, _ in url_names())]
    assert [name for name in names for word in words if word in name.lower()] == []
