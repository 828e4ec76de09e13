"""How often one may try, from where, and what an answer gives away."""

from threading import Barrier, Thread

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisIsAway

from tests.factories import make_provider, make_user

PASSWORD = "a-long-password-2026"
WRONG = "not-the-password-2026"


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()
    # However long the attempts take, they are within one minute.
    with time_machine.travel(timezone.now(), tick=False):
        yield
    cache.clear()


@pytest.fixture
def lea(db):
    user = make_user(language="en", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def attempt(email, password=WRONG, address="203.0.113.7", **headers):
    client = Client(REMOTE_ADDR=address, headers=headers)
    client.post("/accounts/login/", {"login": email, "password": password})
    return client.get("/notifications/").status_code == 200


def test_after_five_wrong_passwords_the_right_one_waits_too(lea):
    for _ in range(5):
        attempt(lea.email)
    assert not attempt(lea.email, PASSWORD)


def test_another_address_in_the_header_is_not_believed(lea, settings):
    for number in range(40):
        attempt("nobody@orvaly.example", **{"x-forwarded-for": f"198.51.100.{number}"})
    # The limit by address is spent, whatever the header said.
    assert not attempt(lea.email, PASSWORD, **{"x-forwarded-for": "198.51.100.200"})


def test_behind_one_proxy_the_last_address_counts_and_what_is_before_it_does_not(lea, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(31):
        attempt(
            f"nobody{number}@orvaly.example",
            **{"x-forwarded-for": f"10.0.0.{number}, 203.0.113.7"},
        )
    assert not attempt(lea.email, PASSWORD, **{"x-forwarded-for": "10.9.9.9, 203.0.113.7"})
    assert attempt(lea.email, PASSWORD, **{"x-forwarded-for": "10.9.9.9, 203.0.113.8"})


def test_of_ipv6_a_whole_64_is_one_address(lea):
    for number in range(31):
        attempt(f"nobody{number}@orvaly.example", address=f"2001:db8:1:2::{number:x}")
    assert not attempt(lea.email, PASSWORD, address="2001:db8:1:2:ffff::1")
    assert attempt(lea.email, PASSWORD, address="2001:db8:1:3::1")


@pytest.mark.django_db(transaction=True)
def test_forty_wrong_passwords_at_once_are_five(settings, monkeypatch):
    user = make_user(password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    judged, start, usual = [], Barrier(40), Argon2PasswordHasher.verify

    def verify(self, *args):
        judged.append(1)
        return usual(self, *args)

    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify)

    def one():
        start.wait()
        attempt(user.email)
        connection.close()

    threads = [Thread(target=one) for _ in range(40)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(judged) <= 5


def test_while_nothing_can_be_counted_nobody_logs_in(lea, monkeypatch):
    def away(*args, **kwargs):
        raise RedisIsAway

    monkeypatch.setattr(type(cache._connections["default"]), "add", away)
    client = Client(raise_request_exception=False)
    answer = client.post("/accounts/login/", {"login": lea.email, "password": PASSWORD})
    assert answer.status_code >= 500
    assert "_auth_user_id" not in client.session


# --- What an answer gives away ---------------------------------------------------------------


def of(path, field, email):
    return Client(headers={"accept-language": "en"}).post(path, {field: email, "password": WRONG})


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/accounts/login/", "login"),
        ("/accounts/login/code/", "email"),
        ("/accounts/password/reset/", "email"),
        ("/sso/", "email"),
    ],
)
def test_known_and_unknown_addresses_are_answered_alike(lea, path, field):
    known, unknown = of(path, field, lea.email), of(path, field, "x" + lea.email[1:])
    assert (known.status_code, known.get("Location")) == (
        unknown.status_code,
        unknown.get("Location"),
    )


@pytest.mark.parametrize("path", ["/accounts/login/code/", "/accounts/password/reset/"])
def test_each_asks_the_mail_server_for_one_mail(lea, path):
    for email in (lea.email, "x" + lea.email[1:]):
        of(path, "email", email)
    assert len(mail.outbox) == 2


def test_an_unknown_address_costs_a_password_check_too(lea, monkeypatch):
    worked, usual = [], Argon2PasswordHasher.encode

    def encode(self, *args, **kwargs):
        worked.append(1)
        return usual(self, *args, **kwargs)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    of("/accounts/login/", "login", "nobody@orvaly.example")
    assert len(worked) == 1


def test_the_look_up_of_a_domain_says_nothing_of_people(lea):
    make_provider()
    domain = lea.email.partition("@")[2]
    known, unknown = of("/sso/", "email", lea.email), of("/sso/", "email", f"nobody@{domain}")
    assert known.status_code == unknown.status_code == 200
    assert known.context["address"] == unknown.context["address"]
