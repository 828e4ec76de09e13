"""Who gets in at /scim/v2/, and what is told to whoever does not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache.backends.redis import RedisCache
from django.test import Client
from django.utils import timezone

from activity.models import Entry
from ambassadors.accounts.tokens import ApiToken
from ambassadors.models import Call, DirectoryGroup, GroupRole, User
from ambassadors.provisioning import endpoint
from tests.ambassadors.scim import Directory
from tests.factories import make_admin, make_department, make_manager, make_person

pytestmark = pytest.mark.django_db
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@pytest.fixture(autouse=True)
def _calls_counted_anew(monkeypatch, settings):
    """In Redis as ever, apart from other tests; and no minute ends in the middle of one."""
    where = settings.CACHES["default"]["LOCATION"]
    monkeypatch.setattr(endpoint, "cache", RedisCache(where, {"KEY_PREFIX": uuid4().hex}))
    monkeypatch.setattr(endpoint, "MINUTE", 10**6)


@pytest.fixture
def scim():
    return Directory()


def status(headers):
    return Client().get("/scim/v2/Users", headers=headers).status_code


def test_without_a_good_token_nothing_is_told():
    admin = make_admin()
    _other, conversions = ApiToken.issue("Site", "conversions", by=admin)
    _expired, old = ApiToken.issue("Old", "scim", by=admin, expires_at=timezone.now())
    revoked, ended = ApiToken.issue("Ended", "scim", by=admin)
    revoked.revoke(by=admin)
    for secret in ("", "x", conversions, old, ended, "é", "x" * 9000):
        assert status({"authorization": f"Bearer {secret}"}) == 401
    answer = Client().get("/scim/v2/Schemas")
    assert answer.json()["schemas"] == [ERROR]
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_secret_is_kept_as_a_digest_only(scim):
    secret = scim.headers["authorization"].split()[1]
    row = ApiToken.objects.filter(pk=scim.token.pk).values().get()
    assert secret not in str(row)
    assert row["beginning"] == secret[:12]
    trail = str(list(Entry.objects.filter(verb__startswith="token.").values()))
    assert secret[:12] not in trail


def test_the_use_of_a_token_is_noted_once_a_minute(scim, queries_of):
    scim.get("/Schemas")
    first = ApiToken.objects.get().last_used_at
    scim.get("/Schemas")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    scim.get("/Schemas")
    assert ApiToken.objects.get().last_used_at >= first


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/Nothing", 404),
        ("GET", "/Users/abc", 404),
        ("GET", "/Users/99999999999999999999", 404),
        ("GET", "/Schemas/none", 404),
        ("PUT", "/Users", 405),
        ("DELETE", "/Schemas", 405),
        ("POST", "/Bulk", 501),
        ("GET", "/ResourceTypes?filter=x", 403),
    ],
)
def test_a_refusal_is_an_error_in_scims_words(scim, method, path, code):
    answer = scim.call(method, path, {"a": 1} if method in {"POST", "PUT"} else None)
    assert answer.status_code == code
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["status"] == str(code)


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"x"', "[" * 5000, '{"userName": "\\ud800"}', b"\xff\xfe", "{}",
     '{"userName": 5, "emails": "x"}', '{"userName": "a@orvaly.example", "name": 3}',
     '{"userName": "a@orvaly.example", "emails": [{"value": {"a": 1}}]}',
     '{"userName": "a@orvaly.example", "active": "perhaps"}',
     '{"userName": "' + "a" * 300 + '@orvaly.example"}'],
)  # fmt: skip
def test_what_makes_no_sense_changes_nothing(scim, body):
    answer = scim.call("POST", "/Users", body)
    assert answer.status_code == 400, answer.content
    assert User.objects.count() == 1


def test_a_nul_is_taken_out_like_any_other_sign_nobody_sees(scim):
    made = scim.make(title="Tech\0no", name={"givenName": "Zo\u202eé"})
    assert (made["title"], made["name"]["givenName"]) == ("Techno", "Zoé")


@pytest.mark.parametrize(
    "operations",
    [None, [], "x", [3], [{"op": "move", "path": "title", "value": "x"}], [{"op": "remove"}],
     [{"op": "replace", "path": "emails[", "value": "x"}], [{"op": "remove", "path": "userName"}],
     [{"op": "replace", "path": "active", "value": {"a": 1}}],
     [{"op": "replace", "path": ["title"], "value": "x"}], [{"op": "replace", "value": "x"}]],
)  # fmt: skip
def test_a_patch_that_makes_no_sense_is_refused(scim, operations):
    made = scim.make()
    answer = scim.call("PATCH", f"/Users/{made['id']}", {"Operations": operations})
    assert answer.status_code == 400, answer.content


def test_a_message_too_long_is_refused(scim, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert scim.call("POST", "/Users", {"userName": "x" * 2000}).status_code == 413


def test_a_caller_in_a_hurry_is_asked_to_wait(scim, settings):
    settings.SCIM_CALLS_PER_MINUTE = 3
    codes = [scim.get("/Schemas").status_code for _ in range(8)]
    assert codes[:3] == [200] * 3
    last = scim.get("/Schemas")
    assert last.status_code == 429
    assert int(last["Retry-After"]) > 0


def test_who_guesses_is_slowed_down(monkeypatch):
    monkeypatch.setattr(endpoint, "MOST_STRANGE_CALLS", 3)
    codes = [status({"authorization": f"Bearer {n}"}) for n in range(8)]
    assert codes[0] == 401
    assert codes[-1] == 429


def test_changes_and_refusals_are_kept_without_a_name(scim):
    made = scim.make()
    scim.get("/Users")
    scim.call("POST", "/Users", {"userName": made["userName"]})
    calls = list(Call.objects.values_list("method", "path", "status", "problem", "attribute"))
    assert calls == [
        ("POST", "/Users", 409, "uniqueness", "emails"),
        ("POST", "/Users", 201, "", ""),
    ]


def test_old_calls_are_forgotten(scim, monkeypatch):
    monkeypatch.setattr(Call, "KEPT", 20)
    for _ in range(120):
        Call.note(method="POST", path="/Users", status=201)
    assert Call.objects.count() < 70


def test_the_server_says_what_it_can(scim):
    config = scim.get("/ServiceProviderConfig").json()
    assert config["bulk"]["supported"] is False
    assert config["patch"]["supported"]
    assert config["filter"]["supported"]
    assert config["filter"]["maxResults"] == 200


# --- The pages -------------------------------------------------------------------------------
def test_a_secret_is_shown_once(as_user):
    admin = make_admin(language="en")
    data = {"name": "Okta", "scope": "scim", "life": "90"}
    page = as_user(admin).post("/tokens/", data)
    token = ApiToken.objects.get()
    assert (token.expires_at - timezone.now()).days == 89
    secret = page.content.decode().partition('autocomplete="off" value="')[2].partition('"')[0]
    assert ApiToken.objects.holding(secret, "scim") == token
    assert "no-store" in page["Cache-Control"]
    assert secret not in as_user(admin).get("/tokens/").content.decode()
    as_user(admin).post(f"/tokens/{token.pk}/revoke/")
    assert ApiToken.objects.holding(secret, "scim") is None


@pytest.mark.parametrize("path", ["/tokens/", "/roles/groups/"])
def test_only_an_administrator_sees_them(as_user, path):
    assert as_user(make_manager()).get(path).status_code == 403
    assert as_user(make_manager()).post(path).status_code == 403


def test_the_page_says_in_words_what_was_refused(scim, as_user):
    made = scim.make()
    scim.call("POST", "/Users", {"userName": made["userName"]})
    admin = make_admin(language="en")
    page = as_user(admin).get("/provisioning/").content.decode()
    assert "Somebody else has this already." in page
    assert "/scim/v2" in page
    assert made["userName"] not in page


def test_an_administrator_gives_a_group_a_role_and_a_team(scim, as_user):
    person = make_person()
    group = DirectoryGroup.objects.get(pk=scim.group("RH", members=[person.pk])["id"])
    admin, team = make_admin(), make_department(parent=make_department())
    client = as_user(admin)
    client.post("/roles/groups/", {"group": "rh", "role": "manager"})
    client.post(f"/provisioning/groups/{group.pk}/team/", {"team": team.pk})
    person.refresh_from_db()
    assert person.team == team
    assert person.user.role == "manager"
    client.post(f"/roles/groups/{GroupRole.objects.get().pk}/remove/")
    person.user.refresh_from_db()
    assert person.user.role == "ambassador"


def test_a_crash_is_an_error_in_scims_words_and_undoes_everything(scim, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("jane.doe@orvaly.example")

    monkeypatch.setattr("ambassadors.provisioning.groups.set_members", fail)
    scim.client.raise_request_exception = False

    answer = scim.call("POST", "/Groups", {"displayName": "RH", "members": []})

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/scim+json"
    assert (answer.json()["schemas"], answer.json()["status"]) == ([ERROR], "500")
    assert "jane.doe" not in answer.content.decode()
    assert not DirectoryGroup.objects.exists()
