"""The login page with a company's login, and what stays open beside it."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from ambassadors.accounts.sso.door import safe_path
from tests.factories import make_admin, make_invitation, make_provider, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-2026"


def make_reader(make=make_user, **fields):
    """Somebody with a password, whose address is verified."""
    user = make(password=PASSWORD, language="en", **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def log_in(client, user, password=PASSWORD):
    form = {"login": user.email, "password": password}
    return client.post(reverse("account_login"), form, headers={"accept-language": "en"})


def is_in(client):
    return "_auth_user_id" in client.session


def find(client, email, **fields):
    return client.post(reverse("ambassadors:sso-find"), {"email": email} | fields)


def test_an_address_leads_to_the_provider_of_its_domain(client):
    provider = make_provider()
    answer = find(client, "Lea@ORVALY.example", next="/charter/")
    begin = f"/sso/{provider.slug}/?next=%2Fcharter%2F"
    assert f'content="0;url={begin}"' in answer.content.decode()


def test_whether_somebody_is_known_is_not_to_be_seen(client):
    make_provider()
    make_user(email="known@orvaly.example")
    pages = [find(client, f"{who}@orvaly.example").content for who in ("known", "nobody")]
    masked = [re.sub(rb"(csrf|X-CSRFToken)[^>]*", b"", page) for page in pages]
    assert masked[0] == masked[1]


def test_an_address_of_another_domain_gets_its_code_by_mail(client):
    make_provider(domains=["orvaly-france.example"])
    user = make_reader()
    answer = find(client, user.email)
    assert answer["Location"] == reverse("account_confirm_login_code")
    assert [each.to for each in mail.outbox] == [[user.email]]


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_way_on_stays_here(client, path):
    make_provider()
    assert "evil" not in find(client, "a@orvaly.example", next=path).content.decode()
    assert safe_path(path) == ""


def test_the_login_page_has_a_button_for_each_provider_that_is_on(client):
    make_provider(name="Orvaly ID")
    make_provider(name="Not yet", is_on=False, domains=["orvaly-france.example"])
    page = client.get(reverse("account_login")).content.decode()
    assert "Orvaly ID" in page
    assert "Not yet" not in page


def test_a_password_still_opens_where_single_sign_on_is_a_choice(client):
    make_provider()
    log_in(client, make_reader())
    assert is_in(client)


def test_a_password_is_refused_where_single_sign_on_is_the_only_way(client):
    make_provider(is_required=True, name="Orvaly ID")
    answer = log_in(client, make_reader())
    assert answer.status_code == 403
    assert "the only way in is Orvaly ID" in answer.content.decode()
    assert not is_in(client)


def test_so_is_a_code_by_mail(client):
    make_provider(is_required=True)
    user = make_reader()
    client.post(reverse("account_request_login_code"), {"email": user.email})
    [code] = re.findall(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{4})\s*$", mail.outbox[0].body, re.MULTILINE)
    answer = client.post(reverse("account_confirm_login_code"), {"code": code})
    assert answer.status_code == 403
    assert not is_in(client)


def test_so_is_an_invitation_which_is_accepted_all_the_same(client):
    make_provider(is_required=True)
    invitation = make_invitation(make_user(language="en"))
    client.get(reverse("ambassadors:invitation-open", args=[invitation.token]))
    answer = client.post(reverse("ambassadors:invitation-answer"), {"answer": "yes"})
    assert answer.status_code == 403
    assert not is_in(client)
    invitation.user.ambassador.refresh_from_db()
    assert invitation.user.ambassador.is_enrolled


def test_a_wrong_password_learns_nothing_of_it(client):
    make_provider(is_required=True)
    assert log_in(client, make_reader(), "wrong").status_code == 200


def test_people_of_other_domains_keep_their_password(client):
    make_provider(is_required=True, domains=["orvaly-france.example"])
    log_in(client, make_reader())
    assert is_in(client)


def test_an_administrator_keeps_a_way_in_for_the_day_it_is_down(client):
    make_provider(is_required=True)
    log_in(client, make_reader(make_admin))
    assert is_in(client)


@pytest.mark.parametrize("page", ["sso-find", "sso-acs"])
def test_a_page_that_was_posted_to_can_be_opened_again(client, page):
    """As the language switch does, which leads back to the address one is on."""
    args = [make_provider("saml").slug] if page == "sso-acs" else []
    answer = client.get(reverse(f"ambassadors:{page}", args=args))
    assert answer["Location"] == reverse("account_login")
