from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    make_campaign,
    make_content,
    make_invitation,
    make_manager,
    make_person,
    make_ready_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(as_user):
    def page(user=None):
        return as_user(user or make_manager(language="en")).get(reverse("campaigns:desk")).text

    return page


def test_what_waits_is_said_in_words(desk):
    now = timezone.now()
    make_content(status="in_review", submitted_at=now - timedelta(days=3), published_at=None)
    make_content(expires_at=now + timedelta(days=2))
    make_content(expires_at=now + timedelta(days=20))
    make_ready_campaign(state="approved", name_fr="Portes ouvertes")
    make_invitation(make_person().user)
    page = desk()
    assert "1 item waits for your approval" in page
    assert "The oldest has been waiting for 3 days." in page
    assert "“Portes ouvertes” is approved, and not launched" in page
    assert "1 item expires within 7 days" in page
    assert "1 invitation is unanswered" in page


def test_ones_own_work_does_not_wait_for_oneself(desk):
    content = make_content(status="in_review", submitted_at=timezone.now(), published_at=None)
    content.author.language = "en"
    content.author.save()
    assert "waits for your approval" not in desk(content.author)


def test_a_quiet_day_says_so(desk):
    make_campaign(state="ended")
    page = desk()
    assert "All done" in page
    assert "No campaign is running" in page
    assert "Nothing starts, ends or expires." in page


def test_the_next_days_gather_what_happens_together(desk):
    now = timezone.now()
    campaign = make_campaign(ends_at=now + timedelta(days=9))
    for _n in range(3):
        make_content(campaign=campaign, expires_at=now + timedelta(days=5))
    page = desk()
    assert "and 2 others" in page
    assert "End:" in page


def make_busy_campaign():
    now = timezone.now()
    campaign = make_campaign(ends_at=now + timedelta(days=9))
    make_content(campaign=campaign, expires_at=now + timedelta(days=5))
    make_content(campaign=campaign, status="in_review", submitted_at=now, published_at=None)


def test_the_desk_asks_as_much_for_one_as_for_three(as_user, queries_of):
    client = as_user(make_manager())
    make_busy_campaign()
    with_one = queries_of(lambda: client.get(reverse("campaigns:desk")))
    make_busy_campaign()
    make_busy_campaign()
    assert queries_of(lambda: client.get(reverse("campaigns:desk"))) == with_one
