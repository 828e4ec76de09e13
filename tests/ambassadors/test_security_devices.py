"""A login from elsewhere is told by mail, and nothing is kept by which one could be followed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import Entry, Notification
from ambassadors.models import Device
from ambassadors.privacy.rules import forget_devices
from tests.activity.conftest import post_office  # noqa: F401 (a fixture)
from tests.activity.post_office import deliver_all, expand_all, text_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-2026"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"


@pytest.fixture
def lea():
    user = make_user(language="en", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def log_in(client, user, address="203.0.113.7", agent=FIREFOX):
    client.post(
        "/accounts/login/",
        {"login": user.email, "password": PASSWORD},
        REMOTE_ADDR=address,
        headers={"user-agent": agent},
    )
    client.post("/accounts/logout/")


def mails():
    expand_all()
    return Notification.objects.filter(kind="account.device").count()


def test_the_first_login_and_the_same_again_are_not_told(client, lea):
    log_in(client, lea)
    log_in(client, lea, address="203.0.113.99")
    assert mails() == 0


@pytest.mark.parametrize(("address", "agent"), [("198.51.100.7", FIREFOX), ("203.0.113.7", CHROME)])
def test_another_network_or_another_browser_is_told_once(client, lea, address, agent):
    log_in(client, lea)
    log_in(client, lea, address, agent)
    log_in(client, lea, address, agent)
    assert mails() == 1


def test_the_mail_says_when_with_what_from_where_and_what_to_do(
    client,
    lea,
    post_office,  # noqa: F811
):
    log_in(client, lea)
    log_in(client, lea, "198.51.100.7", CHROME)
    expand_all()
    deliver_all()
    text = text_of(post_office.only_mail())
    assert "With: Chrome, Android. From about: 198.51.100.0/24." in text
    assert "198.51.100.7" not in text
    assert "It was not you?" in text
    assert "/accounts/2fa/" in text


def test_neither_the_address_nor_the_browser_can_be_read_from_what_is_kept(client, lea):
    log_in(client, lea)
    [kept] = Device.objects.values()
    assert set(kept) == {"id", "user_id", "mark", "seen_at"}
    assert len(kept["mark"]) == 64


def test_the_trail_has_it(client, lea):
    log_in(client, lea)
    log_in(client, lea, agent=CHROME)
    assert Entry.objects.get(verb="user.new_device").device == "Chrome, Android"


def test_a_refused_login_is_no_device(client, lea):
    client.post("/accounts/login/", {"login": lea.email, "password": "wrong-wrong-wrong"})
    assert not Device.objects.exists()


def test_what_was_not_used_for_half_a_year_is_forgotten(client, lea):
    log_in(client, lea)
    Device.objects.update(seen_at=timezone.now() - timedelta(days=181))
    forget_devices(timezone.now() - timedelta(days=180))
    assert not Device.objects.exists()
