"""The trail says from where, and never from which door."""

import pytest
from django.urls import reverse

from activity.log import record
from activity.models import Entry
from activity.origin import Origin, coming_from, device_of, network_of
from tests.factories import confirm, make_ambassador, make_user

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("nowhere", ""),
        ("", ""),
    ],
)
def test_of_an_address_the_end_is_not_kept(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (X11; CrOS) AppleWebKit/1 Chrome/1 Safari/1", "Chrome, ChromeOS"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/1 CriOS/1 Mobile Safari/1", "Chrome, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/1 Safari/1", "Safari, macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/1 Safari/1 Edg/1", "Edge, Android"),
        ("curl/8", ""),
        ("x" * 100_000 + "Firefox/", ""),
    ],
)
def test_a_device_is_named_roughly(agent, device):
    assert device_of(agent) == device


@pytest.mark.django_db
def test_what_a_request_does_says_from_where(client):
    person = make_ambassador()
    client.force_login(person.user)
    confirm(client, person.user)
    client.post(
        reverse("ambassadors:programme-leave"),
        headers={"user-agent": FIREFOX},
        REMOTE_ADDR="203.0.113.77",
    )
    entry = Entry.objects.get(verb="ambassador.left")
    assert (entry.network, entry.device) == ("203.0.113.0/24", "Firefox, Windows")


@pytest.mark.django_db
def test_what_the_product_does_by_itself_comes_from_nowhere():
    with coming_from(Origin("203.0.113.0/24", "Firefox")):
        pass
    entry = record("test.seen", subject=make_user())
    assert (entry.network, entry.device) == ("", "")
