"""Slack and Teams: one message as each wants it, in which what people typed stays text."""

import json

import pytest

from activity.endpoints.events import Post
from activity.endpoints.queueing import queue
from activity.models import Delivery, Endpoint, Entry
from activity.transports import slack, teams
from tests.activity.post_office import expand_all
from tests.activity.receivers import (
    HOSTS,
    SLACK,
    TEAMS,
    Receiver,
    make_delivery,
    make_endpoint,
    send_all,
)
from tests.factories import make_campaign, make_content, make_department
from tests.outside import answer, drip

KINDS = ["slack", "teams"]
NASTY = (
    "<!channel> <@U123> <http://evil.example|x> [x](http://evil.example) *b* <at>Everyone</at> &lt;"
)


@pytest.fixture
def receiver(secure):
    return lambda kind: Receiver(secure, HOSTS[kind][0])


def strings(value):
    """Every text in a message, wherever it stands."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def test_slack_reads_no_mention_and_no_link_in_what_people_typed():
    body = slack.body(Post(NASTY, NASTY, ((NASTY, NASTY),), (("Go", "https://a.example"),), NASTY))
    for text in strings(body):
        assert "<" not in text
    assert body["link_names"] is False
    assert {block["type"] for block in body["blocks"]} == {
        "header",
        "section",
        "actions",
        "context",
    }


def test_teams_reads_no_link_and_no_mention_in_what_people_typed():
    body = teams.body(Post(NASTY, NASTY, ((NASTY, NASTY),), (), NASTY))
    card = body["attachments"][0]["content"]
    for part in card["body"]:
        for text in strings(part):
            assert "](" not in text
            assert "<at>" not in text
    assert card["version"] == "1.4"
    assert "entities" not in json.dumps(body)


@pytest.mark.parametrize("text", ["&" * 9000, "<" * 9000, "é" * 9000])
def test_slack_takes_the_longest_text_there_can_be(text):
    body = slack.body(Post(text, text, ((text, text),) * 20, ((text, "https://a.example"),), text))
    header, section, actions, _context = body["blocks"]
    assert len(header["text"]["text"]) <= 150
    assert len(section["text"]["text"]) <= 3000
    assert len(section["fields"]) <= 10
    assert len(actions["elements"][0]["text"]["text"]) <= 75
    for part in strings(body):
        assert part.count("&") == part.count("&amp;") + part.count("&lt;")


@pytest.mark.parametrize(
    ("module", "address", "good"),
    [
        (slack, SLACK, True),
        (slack, "http://hooks.slack.com/services/T/B/x", False),
        (slack, "https://hooks.slack.com.evil.example/services/T/B/x", False),
        (slack, "https://hooks.slack.com/", False),
        (teams, TEAMS, True),
        (teams, "https://default1.2.environment.api.powerplatform.com/a?sig=b", True),
        (teams, "https://x.logic.azure.com/workflows/1", False),
        (teams, "https://contoso.webhook.office.com/webhookb2/1", False),
        (teams, "https://logic.azure.com.evil.example/?sig=b", False),
    ],
)
def test_only_an_address_of_its_own_is_taken(module, address, good):
    assert module.is_an_address(address) is good


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_campaign_is_posted_in_the_channels_language(receiver, kind):
    channel = receiver(kind)
    make_endpoint(kind, events=["campaign.launched"], language="en")
    campaign = make_campaign(state="scheduled", name_fr="Été", name_en="Summer")
    campaign.launch()
    expand_all()
    send_all()
    [message] = channel.messages
    said = " ".join(strings(message))
    assert "New campaign: Summer" in said
    assert channel.paths[0] == HOSTS[kind][1].partition(HOSTS[kind][0])[2]


@pytest.mark.django_db
def test_what_is_not_meant_for_everybody_is_not_posted():
    make_endpoint("slack")
    hook = make_endpoint("webhook")
    campaign = make_campaign(audience={"departments": [make_department()]})
    make_content(campaign=campaign, status="approved", published_at=None).publish()
    queue(Entry.objects.get(verb="content.published"))
    assert Delivery.objects.get().endpoint == hook


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["400 invalid_payload", "403 Forbidden", "302 Found"])
def test_a_refusal_is_not_repeated(receiver, status):
    channel = receiver("slack")
    channel.answers = [answer(status=status)]
    delivery = make_delivery(make_endpoint("slack"))
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.FAILED


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["404 no_service", "410 channel_is_archived"])
def test_a_channel_that_is_gone_is_stopped_at_once(receiver, status):
    channel = receiver("slack")
    channel.answers = [answer(status=status)]
    endpoint = make_endpoint("slack")
    make_delivery(endpoint)
    send_all()
    endpoint.refresh_from_db()
    assert endpoint.state == Endpoint.State.DISABLED


@pytest.mark.django_db
def test_five_messages_given_up_stop_a_channel(receiver):
    channel = receiver("teams")
    channel.answers = [answer(status="400 No")] * 5
    endpoint = make_endpoint("teams")
    for n in range(5):
        make_delivery(endpoint, key=str(n))
        send_all()
        endpoint.refresh_from_db()
        assert endpoint.is_active == (n < 4)


@pytest.mark.django_db
def test_a_busy_slack_is_asked_again_when_it_says(receiver):
    channel = receiver("slack")
    channel.answers = [answer(status="429 Too Many", retry_after="900")]
    delivery = make_delivery(make_endpoint("slack"))
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED
    assert delivery.not_before.timestamp() > delivery.made_at.timestamp() + 890


@pytest.mark.django_db
def test_what_may_be_in_the_channel_already_is_not_posted_twice(receiver, monkeypatch):
    monkeypatch.setattr("activity.endpoints.sending.SECONDS", 0.5)
    channel = receiver("slack")
    channel.answers = [drip([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 20], 0.1)]
    delivery = make_delivery(make_endpoint("slack"))
    send_all()
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.UNKNOWN
    assert len(channel.got) == 1
