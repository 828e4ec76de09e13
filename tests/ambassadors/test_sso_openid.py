"""Logging in at a real OpenID provider, from the login page to one's own first page."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from activity.models import Entry
from ambassadors.accounts.sso.models import Provider
from ambassadors.models import Person, Role, SignUp, User
from tests.ambassadors.identity import SECRET, openid_provider
from tests.factories import make_admin, make_provider, make_user

pytestmark = pytest.mark.django_db
SLUG = "company"


@pytest.fixture(scope="module")
def idp(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openid")
    with openid_provider(folder, f"http://127.0.0.1:8000/sso/{SLUG}/callback/") as running:
        yield running


@pytest.fixture
def company(idp, settings):
    settings.FETCH_ALLOWED_HOSTS = [urlsplit(idp.issuer).netloc]
    return make_provider(issuer=idp.issuer, secret=SECRET, slug=SLUG, name="Orvaly ID")


def person(email="lea@orvaly.example", **said):
    return {
        "email": email,
        "email_verified": True,
        "given_name": "Léa",
        "family_name": "Roy",
    } | said


def begin(client, path=""):
    answer = client.get(reverse("ambassadors:sso-begin", args=[SLUG]), {"next": path})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def log_in(client, idp, who="s-1", path=""):
    """All of it, in one browser; our answer to the browser's return."""
    back = urlsplit(idp.log_in(begin(client, path), who))
    return client.get(f"{back.path}?{back.query}")


def logged_in(client):
    return client.session.get("_auth_user_id")


def test_a_known_person_comes_in_by_a_verified_address(client, idp, company):
    idp.people.are(**{"s-1": person()})
    lea = make_user(email="lea@orvaly.example")
    answer = log_in(client, idp, path="/charter/")
    assert (answer.status_code, answer["Location"]) == (302, "/charter/")
    assert logged_in(client) == str(lea.pk)
    assert SocialAccount.objects.get(user=lea).uid == "s-1"
    assert EmailAddress.objects.get(user=lea).verified


def test_nothing_of_what_the_provider_says_is_kept(client, idp, company):
    idp.people.are(**{"s-1": person()})
    make_user(email="lea@orvaly.example")
    log_in(client, idp)
    assert SocialAccount.objects.get().extra_data == {}


