"""What a destination is told of the click, for whom, and for whom not."""

import time
import uuid
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns.models import Goal
from campaigns.tracking import click_ids
from campaigns.tracking.click_ids import ClickId, NotOurs, click_id, read, with_click
from tests.campaigns.conftest import make_posted_link
from tests.factories import make_goal, make_manager

CLICK = ClickId(uuid.uuid4(), datetime(2026, 11, 23, 19, 5, 7, 123_000, UTC))
database = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_an_id_says_which_click_it_was():
    assert read(click_id(CLICK)) == CLICK


def test_an_id_fits_into_an_address_as_it_is():
    assert click_ids.SHAPE.fullmatch(click_id(CLICK))


@pytest.mark.parametrize("position", [0, 20, 25, 39])
def test_a_changed_id_is_not_ours(position):
    told = click_id(CLICK)
    other = "A" if told[position] != "A" else "B"
    with pytest.raises(NotOurs):
        read(told[:position] + other + told[position + 1 :])


@pytest.mark.parametrize(
    "told", ["", "x", "A" * 40, "\0" * 40, "é" * 40, "A" * 4000, "A" * 39 + "\n"]
)
def test_what_never_was_an_id_is_not_ours(told):
    with pytest.raises(NotOurs):
        read(told)


def test_an_id_of_another_installation_is_not_ours(settings):
    told = click_id(CLICK)
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(NotOurs):
        read(told)


def test_an_id_survives_a_new_secret(settings):
    told = click_id(CLICK)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    assert read(told) == CLICK


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("https://a.example/", "https://a.example/?pv={}"),
        ("https://a.example/?b=c+d%20e#top", "https://a.example/?b=c+d%20e&pv={}#top"),
        ("https://a.example/?pv=own", "https://a.example/?pv=own"),
        ("https://a.example/?PV=", "https://a.example/?PV="),
    ],
)
def test_a_parameter_of_the_page_itself_is_never_touched(to, expected):
    assert with_click(to, CLICK) == expected.format(click_id(CLICK))


def pv(answer):
    return parse_qs(urlsplit(answer.headers["location"]).query).get("pv")


@database
def test_a_link_of_a_campaign_with_a_goal_carries_the_recorded_click(edge, clicks):
    link = make_posted_link()
    make_goal(link.content.campaign)
    [told] = pv(edge.get(f"/{link.code}"))
    [(_, fields)] = clicks.xrange("clicks")
    assert read(told).id.hex == fields["i"]
    assert round(read(told).at.timestamp() * 1000) == int(fields["t"])


@database
def test_every_visit_has_an_id_of_its_own(edge):
    link = make_posted_link()
    make_goal(link.content.campaign)
    assert len({pv(edge.get(f"/{link.code}"))[0] for _ in range(4)}) == 4


@database
def test_a_link_of_a_campaign_without_a_goal_stays_as_it_was(edge):
    link = make_posted_link()
    make_goal()
    for _ in range(3):
        assert edge.get(f"/{link.code}").headers["location"] == link.destination


@database
@pytest.mark.parametrize(
    "headers",
    [
        {"sec_gpc": "1"},
        {"dnt": "1"},
        {"user_agent": "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"},
        {"user_agent": None},
    ],
)
def test_whoever_asks_not_to_be_followed_and_whoever_is_a_program_has_none(edge, headers):
    link = make_posted_link()
    make_goal(link.content.campaign)
    edge.get(f"/{link.code}")
    assert edge.get(f"/{link.code}", **headers).headers["location"] == link.destination


@database
def test_a_card_for_a_previewer_holds_no_id(edge):
    link = make_posted_link()
    make_goal(link.content.campaign)
    answer = edge.get(f"/{link.code}", user_agent="Twitterbot/1.0")
    assert (answer.status, "pv=" in answer.body) == (200, False)


@database
def test_a_new_goal_is_followed_within_a_second(edge, post_office):
    link, by = make_posted_link(), make_manager()
    assert pv(edge.get(f"/{link.code}")) is None
    goal = Goal(campaign=link.content.campaign, kind="sign_up")
    goal.create(by=by)
    time.sleep(1.1)
    assert pv(edge.get(f"/{link.code}"))
    goal.end(by=by)
    time.sleep(1.1)
    assert pv(edge.get(f"/{link.code}")) is None
