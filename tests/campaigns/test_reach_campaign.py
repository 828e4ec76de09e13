"""What a campaign's own sheet says of what it brought."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from tests.factories import (
    make_campaign,
    make_content,
    make_department,
    make_link,
    make_member,
    make_share,
    make_tally,
)

pytestmark = pytest.mark.django_db


def figures_of(campaign):
    with translation.override("en"):
        return render_to_string("campaigns/_campaign_figures.html", {"campaign": campaign})


def launched(**fields):
    return make_campaign(launched_at=timezone.now() - timedelta(days=3), **fields)


def share(campaign, member):
    link = make_link(member, make_content(campaign=campaign))
    make_share(link)
    make_tally(link, clicks=9)


def test_it_shows_three_figures_and_the_way_to_the_report():
    campaign = launched(slug="laval")
    for _ in range(6):
        share(campaign, make_member(audience_band="200-500"))
    html = figures_of(campaign)
    assert [word for word in ("54", "6", "1,200") if f"{word}</p>" not in html] == []
    assert "/reach/?campaign=laval&amp;period=custom&amp;first=" in html


def test_before_the_first_share_it_waits():
    for _ in range(6):
        make_member()
    html = figures_of(launched())
    assert "The first figures appear after the first share." in html
    assert "The first figures appear after the first share." in figures_of(make_campaign())


def test_a_campaign_for_a_handful_keeps_its_figures_to_itself():
    board = make_department()
    campaign = launched(audience={"departments": [board]})
    for _ in range(9):
        make_member()
    share(campaign, make_member(board))
    html = figures_of(campaign)
    assert "Hidden" in html
    assert "stat" not in html.replace("static", "")
