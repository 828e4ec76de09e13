"""Whoever tries codes is slowed down; whoever has one is not."""

import time

import pytest

from campaigns.tracking import guesses
from campaigns.tracking.cache import Layered
from campaigns.tracking.guesses import block_of
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_content, make_link

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
OFFICE, GUESSER, NEIGHBOUR = "198.51.100.7", "203.0.113.9", "203.0.113.200"


@pytest.fixture(autouse=True)
def few(settings, monkeypatch):
    """Ten codes instead of sixty, and addresses as our own proxy says them."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    monkeypatch.setattr(guesses, "MOST", 10)


def ask(server, path, address):
    return server.get(path, x_forwarded_for=address)


def guess(server, address, times=20):
    return [ask(server, f"/guess{n:03}", address).status for n in range(times)]


def test_guesses_are_answered_429_and_only_to_those_who_guess(edge):
    assert guess(edge, GUESSER)[-1] == 429
    last = ask(edge, "/another1", NEIGHBOUR)
    assert (last.status, last.headers["retry-after"]) == (429, "60")
    assert ask(edge, "/another1", OFFICE).status == 404


def test_every_edge_knows_who_guesses(edge):
    guess(edge, GUESSER)
    with EdgeServer() as other:
        assert ask(other, "/another2", GUESSER).status == 429


def test_a_link_that_is_there_answers_whoever_asks(edge):
    hot, cold = make_link(), make_link()
    ask(edge, f"/{hot.code}", OFFICE)
    assert guess(edge, GUESSER)[-1] == 429
    assert [ask(edge, f"/{link.code}", GUESSER).status for link in (hot, cold)] == [302, 302]


def test_an_office_that_opens_one_misprinted_link_all_day_guesses_nothing(edge):
    statuses = {ask(edge, "/Misprint", OFFICE).status for _ in range(40)}
    assert statuses == {404}


def test_a_secret_counts_as_what_is_not_there(edge):
    drafts = [make_link(content=make_content(status="approved")) for _ in range(14)]
    assert ask(edge, f"/{drafts[0].code}", GUESSER).status == 404
    assert [ask(edge, f"/{link.code}", GUESSER).status for link in drafts][-1] == 429


def test_no_address_is_kept(edge, clicks):
    guess(edge, GUESSER, 3)
    keys = clicks.keys("clicks:guesses:*")
    assert keys
    assert all(0 < clicks.ttl(key) <= 120 for key in keys)
    assert "203.0.113" not in str(keys)


def test_without_redis_nobody_is_refused(edge, settings):
    settings.CLICKS_REDIS_URL = "redis://127.0.0.1:1/0"
    with EdgeServer() as alone:
        assert set(guess(alone, GUESSER)) == {404}


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("unix:", "unix:"),
    ],
)
def test_a_block_is_what_one_network_hands_out(address, block):
    assert block_of(address) == block


def test_what_is_not_there_never_pushes_out_what_is():
    rows = Layered("x:", None, None, read=None, size=20, fresh=60, kept=60)
    rows._remember("there", b'{"id": 1}', time.monotonic())
    for n in range(1000):
        rows._remember(f"guess{n}", None, time.monotonic())
    assert rows.knows("there")
    assert len(rows._absent) == 2


def test_a_code_that_appears_is_no_longer_absent():
    rows = Layered("x:", None, None, read=None, size=20, fresh=60, kept=60)
    rows._remember("new", None, time.monotonic())
    rows._remember("new", b'{"id": 1}', time.monotonic())
    assert rows._remembered("new").value == {"id": 1}
    assert not rows._absent


def test_a_secret_and_nothing_take_the_same_time(edge):
    """Medians, taken in turn: a difference of less than a few milliseconds even on a busy day."""
    secret, took = make_link(content=make_content(status="approved")), {}
    for n in range(60):
        for path in (f"/{secret.code}", "/Nothing1"):
            start = time.perf_counter()
            assert ask(edge, path, f"10.{n}.1.1").status == 404
            took.setdefault(path, []).append(time.perf_counter() - start)
    medians = [sorted(times)[len(times) // 2] for times in took.values()]
    assert abs(medians[0] - medians[1]) < 0.003
