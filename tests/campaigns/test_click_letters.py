from io import StringIO

import pytest
from django.core.management import call_command

from campaigns.models import Click
from campaigns.tracking.consumer import GROUP, Consumer, connect
from campaigns.tracking.letters import backlog, letters, replay
from campaigns.tracking.stream import DEAD, STREAM, ClickEvent, Spool, push
from tests.campaigns.conftest import BROWSER, make_posted_link

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def spool(settings):
    return Spool(settings.CLICK_SPOOL)


def drain():
    with connect() as redis:
        Consumer(redis).drain()


def told(*options):
    out = StringIO()
    call_command("clicks", *options, stdout=out)
    return out.getvalue()


def test_without_a_stream_nothing_waits(clicks, spool):
    assert backlog(clicks, spool) == (0, 0, 0, 0, None)


def test_what_waits_is_counted_where_it_waits(clicks, spool):
    link = make_posted_link()
    drain()
    push(clicks, [ClickEvent.make(link.pk).to_fields() for _ in range(5)])
    clicks.xreadgroup(GROUP, "somebody", {STREAM: ">"}, count=2)
    spool.keep([ClickEvent.make(link.pk)])
    found = backlog(clicks, spool)
    assert found[:4] == (3, 2, 1, 0)
    assert found.since is not None
    assert "3 clicks are unread, 2 are held by a consumer, 1 files" in told()


def test_a_dead_letter_is_told_with_its_reason(clicks):
    clicks.xadd(STREAM, {"i": "0" * 32, "t": "1", "l": "987654321"})
    drain()
    [letter] = letters(clicks)
    assert letter.reason.startswith("UnknownLink")
    assert letter.fields == {"i": "0" * 32, "t": "1", "l": "987654321"}
    assert "UnknownLink: no such link: [987654321]" in told()


def test_dead_letters_are_stored_once_what_ailed_them_is_mended(clicks):
    link = make_posted_link()
    made = [ClickEvent.make(link.pk, agent=BROWSER) for _ in range(3)]
    for event in made:
        clicks.xadd(DEAD, event.to_fields() | {"entry": "1-1", "reason": "broken"})
    assert "3 dead letters are on their way again" in told("--replay")
    drain()
    assert {click.id for click in Click.objects.all()} == {event.id for event in made}
    assert clicks.xlen(DEAD) == 0


def test_what_still_cannot_be_stored_comes_back(clicks):
    clicks.xadd(DEAD, {"broken": "{", "entry": "1-1", "reason": "KeyError: 'i'"})
    assert replay(clicks) == 1
    assert clicks.xlen(DEAD) == 0
    drain()
    [letter] = letters(clicks)
    assert letter.fields == {"broken": "{"}
