"""Open sessions: seen, ended, and never somebody else's."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.test import Client

from tests.ambassadors.test_security_second_step import now_of
from tests.factories import make_admin, make_manager, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-2026"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def lea():
    return with_login(make_manager(language="en", password=PASSWORD))


def with_login(user):
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def logged_in(user):
    client = Client(headers={"user-agent": FIREFOX})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert is_in(client)
    return client


def is_in(client):
    return client.get("/notifications/").status_code == 200


def key_of(client):
    return client.cookies["session"].value


def test_the_list_says_browser_and_neighbourhood_and_not_the_address(lea):
    page = logged_in(lea).get("/accounts/sessions/").content.decode()
    assert "Firefox, Windows" in page
    assert "127.0.0.0/24" in page
    assert "127.0.0.1<" not in page


def test_of_the_address_only_the_neighbourhood_is_kept(lea):
    made = [
        UserSession.objects.create(user=lea, session_key=address, ip=address)
        for address in ("203.0.113.77", "2001:db8:1:2::7")
    ]
    made.append(UserSession.objects.create(user=lea, session_key="x", ip="192.0.2.1"))
    made[-1].ip = "198.51.100.9"
    made[-1].save()
    kept = UserSession.objects.order_by("pk").values_list("ip", flat=True)
    assert list(kept) == ["203.0.113.0", "2001:db8:1::", "198.51.100.0"]


def test_one_of_mine_is_ended_and_the_other_stays(lea):
    here, there = logged_in(lea), logged_in(lea)
    session = UserSession.objects.get(session_key=key_of(there))
    here.post(f"/accounts/sessions/{session.pk}/end/")
    assert (is_in(here), is_in(there)) == (True, False)


def test_somebody_elses_cannot_be_ended(lea):
    theirs = logged_in(with_login(make_user(password=PASSWORD)))
    session = UserSession.objects.get(session_key=key_of(theirs))
    assert logged_in(lea).post(f"/accounts/sessions/{session.pk}/end/").status_code == 404
    assert is_in(theirs)


def test_all_others_are_ended_at_once(lea):
    here, *others = [logged_in(lea) for _ in range(3)]
    here.post("/accounts/sessions/")
    assert is_in(here)
    assert [is_in(each) for each in others] == [False, False]


def closed(user):
    user.deactivate(by=None)


def given_another_role(user):
    user.change_role("ambassador", by=None)


def with_another_password(user):
    user.set_password("yet-another-password-26")
    user.save()


@pytest.mark.parametrize("change", [closed, given_another_role, with_another_password])
def test_every_session_ends(lea, change):
    make_admin()
    clients = [logged_in(lea), logged_in(lea)]
    change(lea)
    assert [is_in(each) for each in clients] == [False, False]


def test_changing_ones_password_keeps_this_session_and_ends_the_others(lea):
    here, there = logged_in(lea), logged_in(lea)
    new = "yet-another-password-26"
    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert (is_in(here), is_in(there)) == (True, False)


# --- Session fixation ------------------------------------------------------------------------


def test_a_key_planted_before_the_login_is_worth_nothing_after_it(lea):
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = key_of(client)
    client.post("/accounts/login/", {"login": lea.email, "password": PASSWORD})
    assert is_in(client)
    assert key_of(client) != planted
    thief = Client()
    thief.cookies["session"] = planted
    assert not is_in(thief)


def test_the_key_changes_once_more_after_the_second_step(lea):
    secret = generate_totp_secret()
    TOTP.activate(lea, secret)
    client = Client()
    client.post("/accounts/login/", {"login": lea.email, "password": PASSWORD})
    half_way = key_of(client)
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": now_of(secret)})
    assert is_in(client)
    assert key_of(client) != half_way


def test_half_a_login_of_one_person_opens_nothing_of_another(lea):
    TOTP.activate(lea, generate_totp_secret())
    other = with_login(make_manager(password=PASSWORD))
    secret = generate_totp_secret()
    TOTP.activate(other, secret)
    client = Client()
    for user in (lea, other):
        client.post("/accounts/logout/")
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": now_of(secret)})
    assert client.get("/notifications/").wsgi_request.user == other


def test_after_logging_out_the_old_cookie_opens_nothing(lea):
    client = logged_in(lea)
    old = key_of(client)
    client.post("/accounts/logout/")
    client.cookies["session"] = old
    assert not is_in(client)