def test_a_question_carries_state_nonce_and_pkce(client, company):
    asked = parse_qs(urlsplit(begin(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


def test_a_question_takes_nothing_from_the_address(client, company):
    given = {"auth_params": "redirect_uri=http://evil.example", "scope": "admin", "process": "x"}
    answer = client.get(reverse("ambassadors:sso-begin", args=[SLUG]), given)
    assert "evil" not in answer["Location"]
    assert "admin" not in answer["Location"]


def test_an_unknown_person_is_refused_where_only_the_enrolled_come_in(client, idp, company):
    idp.people.are(**{"s-1": person()})
    answer = log_in(client, idp)
    assert answer.status_code == 403
    assert not logged_in(client)
    assert answer.context["refusal"].reason == "unknown"
    assert not User.objects.filter(email="lea@orvaly.example").exists()


def test_an_unknown_person_starts_with_the_lowest_role(client, idp, company):
    idp.people.are(**{"s-1": person()})
    Provider.objects.update(admits="anybody")
    log_in(client, idp)
    lea = User.objects.get(email="lea@orvaly.example")
    assert (lea.role, lea.first_name, lea.last_name) == (Role.AMBASSADOR, "Léa", "Roy")
    assert Person.objects.filter(user=lea).exists()
    assert not lea.has_usable_password()
    assert Entry.objects.filter(verb="user.arrived", subject_id=lea.pk).exists()


@pytest.mark.parametrize("said", [False, "false", None, "yes", ""])
def test_an_unverified_address_opens_nothing(client, idp, company, said):
    idp.people.are(**{"s-1": person(email_verified=said)})
    make_admin(email="lea@orvaly.example")
    Provider.objects.update(admits="anybody", vouches=True)
    assert log_in(client, idp).status_code == 403
    assert not logged_in(client)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "email",
    ["lea@stranger.example", "lea@mail.orvaly.example", "lea@orvaly.example.evil.example", ""],
)
def test_an_address_of_another_domain_opens_nothing(client, idp, company, email):
    idp.people.are(**{"s-1": person(email=email)})
    make_user(email=email or "lea@stranger.example")
    Provider.objects.update(admits="anybody")
    assert log_in(client, idp).status_code == 403
    assert not logged_in(client)
    assert not SocialAccount.objects.exists()


def test_a_silent_provider_is_believed_only_on_the_administrators_word(client, idp, company):
    silent = person()
    del silent["email_verified"]
    idp.people.are(**{"s-1": silent})
    make_user(email="lea@orvaly.example")
    assert log_in(client, idp).status_code == 403
    Provider.objects.update(vouches=True)
    assert log_in(client, idp).status_code == 302


def test_a_changed_address_brings_nobody_elses_account(client, idp, company):
    idp.people.are(**{"s-1": person()})
    lea, boss = make_user(email="lea@orvaly.example"), make_admin(email="boss@orvaly.example")
    log_in(client, idp)
    client.logout()
    idp.people.are(**{"s-1": person(email="boss@orvaly.example")})
    log_in(client, idp)
    assert logged_in(client) == str(lea.pk) != str(boss.pk)


def test_an_address_given_to_somebody_else_brings_nothing_along(client, idp, company):
    idp.people.are(**{"s-1": person(), "s-2": person()})
    make_user(email="lea@orvaly.example")
    log_in(client, idp)
    client.logout()
    assert log_in(client, idp, "s-2").status_code == 403
    assert not logged_in(client)


def test_a_closed_account_stays_closed(client, idp, company):
    idp.people.are(**{"s-1": person()})
    lea = make_user(email="lea@orvaly.example")
    log_in(client, idp)
    client.logout()
    lea.deactivate(by=make_admin())
    assert log_in(client, idp).status_code == 403
    assert not logged_in(client)


def test_a_domain_that_moved_takes_its_people_along(client, idp, company):
    idp.people.are(**{"s-1": person()})
    make_user(email="lea@orvaly.example")
    log_in(client, idp)
    client.logout()
    company.set_up(["orvaly-france.example"], by=None)
    assert log_in(client, idp).status_code == 403
    assert not logged_in(client)


def test_a_password_from_before_the_mailbox_was_shown_is_void(client, idp, company):
    idp.people.are(**{"s-1": person()})
    lea = make_user(email="lea@orvaly.example", password="known-to-somebody-else")
    log_in(client, idp)
    lea.refresh_from_db()
    assert not lea.has_usable_password()


def test_another_browser_cannot_be_logged_in_with_my_answer(client, idp, company):
    """Login CSRF: the victim's browser is sent the attacker's own callback."""
    idp.people.are(**{"s-1": person()})
    make_user(email="lea@orvaly.example")
    back = urlsplit(idp.log_in(begin(client), "s-1"))
    victim = type(client)()
    begin(victim)
    answer = victim.get(f"{back.path}?{back.query}")
    assert answer.status_code == 403
    assert not logged_in(victim)


def test_an_answer_opens_one_session(client, idp, company):
    idp.people.are(**{"s-1": person()})
    make_user(email="lea@orvaly.example")
    back = urlsplit(idp.log_in(begin(client), "s-1"))
    assert client.get(f"{back.path}?{back.query}").status_code == 302
    client.logout()
    assert client.get(f"{back.path}?{back.query}").status_code == 403
    assert not logged_in(client)


def test_a_code_is_good_once_whatever_the_state(client, idp, company):
    idp.people.are(**{"s-1": person()})
    make_user(email="lea@orvaly.example")
    first = parse_qs(urlsplit(idp.log_in(begin(client), "s-1")).query)
    back = urlsplit(idp.log_in(begin(client), "s-1"))
    client.get(f"{back.path}?{back.query}")
    client.logout()
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    answer = client.get(back.path, {"state": state, "code": first["code"][0]})
    assert answer.status_code == 403
    assert not logged_in(client)


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_the_login_nobody_is_sent_elsewhere(client, idp, company, path):
    idp.people.are(**{"s-1": person()})
    make_user(email="lea@orvaly.example")
    assert log_in(client, idp, path=path)["Location"] == "/"


def test_a_provider_that_is_off_opens_nothing(client, idp, company):
    back = urlsplit(idp.log_in(begin(client), "s-1"))
    Provider.objects.update(is_on=False)
    assert client.get(f"{back.path}?{back.query}").status_code == 404
    assert client.get(reverse("ambassadors:sso-begin", args=[SLUG])).status_code == 404


def test_who_says_no_at_the_provider_is_told_that_nothing_happened(client, company):
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    given = {"state": state, "error": "access_denied"}
    answer = client.get(reverse("ambassadors:sso-callback", args=[SLUG]), given)
    assert answer.status_code == 403
    assert not Entry.objects.filter(verb="sign_on.refused").exists()


def test_a_refusal_is_in_the_trail_without_a_name(client, idp, company):
    idp.people.are(**{"s-1": person(email="lea@stranger.example")})
    log_in(client, idp)
    entry = Entry.objects.get(verb="sign_on.refused")
    assert entry.data["reason"] == "address_foreign"
    assert "lea" not in str(entry.data)


def test_a_second_factor_is_still_asked_of_who_set_one(client, idp, company):
    idp.people.are(**{"s-1": person()})
    TOTP.activate(make_user(email="lea@orvaly.example"), generate_totp_secret())
    assert log_in(client, idp)["Location"] == reverse("mfa_authenticate")
    assert not logged_in(client)


def test_who_is_on_no_list_may_ask_to_be(client, idp, company):
    idp.people.are(**{"s-1": person()})
    log_in(client, idp)
    client.post(reverse("ambassadors:sign-up-ask"))
    assert (SignUp.objects.get().email, SignUp.objects.get().last_name) == (
        "lea@orvaly.example",
        "Roy",
    )
    assert client.post(reverse("ambassadors:sign-up-ask")).status_code == 404


def test_only_a_confirmed_address_may_ask(client, idp, company):
    idp.people.are(**{"s-1": person(email_verified=False)})
    log_in(client, idp)
    assert client.post(reverse("ambassadors:sign-up-ask")).status_code == 404
    assert not SignUp.objects.exists()
