"""A short address at the edge: said, typed, scanned, moved, turned off."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import IntegrityError, connections, transaction

from activity.models import Entry
from campaigns.content.models import WrongState
from campaigns.models import Click, Content, Link, ShortAddress, Tally
from campaigns.sharing.models import Taken, is_short_address, new_code, plain_code
from campaigns.tracking.consumer import Consumer, connect
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_address, make_campaign, make_content, make_link, make_manager

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
A_SECOND = 1.05


def statuses(*servers, path="/carrieres"):
    return [server.get(path).status for server in servers]


@pytest.mark.parametrize(
    "typed",
    [
        "/carrieres",
        "/Carrieres",
        "/CARRIERES",
        "/carri%C3%A8res",
        "/Carrie%CC%80res",
        "/carrieres).",
    ],
)
def test_it_is_found_however_it_is_typed(edge, typed):
    make_address()
    assert edge.get(typed).status == 302


def test_it_counts_on_the_programmes_own_link_and_on_nobody(edge):
    address = make_address()
    answer = edge.get("/carrieres")
    assert "utm_source=programme&utm_medium=programme&" in answer.headers["location"]
    with closing(connect()) as line:
        Consumer(line).drain()
    link = Click.objects.get().link
    assert (link.kind, link.ambassador, link.network.slug) == ("programme", None, "programme")
    tally = Tally.objects.get()
    assert (tally.content, tally.ambassador, tally.department) == (address.content, None, None)


def test_a_scan_is_told_from_a_typed_address_and_leads_to_the_same_page(edge, clicks):
    address = make_address()
    typed = edge.get("/carrieres").headers["location"]
    for query in ("?q", "?q=", "?fbclid=x&q", "?q&utm_source=x"):
        scanned = edge.get(f"/carrieres{query}").headers["location"]
        assert scanned == typed.replace("utm_source=programme&", "utm_source=programme-qr&")
    networks = {link.pk: link.network.slug for link in address.content.links.all()}
    counted = [networks[int(fields["l"])] for _, fields in clicks.xrange("clicks")]
    assert counted == ["programme", *["programme-qr"] * 4]


def test_a_persons_link_does_not_care_for_the_mark_of_a_scan(edge):
    link = make_link()
    assert edge.get(f"/{link.code}?q").headers["location"] == link.destination


def test_a_new_one_answers_everywhere_within_a_second(edge):
    content = make_content()
    with EdgeServer() as other:
        assert statuses(edge, other) == [404, 404]
        make_address(content=content)
        time.sleep(A_SECOND)
        assert statuses(edge, other) == [302, 302]


def test_one_that_is_turned_off_has_ended_everywhere_and_comes_back(edge):
    address = make_address()
    with EdgeServer() as other:
        assert statuses(edge, other) == [302, 302]
        address.turn_off(by=make_manager())
        time.sleep(A_SECOND)
        assert statuses(edge, other) == [410, 410]
        address.turn_on(by=make_manager())
        time.sleep(A_SECOND)
        assert statuses(edge, other) == [302, 302]


def test_one_that_is_moved_leads_there_everywhere_and_old_clicks_stay(edge):
    campaign = make_campaign()
    old, new = make_content(campaign=campaign), make_content(campaign=campaign)
    address = make_address(content=old)
    edge.get("/carrieres")
    with EdgeServer() as other:
        other.get("/carrieres")
        address.move(new, by=make_manager())
        time.sleep(A_SECOND)
        for server in (edge, other):
            assert f"utm_content={new.pk}" in server.get("/carrieres").headers["location"]
    with closing(connect()) as line:
        Consumer(line).drain()
    assert [Tally.objects.filter(content=c).totals()["clicks"] for c in (old, new)] == [2, 2]


def test_it_follows_its_item_and_never_gives_a_secret_away(edge):
    make_address("mise-a-nu", make_content(status=Content.Status.APPROVED))
    make_address(content=make_content(status=Content.Status.EXPIRED))
    address = make_address("adieu")
    address.content.withdraw(by=make_manager(), note="Faux chiffre.")
    paths = ["/mise-a-nu", "/carrieres", "/adieu", "/rien-du-tout"]
    assert [edge.get(path).status for path in paths] == [404, 410, 451, 404]
    assert edge.get("/mise-a-nu").body == edge.get("/rien-du-tout").body


def test_its_card_names_the_address_as_it_is_printed(edge, settings):
    make_address()
    card = edge.get("/CARRI%C3%88RES", user_agent="Twitterbot/1.0")
    assert f'og:url" content="{settings.LINK_BASE_URL}/carrieres"' in card.body


@pytest.mark.parametrize("word", ["carrieres", "abc", "a-b", "2026", "code-123", "x" * 32])
def test_what_may_be_one(word):
    assert is_short_address(word)


@pytest.mark.parametrize(
    "word",
    [
        *["", "ab", "x" * 33, "-abc", "abc-", "a--b", "a b", "a_b", "é-té", "healthz", "admin"],
        *["abcdefgh", "ABCdef12", "12345678", "abc\n", "a/b", "ab.c", "abc\x00", "аbс"],
    ],
)
def test_what_may_not(word):
    assert not is_short_address(word)


def test_no_persons_code_is_ever_a_short_address():
    assert not any(is_short_address(plain_code(new_code())) for _ in range(200))


@pytest.mark.parametrize("code", ["abcdefgh", "Carrieres", "a b", "-a", "ABCDEF12"])
def test_the_database_holds_it_too(code):
    with pytest.raises(IntegrityError), transaction.atomic():
        ShortAddress.objects.create(code=code, content=make_content())


def test_a_link_of_the_programme_is_nobodys_and_one_for_each_place():
    address = make_address()
    link = Link.objects.for_programme(address.content)
    assert Link.objects.of_programme().count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.filter(pk=link.pk).update(ambassador=make_link().ambassador)


def test_a_code_is_given_once_even_to_two_at_once():
    campaign, by = make_campaign(), make_manager()
    contents = [make_content(campaign=campaign) for _ in range(2)]

    def give(content):
        with closing(connections["default"]):
            try:
                return ShortAddress.give(content, "carrieres", by=by)
            except Taken as taken:
                return taken

    with ThreadPoolExecutor(2) as pool:
        given = list(pool.map(give, contents))
    assert sorted(type(one).__name__ for one in given) == ["ShortAddress", "Taken"]


def test_what_is_done_to_it_is_written_down_once():
    by, address = make_manager(), make_address()
    elsewhere = make_content()
    with pytest.raises(WrongState):
        address.move(elsewhere, by=by)
    with pytest.raises(WrongState):
        address.turn_on(by=by)
    address.turn_off(by=by)
    with pytest.raises(WrongState):
        ShortAddress.objects.get().turn_off(by=by)
    entries = Entry.objects.filter(subject_type="campaigns.shortaddress")
    assert [entry.verb for entry in entries.order_by("pk")] == ["address.given", "address.off"]
