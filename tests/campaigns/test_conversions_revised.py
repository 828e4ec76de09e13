"""Clicks that turn out to be something else the next morning, and what was owed to them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.conversions import keeping
from campaigns.models import Click, Conversion, ConversionTally, Credit
from campaigns.tracking.classify import local_day
from campaigns.tracking.reclassify import reclassify
from tests.campaigns.conftest import make_posted_link
from tests.campaigns.test_conversions import BEN, click, counted, noon, said
from tests.factories import make_content, make_goal

pytestmark = pytest.mark.django_db
BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"


def recheck():
    reclassify(local_day(noon()), local_day(noon()))
    assert list(keeping.breaches()) == []


def turns_out(event, **fields):
    """The click, as it really was; and the morning after."""
    Click.objects.filter(at=event.at, id=event.id).update(**fields)
    recheck()


@pytest.fixture
def link():
    return make_posted_link()


@pytest.fixture
def goal(link):
    return make_goal(link.content.campaign)


def test_a_click_that_turns_out_to_be_a_program_counts_no_more(link, goal):
    event, told = click(link)
    said(goal, told)
    turns_out(event, agent=BOT)
    row = Conversion.objects.get()
    assert (row.state, row.reason, row.click_id) == ("unattributed", "not_a_person", None)
    assert (counted(), ConversionTally.objects.count()) == (0, 0)


def test_a_click_that_turns_out_to_be_a_person_counts_after_all(link, goal):
    event, told = click(link, agent=BOT)
    said(goal, told)
    assert counted() == 0
    turns_out(event, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    assert (Conversion.objects.get().state, counted()) == ("attributed", 1)


def test_the_credit_moves_on_when_the_first_touch_was_none(link, goal):
    second = make_posted_link(content=make_content(campaign=goal.campaign))
    first, _ = click(link)
    said(goal, click(second, at=noon() + timedelta(minutes=20))[1])
    assert ConversionTally.objects.get().content == link.content
    turns_out(first, agent=BOT)
    assert ConversionTally.objects.get().content == second.content


def test_a_visitor_reported_twice_still_counts_once(link, goal):
    event, told = click(link)
    for name in ("1", "2"):
        said(goal, told, event=name)
    turns_out(event, agent=BOT)
    assert set(Conversion.objects.values_list("reason", flat=True)) == {"not_a_person"}
    turns_out(event, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    assert list(Conversion.objects.order_by("pk").values_list("reason", flat=True)) == ["", "again"]
    assert counted() == 1


def test_what_others_clicked_stays_as_it_was(link, goal):
    event, told = click(link)
    said(goal, told)
    said(goal, click(link, visitor=BEN)[1], event="2")
    turns_out(event, agent=BOT)
    assert counted() == 1


def test_a_verdict_that_is_given_again_names_nobody_who_asked_later(link, goal):
    event, told = click(link, agent=BOT)
    said(goal, told)
    Conversion.objects.update(received_at=timezone.now() - timedelta(minutes=1))
    Credit.ask(link.ambassador)
    turns_out(event, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    row = Conversion.objects.get()
    assert (row.state, row.ambassador) == ("attributed", None)
