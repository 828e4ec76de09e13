"""The second step: who must have one, and what it does."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.management import call_command

from activity.models import Entry, Notification
from tests.activity.post_office import expand_all
from tests.factories import make_admin, make_ambassador, make_manager, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-2026"


@pytest.fixture(autouse=True)
def _required(settings, _without_second_step):
    settings.SECOND_STEP_REQUIRED = True


def now_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_login(user):
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def log_in(client, user):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


@pytest.mark.parametrize("make", [make_manager, make_admin])
def test_who_runs_the_programme_sets_up_a_step_before_anything_else(client, make):
    log_in(client, with_login(make(language="en", password=PASSWORD)))
    for path in ("/", "/people/", "/my-data/", "/notifications/"):
        assert client.get(path)["Location"] == "/accounts/2fa/"
    page = client.get("/accounts/2fa/").content.decode()
    assert "First of all, a second step" in page
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def test_a_post_leads_there_too_and_does_nothing(as_user):
    as_user(make_admin()).post("/tokens/", {"name": "x", "scope": "scim", "life": "90"})
    assert not Entry.objects.filter(verb="token.issued").exists()


def test_ambassadors_are_free_to_have_none(as_user):
    user = make_user()
    make_ambassador(user)
    assert as_user(user).get("/my-data/").status_code == 200


def test_set_up_in_four_steps_and_then_go_on(client):
    user = with_login(make_admin(language="en", password=PASSWORD))
    log_in(client, user)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": now_of(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    assert "they are shown this once" in client.get(answer["Location"]).content.decode()
    assert client.get("/roles/").status_code == 200


def test_the_password_alone_no_longer_opens(client):
    user = with_login(make_manager(password=PASSWORD))
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    assert log_in(client, user)["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/people/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": now_of(secret)})
    assert client.get("/people/").status_code == 200


def test_a_code_is_not_taken_twice(client):
    user = with_login(make_manager(password=PASSWORD))
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    code = now_of(secret)
    for expected in (200, 302):
        log_in(client, user)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert client.get("/people/").status_code == expected
        client.post("/accounts/logout/")


def test_the_last_step_of_who_must_have_one_cannot_be_taken_off(as_user):
    user = make_admin()
    TOTP.activate(user, generate_totp_secret())
    client = as_user(user)
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 200
    assert Authenticator.objects.filter(user=user).exists()


def test_recovery_codes_are_shown_once_counted_and_used_up(as_user, client):
    user = with_login(make_manager(language="en", password=PASSWORD))
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    page = as_user(user).get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"\b\d{8}\b", re.search(r"<textarea.*?</textarea>", page, re.S)[0])
    assert len(codes) == 10
    assert f"data:text/plain;charset=utf-8,Porte-voix%0D%0A{codes[0]}" in page
    again = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert codes[0] not in again
    client.post("/accounts/logout/")
    log_in(client, user)
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert "9 codes left" in client.get("/accounts/2fa/").content.decode()


def test_secrets_do_not_stand_in_the_database():
    user, secret = make_user(), generate_totp_secret()
    TOTP.activate(user, secret)
    kept = Authenticator.objects.get(user=user)
    assert secret not in str(kept.data)
    assert kept.wrap().validate_code(now_of(secret))


def test_with_another_key_of_the_server_no_code_is_right(settings):
    user, secret = make_user(), generate_totp_secret()
    TOTP.activate(user, secret)
    settings.SECRET_KEY = "another-" * 8
    assert not Authenticator.objects.get(user=user).wrap().validate_code(now_of(secret))


def test_every_change_is_told_by_mail_and_in_the_trail(as_user):
    user = make_user(language="en")
    TOTP.activate(user, generate_totp_secret())
    as_user(user).post("/accounts/2fa/totp/deactivate/")
    expand_all()
    entry = Entry.objects.get(verb="user.sign_in_changed")
    assert (entry.actor_id, entry.data["what"]) == (user.pk, "totp_deactivated")
    assert Notification.objects.filter(kind="account.changed", recipient=user).count() == 1


def test_who_lost_everything_starts_anew(capsys):
    user = make_admin()
    TOTP.activate(user, generate_totp_secret())
    call_command("reset_second_step", user.email)
    assert not Authenticator.objects.filter(user=user).exists()
    assert Entry.objects.filter(verb="user.second_step_reset").count() == 1
