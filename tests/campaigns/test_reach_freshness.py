import time

import pytest

from campaigns.reach.foot import behind_since
from campaigns.tracking.agents import RULES
from campaigns.tracking.stream import STREAM, ClickEvent
from tests.campaigns.conftest import make_posted_link
from tests.campaigns.test_reach_privacy import Company
from tests.campaigns.test_reach_report import words
from tests.factories import make_manager

pytestmark = pytest.mark.django_db


@pytest.fixture
def foot(as_user):
    Company()
    client = as_user(make_manager(language="en"))
    return lambda: words(client.get("/reach/").content.decode()).partition("About these")[2]


def wait(clicks, minutes):
    """A click that nobody has read came in so long ago."""
    entry = f"{int((time.time() - 60 * minutes) * 1000)}-0"
    clicks.xadd(STREAM, ClickEvent.make(make_posted_link().pk).to_fields(), id=entry)


def test_a_report_says_up_to_when_its_figures_go_while_clicks_wait(clicks, foot):
    wait(clicks, minutes=6)
    assert "Figures up to" in foot()


def test_what_waits_for_less_than_five_minutes_is_no_delay(clicks, foot):
    wait(clicks, minutes=4)
    assert "Figures up to" not in foot()


def test_a_report_does_not_fail_with_redis(settings):
    settings.CLICKS_REDIS_URL = "redis://127.0.0.1:1/0"
    assert behind_since() is None


def test_the_version_of_the_rules_stands_beside_the_figures(foot):
    assert f"by the rules of {RULES}" in foot()
