"""Reminders of a campaign: two at most, to who has done nothing yet, of nobody but themselves."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from activity import tasks
from activity.models import Notification
from campaigns.models import Mute
from campaigns.sharing.actions import decline, plan
from campaigns.sharing.reminders_campaign import NAME, round_of
from campaigns.tasks import remind_of_campaigns
from tests.activity.post_office import deliver_all, html_of, open_post_office, text_of
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_link,
    make_network,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("America/Montreal"))
FIRST, SECOND = START + timedelta(days=10, hours=1), START + timedelta(days=20, hours=1)


@pytest.fixture
def campaign():
    campaign = make_campaign(starts_at=START, ends_at=START + timedelta(days=30))
    for _ in range(2):
        moments = {"publish_at": START, "published_at": START}
        make_content(campaign=campaign, **moments, expires_at=START + timedelta(days=60))
    return campaign


def beat(now, times=2):
    with time_machine.travel(now, tick=False):
        for _ in range(times):
            remind_of_campaigns()
        tasks.sweep()


def reminded():
    rows = Notification.objects.filter(kind=NAME, channel="email").order_by("data__round")
    return list(rows.values_list("recipient", "data__round"))


def test_after_a_third_and_after_two_and_never_again(campaign):
    person = make_ambassador()
    for day in range(0, 31):
        beat(START + timedelta(days=day, hours=2), times=1)
    assert reminded() == [(person.pk, 1), (person.pk, 2)]


def test_the_second_shows_another_item(campaign):
    make_ambassador()
    beat(FIRST)
    beat(SECOND)
    items = set(Notification.objects.filter(channel="email").values_list("data__item", flat=True))
    assert items == set(campaign.contents.values_list("pk", flat=True))


def test_where_there_is_no_other_item_there_is_no_second(campaign):
    campaign.contents.first().delete()
    make_ambassador()
    beat(FIRST)
    beat(SECOND)
    assert [number for _person, number in reminded()] == [1]


@pytest.mark.parametrize("act", ["share", "decline", "plan", "mute", "never"])
def test_who_has_done_something_hears_no_more(campaign, act):
    person = make_ambassador(rhythm="never" if act == "never" else "weekly")
    content = campaign.contents.first()
    if act == "share":
        make_share(make_link(person, content), declared_at=None)
    elif act == "decline":
        decline(content, by=person, reason="other")
    elif act == "plan":
        plan(content, by=person, network=make_network(), at=SECOND)
    elif act == "mute":
        Mute.objects.create(campaign=campaign, ambassador=person)
    beat(FIRST)
    assert reminded() == []


def test_who_acts_between_the_beat_and_the_worker_is_not_written_to(campaign):
    person = make_ambassador()
    beat(FIRST)
    make_share(make_link(person, campaign.contents.first()))
    with time_machine.travel(FIRST):
        deliver_all()
    assert Notification.objects.get(channel="email").state == "skipped"


def test_a_short_campaign_has_none():
    campaign = make_campaign(starts_at=START, ends_at=START + timedelta(days=8))
    assert round_of(campaign, START + timedelta(days=3)) is None


def test_it_names_nobody_and_has_the_way_out(campaign, post_office):
    make_ambassador(make_user(first_name="Odile", last_name="Quidam"))
    person = make_ambassador(make_user(language="en", first_name="Zoé"))
    make_share(make_link(make_ambassador(make_user(first_name="Gontran"))), declared_at=None)
    beat(FIRST)
    with time_machine.travel(FIRST):
        deliver_all()
    [mail] = post_office.to(person.user)
    for name in ("Odile", "Quidam", "Gontran"):
        assert name not in text_of(mail) + html_of(mail)
    assert f"/campaigns/{campaign.pk}/mute/" in text_of(mail)
    assert "/share/by-mail/" in text_of(mail)


@pytest.fixture
def post_office(settings):
    office, controller = open_post_office()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield office
    controller.stop()


# --- Muting ------------------------------------------------------------------------------------
def test_the_link_asks_and_the_button_does(as_user):
    campaign, person = make_campaign(), make_ambassador()
    client, path = as_user(person.user), f"/campaigns/{campaign.pk}/mute/"
    assert client.get(path).status_code == 200
    assert not Mute.objects.exists()
    client.post(path)
    assert Mute.objects.filter(campaign=campaign, ambassador=person).count() == 1
    client.post(path, {"again": "on"})
    assert not Mute.objects.exists()


def test_a_campaign_for_others_cannot_be_muted(as_user):
    campaign = make_campaign(audience={"languages": ["en"]})
    client = as_user(make_ambassador(make_user(language="fr")).user)
    assert client.post(f"/campaigns/{campaign.pk}/mute/").status_code == 404
