"""POST /api/conversions, as another program calls it, well and badly."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ambassadors.accounts.tokens import ApiToken
from campaigns.conversions import api
from campaigns.models import Conversion
from tests.campaigns.conftest import make_posted_link
from tests.campaigns.test_conversions import BEN, click, counted
from tests.factories import make_admin, make_content, make_goal, make_manager

pytestmark = pytest.mark.django_db
ADDRESS = "/api/conversions"


@pytest.fixture(autouse=True)
def no_limit_yet():
    cache.clear()


@pytest.fixture
def secret():
    return ApiToken.issue("Careers", ApiToken.Scope.CONVERSIONS, by=make_admin())[1]


def send(body, secret, **headers):
    """As a client without a session, with CSRF checks on."""
    given = {"headers": {"authorization": f"Bearer {secret}"}, "content_type": "application/json"}
    raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return Client(enforce_csrf_checks=True).post(ADDRESS, raw, **given | headers)


def event(goal, told, **fields):
    return {"goal": goal.key, "click_id": told, "event_id": "2026-1"} | fields


@pytest.fixture
def told():
    """A goal, and the id of a click that counts for it."""
    link = make_posted_link()
    return make_goal(link.content.campaign), click(link)[1]


def test_an_event_is_taken_once_and_answered_the_same_again(secret, told):
    answers = [send(event(*told), secret) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert {answer.content for answer in answers} == {b'{"state": "attributed"}'}
    assert counted() == 1


def test_the_same_event_about_another_click_is_a_conflict(secret, told):
    send(event(*told), secret)
    other = click(make_posted_link(), visitor=BEN)[1]
    answer = send(event(told[0], other), secret)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


def test_an_id_that_is_not_ours_is_told_so_and_kept(secret, told):
    answer = send(event(told[0], "forged"), secret)
    assert (answer.status_code, answer.json()) == (
        201,
        {"state": "unattributed", "reason": "not_ours"},
    )
    assert Conversion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"goal": "0" * 16}, {"goal": "unknown"}),
        ({"goal": "x"}, {"goal": "invalid"}),
        ({"goal": "x\0"}, {"goal": "null_characters_not_allowed"}),
        ({"goal": 7}, {"goal": "required"}),
        ({"goal": {"a": 1}}, {"goal": "required"}),
        ({"click_id": ""}, {"click_id": "required"}),
        ({"click_id": "a\0"}, {"click_id": "null_characters_not_allowed"}),
        ({"event_id": "x" * 201}, {"event_id": "max_length"}),
        ({"event_id": None}, {"event_id": "required"}),
        ({"at": "yesterday"}, {"at": "invalid"}),
        ({"at": "2126-01-01T00:00:00Z"}, {"at": "future"}),
        ({"at": "2020-01-01T00:00:00Z"}, {"at": "too_old"}),
        ({"amount": "12.00"}, {"": "unknown_field"}),
        ({"state": "attributed"}, {"": "unknown_field"}),
    ],
)
def test_what_is_wrong_is_named_by_field(secret, told, change, fields):
    answer = send(event(*told) | change, secret)
    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, fields)
    assert Conversion.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        (b"\xff\xfe", 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ("7", 422),
        ("null", 422),
        (json.dumps([{}] * 501), 422),
        (" " * (api.LONGEST + 1), 413),
        (" " * (3 * 2**20), 413),
    ],
)
def test_a_body_that_is_no_list_of_events_is_refused_in_words(secret, body, status):
    answer = send(body, secret)
    assert (answer.status_code, answer["content-type"]) == (status, "application/json")
    assert answer.json()["error"]["message"]


def test_of_a_list_each_event_is_answered_by_itself(secret, told):
    answer = send([event(*told), event(*told), {}, "x"], secret)
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == [201, 200, 422, 422]
    assert counted() == 1


def test_only_a_live_token_of_this_scope_is_let_in(secret, told):
    admin = make_admin()
    other = ApiToken.issue("Entra", ApiToken.Scope.SCIM, by=admin)[1]
    gone, gone_secret = ApiToken.issue("Old", ApiToken.Scope.CONVERSIONS, by=admin)
    gone.revoke(by=admin)
    yesterday = timezone.now() - timedelta(days=1)
    late = ApiToken.issue("Late", ApiToken.Scope.CONVERSIONS, by=admin, expires_at=yesterday)[1]
    for wrong in ("", "x", "\0", secret[:-1], other, gone_secret, late):
        answer = send(event(*told), wrong)
        assert (answer.status_code, answer["www-authenticate"]) == (401, "Bearer")
    assert Conversion.objects.count() == 0


def test_a_login_is_no_token(told):
    client = Client()
    client.force_login(make_manager())
    answer = client.post(ADDRESS, json.dumps(event(*told)), content_type="application/json")
    assert answer.status_code == 401


def test_a_token_is_known_to_have_been_used(secret, told):
    send(event(*told), secret)
    assert ApiToken.objects.get().last_used_at


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_of_another_site_cannot_speak_to_it(secret, told, kind):
    assert send(event(*told), secret, content_type=kind).status_code == 415


def test_a_get_is_refused(client):
    answer = client.get(reverse("campaigns:conversion-report"))
    assert (answer.status_code, answer["allow"]) == (405, "POST")


def test_more_than_a_flood_is_refused_for_a_minute(secret, told, monkeypatch):
    monkeypatch.setattr(api, "PER_MINUTE", 3)
    statuses = [send(event(*told), secret).status_code for _ in range(4)]
    assert statuses == [201, 200, 200, 429]
    assert send([{}] * 4, secret)["retry-after"] == "60"


def test_nobody_is_refused_for_a_redis_that_is_away(secret, told, settings):
    settings.CACHES = settings.CACHES | {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert send(event(*told), secret).status_code == 201


def test_a_long_list_asks_the_database_no_more_than_a_short_one(secret, told, queries_of):
    goal, _ = told
    link = make_posted_link(content=make_content(campaign=goal.campaign))

    def asked_for(number):
        ids = [click(link, visitor=b"%016d" % (100 * number + n))[1] for n in range(number)]
        body = [event(goal, each, event_id=f"{number}-{n}") for n, each in enumerate(ids)]
        return queries_of(lambda: send(body, secret))

    asked_for(1)  # notes the token's use
    assert asked_for(2) == asked_for(40)
    assert counted() == 43


def test_within_a_list_the_first_of_an_event_is_the_one_that_is_kept(secret, told):
    other = click(make_posted_link(), visitor=BEN)[1]
    body = [event(*told), event(told[0], other), event(*told)]
    results = send(body, secret).json()["results"]
    assert [result["status"] for result in results] == [201, 409, 200]
    assert Conversion.objects.get().state == "attributed"
