"""A link in a mail opens one item's panel for one person, and can do nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activity.models import Entry, Notification
from activity.tokens import unsubscribe_token
from campaigns.models import Link, Share
from campaigns.sharing import one_tap
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_charter,
    make_content,
    make_manager,
    make_notification,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    ambassador = make_ambassador(make_user(language="en"), networks=["linkedin"])
    ambassador.accept(make_charter(), language="en")
    return ambassador


@pytest.fixture
def content():
    return make_caption(make_content()).content


def tap(person, content, message=None):
    return one_tap.url_for(person.pk, content.pk, message or uuid4()).removeprefix(
        "http://127.0.0.1:8000"
    )


def counts():
    return Share.objects.count(), Link.objects.count(), Entry.objects.count()


def test_one_tap_opens_the_panel_and_a_second_one_the_network(client, person, content):
    path = tap(person, content)
    page = client.get(path)
    assert content.title in page.content.decode()
    answer = client.post(path, {"network": "linkedin", "text": "Mine.", "go": "on"})
    share = Share.objects.get()
    assert (share.link.ambassador, share.link.content) == (person, content)
    assert "linkedin.com" in answer.content.decode()


def test_it_takes_the_answer_too(client, person, content):
    path = tap(person, content)
    client.post(path, {"network": "linkedin", "text": "Mine.", "go": "on"})
    client.post(path, {"answer": "posted"})
    assert Share.objects.get().declared_at


def test_nobody_is_logged_in_by_it(client, person, content):
    client.get(tap(person, content))
    client.post(tap(person, content), {"network": "linkedin", "text": "Mine.", "go": "on"})
    assert "sessionid" not in client.cookies
    assert "session" not in client.cookies
    for name, args in [
        ("campaigns:feed", []),
        ("campaigns:share-panel", [content.pk]),
        ("activity:preferences", []),
        ("campaigns:impact", []),
    ]:
        assert client.get(reverse(name, args=args)).status_code == 302


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_it_changes_nothing(client, person, content, method):
    message = make_notification(person.user, kind="digest", subject_id="")
    before = counts()
    getattr(client, method)(tap(person, content, message.pk))
    getattr(client, method)(tap(person, content, message.pk) + "?network=x&go=on&answer=posted")
    assert counts() == before
    assert Notification.objects.get(pk=message.pk).read_at is None


def test_using_it_says_that_the_message_was_of_use(client, person, content):
    message = make_notification(person.user, kind="digest", subject_id="")
    client.post(tap(person, content, message.pk), {"network": "linkedin"})
    assert Notification.objects.get(pk=message.pk).read_at


def test_a_changed_link_is_none(client, person, content):
    path = tap(person, content)
    other = tap(person, make_content())
    mixed = other[: other.index(":") if ":" in other else 30] + path[path.index(":") :]
    assert client.get(mixed).status_code == 404
    assert client.get(path[:-3] + "x/").status_code == 404


def test_a_token_of_another_purpose_is_none(client, person):
    path = reverse("campaigns:share-one-tap", args=[unsubscribe_token(person.pk, "digest")])
    assert client.get(path).status_code == 404
    forged = signing.dumps([person.pk, 1, "-"], salt="porte-voix.unsubscribe")
    assert client.get(reverse("campaigns:share-one-tap", args=[forged])).status_code == 404


def test_it_is_over_after_thirty_days(client, person, content):
    path = tap(person, content)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert client.get(path).status_code == 410


@pytest.mark.parametrize("end", ["left", "closed", "withdrawn", "charter", "audience"])
def test_it_is_over_with_what_it_was_for(client, person, content, end):
    path = tap(person, content)
    if end == "left":
        person.leave()
    elif end == "closed":
        type(person.user).objects.filter(pk=person.pk).update(is_active=False)
    elif end == "withdrawn":
        content.withdraw(by=make_manager(), note="Faux.")
    elif end == "charter":
        make_charter()
    else:
        content.campaign.audience.delete()
        make_campaign(audience={"languages": ["fr"]})
        type(content.campaign).objects.filter(pk=content.campaign_id).update(state="ended")
    before = counts()
    assert client.get(path).status_code == 410
    assert client.post(path, {"network": "linkedin", "text": "x", "go": "on"}).status_code == 410
    assert counts() == before


def test_somebody_else_who_is_logged_in_gets_nothing_by_it(as_user, person, content):
    other = make_ambassador()
    client = as_user(other.user)
    answer = client.post(tap(person, content), {"network": "linkedin", "text": "x", "go": "on"})
    assert answer.url == reverse("campaigns:share-panel", args=[content.pk])
    assert not Share.objects.exists()


def test_the_way_the_page_came_stays_between_us(client, person, content):
    answer = client.get(tap(person, content))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]


def test_a_form_of_another_site_is_refused(person, content):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(tap(person, content), {"network": "linkedin", "go": "on"}).status_code == 403
    assert not Share.objects.exists()
