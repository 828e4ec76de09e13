"""People as Entra ID and Okta send them: created, found, changed, renamed, closed, opened, deleted."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import connections
from django.test import Client

from activity.models import Entry
from ambassadors.models import (
    Ambassador,
    Department,
    Identity,
    Invitation,
    Person,
    Role,
    User,
)
from tests.ambassadors.scim import WORK, Directory
from tests.factories import (
    confirm,
    make_admin,
    make_ambassador,
    make_department,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db
ENTRA = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", WORK],
    "externalId": "zroy",
    "userName": "zoe.roy@orvaly.example",
    "active": True,
    "displayName": "Zoé Roy",
    "emails": [{"primary": True, "type": "work", "value": "Zoe.Roy@orvaly.example"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Zoé Roy", "familyName": "Roy", "givenName": "Zoé"},
    "preferredLanguage": "en-CA",
    "title": "Technologue",
    "addresses": [{"type": "work", "locality": "Lévis"}],
    "phoneNumbers": [{"type": "work", "value": "418 555-0199"}],
    WORK: {"employeeNumber": "E-17", "department": "Bâtiment", "organization": "Orvaly"},
}


@pytest.fixture
def scim():
    return Directory()


def test_entra_creates_a_person_who_is_no_ambassador(scim):
    answer = scim.call("POST", "/Users", ENTRA)
    assert answer.status_code == 201
    assert answer["Content-Type"] == "application/scim+json"
    user = User.objects.get(email="zoe.roy@orvaly.example")
    assert (user.first_name, user.last_name, user.language) == ("Zoé", "Roy", "en")
    assert user.person.department.name == "Bâtiment"
    assert (user.person.employee_id, user.person.job_title) == ("E-17", "Technologue")
    assert (user.identity.external_id, user.identity.organization) == ("zroy", "Orvaly")
    assert not Ambassador.objects.exists()
    assert not Invitation.objects.exists()
    assert not user.has_usable_password()
    body = answer.json()
    assert answer["Location"] == body["meta"]["location"]
    assert body["emails"][0]["value"] == "zoe.roy@orvaly.example"
    assert "addresses" not in body
    assert "displayName" not in body


def test_they_are_invited_where_the_setting_says_so(scim, settings):
    settings.SCIM_INVITES = True
    user = User.objects.get(pk=scim.make()["id"])
    assert user.ambassador.state == Ambassador.State.INVITED
    assert user.invitations.get().invited_by == scim.admin


def test_entra_asks_before_it_creates(scim):
    empty = scim.get('/Users?filter=userName eq "zoe.roy@orvaly.example"').json()
    assert (empty["totalResults"], empty["Resources"]) == (0, [])
    made = scim.make()
    for name in ("zoe.roy@orvaly.example", "ZOE.ROY@orvaly.example"):
        found = scim.get(f'/Users?filter=userName eq "{name}"').json()
        assert [each["id"] for each in found["Resources"]] == [made["id"]]


def test_whom_a_file_brought_is_found_by_their_address(scim):
    person = make_person(make_user(email="luc@orvaly.example"))
    found = scim.get('/Users?filter=userName eq "Luc@orvaly.example"').json()
    assert [each["id"] for each in found["Resources"]] == [str(person.pk)]
    refused = scim.call("POST", "/Users", ENTRA | {"userName": "luc@orvaly.example"})
    assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")


def test_entra_closes_an_account_with_a_text_for_no(scim, client):
    made = scim.make()
    user = User.objects.get(pk=made["id"])
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    confirm(client, user)
    UserSession.objects.create(
        user=user, ip="127.0.0.1", session_key=client.session.session_key, user_agent="x"
    )
    answer = scim.patch(
        f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": "False"}
    )
    assert answer.json()["active"] is False
    user.refresh_from_db()
    assert not user.is_active
    assert user.person.leaves_on is not None
    assert client.get("/people/").status_code == 302
    scim.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": "True"})
    user.refresh_from_db()
    assert user.is_active
    assert Person.objects.get(user=user).leaves_on is None
    assert client.get("/people/").status_code == 302, "a session must not come back to life"


def test_okta_closes_an_account_without_a_path(scim):
    made = scim.make()
    answer = scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert answer.json()["active"] is False


def test_okta_puts_the_whole_person_and_what_it_leaves_out_stays(scim):
    made = scim.call("POST", "/Users", ENTRA).json()
    body = {
        "schemas": made["schemas"],
        "id": made["id"],
        "userName": made["userName"],
        "name": {"givenName": "Zoé", "familyName": "Roy-Tremblay"},
        "emails": [{"primary": True, "value": "zoe.roy@orvaly.example", "type": "work"}],
        "active": True,
        "groups": [],
    }
    assert scim.call("PUT", f"/Users/{made['id']}", body).status_code == 200
    user = User.objects.get(pk=made["id"])
    assert user.last_name == "Roy-Tremblay"
    assert user.person.department.name == "Bâtiment"
    assert user.language == "en"


def test_entra_sends_paths_as_keys_of_a_value_without_a_path(scim):
    made = scim.make()
    value = {
        "name.givenName": "Zoé",
        "title": "Directrice",
        f"{WORK}:department": "Énergie",
        'emails[type eq "work"].value': "z.roy@orvaly.example",
        "displayName": "nobody asked",
    }
    answer = scim.patch(f"/Users/{made['id']}", {"op": "Add", "value": value})
    assert answer.status_code == 200
    user = User.objects.get(pk=made["id"])
    assert (user.first_name, user.email) == ("Zoé", "z.roy@orvaly.example")
    assert (user.person.job_title, user.person.department.name) == ("Directrice", "Énergie")


@pytest.mark.parametrize("path", [WORK + ":manager", WORK + ":manager.value"])
@pytest.mark.parametrize("shape", ["bare", "object", "list"])
def test_a_manager_comes_in_every_shape(scim, path, shape):
    boss, made = scim.make("boss@orvaly.example"), scim.make()
    value = {"bare": boss["id"], "object": {"value": boss["id"]}, "list": [{"value": boss["id"]}]}
    answer = scim.patch(f"/Users/{made['id']}", {"op": "Add", "path": path, "value": value[shape]})
    assert answer.json()[WORK]["manager"]["value"] == boss["id"]
    assert Person.objects.get(user=made["id"]).manager_id == int(boss["id"])
    scim.patch(f"/Users/{made['id']}", {"op": "Remove", "path": f"{WORK}:manager"})
    assert Person.objects.get(user=made["id"]).manager is None


def test_nobody_manages_themselves_and_no_stranger_manages(scim):
    made = scim.make()
    for value in (made["id"], "999999", "x"):
        op = {"op": "Add", "path": f"{WORK}:manager", "value": value}
        answer = scim.patch(f"/Users/{made['id']}", op)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_a_new_name_to_log_in_by_takes_the_address_along_and_keeps_the_account(scim):
    made = scim.make()
    user = User.objects.get(pk=made["id"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    op = {"op": "Replace", "path": "userName", "value": "zoe.cote@orvaly.example"}
    assert scim.patch(f"/Users/{made['id']}", op).json()["id"] == made["id"]
    user.refresh_from_db()
    assert user.email == "zoe.cote@orvaly.example"
    mailbox = EmailAddress.objects.get(user=user)
    assert (mailbox.email, mailbox.verified) == (user.email, False)


@pytest.mark.parametrize("email", ["z@elsewhere.example", "z@evil.orvaly.example", "nothing"])
def test_no_account_is_led_to_a_mailbox_outside(scim, email):
    made = scim.make()
    op = {"op": "Replace", "path": 'emails[type eq "work"].value', "value": email}
    answer = scim.patch(f"/Users/{made['id']}", op)
    assert answer.status_code == 400
    assert email not in answer.content.decode()
    assert User.objects.get(pk=made["id"]).email == "zoe.roy@orvaly.example"


def test_what_another_person_has_is_refused(scim):
    scim.make("luc@orvaly.example", **{WORK: {"employeeNumber": "7"}})
    made = scim.make()
    for path, value in (
        ("userName", "LUC@orvaly.example"),
        ("emails", [{"value": "luc@orvaly.example"}]),
        (f"{WORK}:employeeNumber", "7"),
    ):
        answer = scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": path, "value": value})
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness"), path


def test_deleting_closes_and_hides_and_erases_nothing(scim):
    made = scim.make()
    ambassador = make_ambassador(User.objects.get(pk=made["id"]))
    assert scim.call("DELETE", f"/Users/{made['id']}").status_code == 204
    assert scim.get(f"/Users/{made['id']}").status_code == 404
    assert (
        scim.get('/Users?filter=userName eq "zoe.roy@orvaly.example"').json()["totalResults"] == 0
    )
    user = User.objects.get(pk=made["id"])
    assert not user.is_active
    assert user.person.leaves_on
    assert Ambassador.objects.filter(pk=ambassador.pk).exists()
    again = scim.make()
    assert again["id"] == made["id"]
    assert User.objects.get(pk=made["id"]).is_active


def test_an_account_without_a_place_gets_one_and_keeps_its_role_and_name(scim):
    admin = make_admin(email="rh@orvaly.example", first_name="Ada")
    made = scim.make("rh@orvaly.example")
    assert made["id"] == str(admin.pk)
    assert made["name"]["givenName"] == "Ada"
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN
    assert Person.objects.filter(user=admin).exists()


def test_the_last_administrator_stays(scim):
    make_person(scim.admin)
    op = {"op": "Replace", "path": "active", "value": "False"}
    assert scim.patch(f"/Users/{scim.admin.pk}", op).status_code == 403
    assert scim.call("DELETE", f"/Users/{scim.admin.pk}").status_code == 403
    scim.admin.refresh_from_db()
    assert scim.admin.is_active


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_nothing_outside_the_map_gets_in(scim, verb):
    loot = {"role": "admin", "roles": [{"value": "admin"}], "is_staff": True, "password": "x" * 20}
    loot |= {"audienceBand": "1000+", "isSuperuser": True, "id": "1", "date_joined": "2001-01-01"}
    made = scim.make(**(loot if verb == "POST" else {}))
    if verb == "PUT":
        body = {"userName": made["userName"], "emails": made["emails"]} | loot
        assert scim.call("PUT", f"/Users/{made['id']}", body).status_code == 200
    if verb == "PATCH":
        scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": loot})
    user = User.objects.get(pk=made["id"])
    assert user.role == Role.AMBASSADOR
    assert not user.has_usable_password()
    assert user.date_joined.year > 2001


def test_nothing_outside_the_map_gets_out(scim):
    made = scim.make()
    make_ambassador(User.objects.get(pk=made["id"]), audience_band="1000+")
    body = scim.get(f"/Users/{made['id']}").json()
    known = {"schemas", "id", "userName", "active", "emails", "meta", "preferredLanguage"}
    assert set(body) <= known | {"name", "nickName", "title", "externalId", WORK}
    assert "1000+" not in json.dumps(body)


def test_the_trail_says_which_token_did_it(scim):
    scim.make()
    entry = Entry.objects.get(verb="person.provisioned")
    assert entry.actor_id is None
    assert (entry.data["via"], entry.data["token"]) == ("scim", scim.token.pk)
    assert "zoe" not in json.dumps(list(Entry.objects.values_list("data", flat=True)))


def test_a_department_is_found_in_either_language_and_any_spelling(scim):
    sales = make_department(name="Ventes", name_en="Sales")
    for number, name in enumerate(["ventes", "SALES", "Ventes"]):
        scim.make(f"p{number}@orvaly.example", **{WORK: {"department": name}})
    assert Department.objects.get() == sales
    assert sales.people.count() == 3


def test_who_saw_an_older_version_changes_nothing(scim):
    made = scim.make()
    path, old = f"/Users/{made['id']}", made["meta"]["version"]
    op = {"op": "replace", "path": "title", "value": "A"}
    assert scim.get(path, **{"if-none-match": old}).status_code == 304
    assert scim.patch(path, op, **{"if-match": old}).status_code == 200
    assert scim.patch(path, op | {"value": "B"}, **{"if-match": old}).status_code == 412
    assert Person.objects.get(user=made["id"]).job_title == "A"


def test_a_later_directory_changes_nothing_of_a_preference_it_does_not_know(scim):
    made = scim.make(preferredLanguage="en")
    op = {"op": "Replace", "path": "preferredLanguage", "value": ""}
    assert scim.patch(f"/Users/{made['id']}", op).status_code == 200
    assert User.objects.get(pk=made["id"]).language == "en"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_creates_at_once_one_is_told_of_a_conflict():
    secret = Directory().headers["authorization"].split()[1]

    def create(_number):
        try:
            return Directory(secret).call("POST", "/Users", ENTRA).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(create, range(4)))
    assert statuses == [201, 409, 409, 409]
    assert User.objects.filter(email="zoe.roy@orvaly.example").count() == 1
    assert Identity.objects.count() == 1


def test_nobody_gets_in_by_a_session(scim):
    visitor = Client()
    visitor.force_login(scim.admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    confirm(visitor, scim.admin)
    assert visitor.get("/scim/v2/Users").status_code == 401
