from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Click, Salt
from campaigns.tracking.classify import local_day
from campaigns.tracking.consumer import Consumer, connect
from campaigns.tracking.tasks import drop_old_salts
from campaigns.tracking.visitors import address, salt_of, visitor_hash
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_link

SALT, OTHER = b"s" * 16, b"o" * 16
TRANSACTIONAL = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_the_same_visitor_has_another_hash_on_another_day():
    assert visitor_hash(SALT, "192.0.2.1", "a") == visitor_hash(SALT, "192.0.2.1", "a")
    assert visitor_hash(SALT, "192.0.2.1", "a") != visitor_hash(OTHER, "192.0.2.1", "a")


def test_address_and_agent_both_tell_visitors_apart():
    hashes = {visitor_hash(SALT, ip, agent) for ip in ("192.0.2.1", "192.0.2.2") for agent in "ab"}
    assert len(hashes) == 4
    assert {len(one) for one in hashes} == {16}


def test_a_device_that_changes_its_own_half_of_an_address_is_the_same_visitor():
    here, there = "2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::9"
    assert visitor_hash(SALT, here, "a") == visitor_hash(SALT, there, "a")
    assert visitor_hash(SALT, here, "a") != visitor_hash(SALT, "2001:db8:1:3::1", "a")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 192.0.2.8", "198.51.100.7"),
        (2, "198.51.100.7", "198.51.100.7"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, expected):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert address("192.0.2.1", forwarded) == expected


@TRANSACTIONAL
def test_all_edges_use_the_same_salt_and_keep_it_out_of_the_click(edge, clicks):
    link = make_link()
    edge.get(f"/{link.code}")
    clicks.delete(f"clicks:salt:{local_day(timezone.now())}")  # Redis may forget it
    with EdgeServer() as other:
        other.get(f"/{link.code}")
    hashes = {fields["v"] for _, fields in clicks.xrange("clicks")}
    assert len(hashes) == 1
    assert Salt.objects.count() == 1


@TRANSACTIONAL
def test_salts_of_past_days_are_destroyed_everywhere(clicks):
    today = local_day(timezone.now())
    for day in (today, today - timedelta(days=1), today - timedelta(days=2)):
        salt_of(day.isoformat())
        clicks.set(f"clicks:salt:{day}", "{}")
        clicks.set(f"old:clicks:salt:{day}", "{}")
    drop_old_salts()
    assert [salt.day for salt in Salt.objects.all()] == [today]
    assert set(clicks.keys("*salt*")) == {f"clicks:salt:{today}", f"old:clicks:salt:{today}"}


@TRANSACTIONAL
def test_no_address_is_anywhere_after_a_click(edge, clicks, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    edge.get(f"/{make_link().code}", x_forwarded_for="203.0.113.77")
    assert "203.0.113.77" not in str(clicks.xrange("clicks"))
    with connect() as redis:
        Consumer(redis).drain()
    [row] = Click.objects.values()
    assert "203.0.113.77" not in str(row)
