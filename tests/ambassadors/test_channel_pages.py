"""An administrator connects a channel or a webhook, tries it, and reads what went there."""

import pytest
from django.urls import reverse

from activity.endpoints.events import EVENTS
from activity.models import Attempt, Delivery, Endpoint, Entry, Notification
from ambassadors.models import Role
from tests.activity.post_office import expand_all
from tests.activity.receivers import (
    HOOK,
    HOSTS,
    SLACK,
    TEAMS,
    Receiver,
    make_delivery,
    make_endpoint,
)
from tests.factories import make_content, make_member, make_user
from tests.outside import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(as_user):
    return as_user(make_user(role=Role.ADMIN, language="en"))


@pytest.fixture
def receiver(secure):
    return Receiver(secure, HOSTS["webhook"][0])


def path(name, *args):
    return reverse(f"ambassadors:channel-{name}", args=args)


def fill(address, **fields):
    return {
        "name": "Ours",
        "address": address,
        "language": "fr",
        "events": "campaign.ended",
    } | fields


@pytest.mark.parametrize(("kind", "address"), [("slack", SLACK), ("teams", TEAMS)])
def test_a_channel_is_connected(admin, kind, address):
    answered = admin.post(path("new", kind), fill(address))
    endpoint = Endpoint.objects.get()
    assert answered.status_code == 302
    assert (endpoint.address, endpoint.events) == (address, ["campaign.ended"])
    assert address not in str(vars(endpoint))
    assert Entry.objects.filter(verb="endpoint.made").exists()


def test_the_secret_of_a_webhook_is_shown_once(admin):
    answered = admin.post(path("new", "webhook"), fill(HOOK))
    endpoint = Endpoint.objects.get()
    [secret] = endpoint.secrets
    assert secret in answered.content.decode()
    for page in (path("detail", endpoint.pk), path("edit", endpoint.pk), path("list")):
        shown = admin.get(page).content.decode()
        assert secret not in shown
        assert "token=abc" not in shown


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("slack", HOOK),
        ("teams", "https://contoso.webhook.office.com/webhookb2/1"),
        ("teams", TEAMS.partition("?")[0]),
        ("webhook", "http://hooks.customer.example/"),
        ("webhook", "https://127.0.0.1/"),
        ("webhook", "https://hooks.customer.example:8443/"),
        ("webhook", "file:///etc/passwd"),
        ("webhook", ""),
    ],
)
def test_a_wrong_address_is_said_to_be_wrong(admin, kind, address):
    assert admin.post(path("new", kind), fill(address)).status_code == 422
    assert not Endpoint.objects.exists()


def test_an_address_left_empty_stays(admin):
    endpoint = make_endpoint("slack")
    admin.post(path("edit", endpoint.pk), fill("", name="Other"))
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.address) == ("Other", SLACK)


def test_a_test_says_in_plain_words_what_is_wrong(admin, receiver):
    receiver.answers = [answer(status="404 Not Found")]
    endpoint = make_endpoint()
    first = admin.post(path("test", endpoint.pk), follow=True).content.decode()
    second = admin.post(path("test", endpoint.pk), follow=True).content.decode()
    assert "There is nothing at this address (404)." in first
    assert "The test was taken." in second


def test_the_log_shows_what_was_asked_and_what_came_back(admin, receiver):
    receiver.answers = [answer("<b>nice</b>", status="500 Oh", x_trace="17")]
    delivery = make_delivery()
    from tests.activity.receivers import send_all

    send_all()
    shown = admin.get(path("delivery", delivery.pk)).content.decode()
    assert "webhook-signature: v1," in shown
    assert "x-trace: 17" in shown
    assert "&lt;b&gt;nice&lt;/b&gt;" in shown
    assert "The receiver is out of order (500)." in shown


def test_a_failed_message_is_sent_again_by_a_button(admin):
    delivery = make_delivery(state="failed", attempts=10)
    admin.post(path("resend", delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED
    assert Entry.objects.filter(verb="endpoint.sent_again").exists()


def test_a_secret_is_exchanged_without_a_gap(admin):
    endpoint = make_endpoint()
    [former] = endpoint.secrets
    shown = admin.post(path("secret-new", endpoint.pk)).content.decode()
    endpoint.refresh_from_db()
    new, old = endpoint.secrets
    assert new in shown
    assert old == former
    admin.post(path("secret-retire", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.secrets == [new]


def test_switched_off_it_is_told_of_nothing(admin):
    endpoint = make_endpoint()
    waiting = make_delivery(endpoint)
    admin.post(path("off", endpoint.pk))
    waiting.refresh_from_db()
    make_content(status="approved", published_at=None).publish()
    expand_all()
    assert waiting.state == Delivery.State.FAILED
    assert Delivery.objects.count() == 1
    admin.post(path("on", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.is_active


def test_removed_its_log_goes_too(admin):
    endpoint = make_endpoint()
    Attempt.objects.create(delivery=make_delivery(endpoint), milliseconds=1, request_head="")
    admin.post(path("remove", endpoint.pk))
    assert not Endpoint.objects.exists()
    assert not Attempt.objects.exists()


def test_administrators_hear_of_one_that_stops(admin):
    from activity.log import record

    endpoint = make_endpoint("slack")
    endpoint.disable("status 404")
    record("endpoint.disabled", subject=endpoint, reason="status 404")
    expand_all()
    told = Notification.objects.filter(kind="endpoint.disabled")
    assert {row.channel for row in told} == {"email", "bell"}
    assert {row.recipient.role for row in told} == {Role.ADMIN}


@pytest.mark.parametrize("role", [Role.AMBASSADOR, Role.MANAGER])
def test_nobody_else_sees_or_does_anything(as_user, role):
    endpoint = make_endpoint()
    client = as_user(make_user(role=role))
    delivery = make_delivery(endpoint)
    for name in ("list", "detail", "edit"):
        page = path(name, *([] if name == "list" else [endpoint.pk]))
        assert client.get(page).status_code == 403
    for name in ("test", "off", "on", "remove", "secret-new", "secret-retire"):
        assert client.post(path(name, endpoint.pk)).status_code == 403
    assert client.post(path("resend", delivery.pk)).status_code == 403


def test_no_event_leads_to_a_person():
    """What each event says of something a person did holds neither their name nor a number."""
    content = make_content(status="approved", published_at=None)
    content.publish(by=content.author)
    content.withdraw(by=content.author, note="…")
    make_member()
    known = {event.name: 0 for event in EVENTS.values()}
    for entry in Entry.objects.all():
        for event in EVENTS.values():
            if entry.verb in event.verbs:
                said = str(event.data(entry))
                known[event.name] += 1
                for word in (content.author.email, content.author.last_name, "author", "owner"):
                    assert word not in said
    assert known["content.published"]
    assert known["content.withdrawn"]
