"""Groups as Entra ID and Okta send them, and what being in one does here."""

import pytest

from activity.models import Entry
from ambassadors.accounts.groups import role_of_groups
from ambassadors.models import DirectoryGroup, GroupRole, Person, Role, User
from ambassadors.provisioning import groups
from tests.ambassadors.scim import Directory
from tests.factories import make_admin, make_department, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def scim():
    return Directory()


@pytest.fixture
def two():
    return [make_person().pk for _ in range(2)]


def members(group):
    through = DirectoryGroup.objects.get(pk=group["id"]).members
    return sorted(through.values_list("pk", flat=True))


def test_entra_adds_and_removes_members_by_a_list(scim, two):
    group = scim.group(members=())
    path, value = f"/Groups/{group['id']}", [{"$ref": None, "value": str(pk)} for pk in two]
    assert scim.patch(path, {"op": "Add", "path": "members", "value": value}).status_code == 204
    assert members(group) == sorted(two)
    again = scim.patch(path, {"op": "Add", "path": "members", "value": value})
    assert again.status_code == 204
    scim.patch(path, {"op": "Remove", "path": "members", "value": value[:1]})
    assert members(group) == two[1:]


def test_okta_removes_one_by_a_filter_and_replaces_all(scim, two):
    group = scim.group(members=two)
    path = f"/Groups/{group['id']}"
    scim.patch(path, {"op": "remove", "path": f'members[value eq "{two[0]}"]'})
    assert members(group) == two[1:]
    scim.patch(path, {"op": "replace", "path": "members", "value": [{"value": str(two[0])}]})
    assert members(group) == two[:1]
    scim.patch(path, {"op": "remove", "path": "members"})
    assert members(group) == []


def test_okta_renames_without_a_path(scim, two):
    group = scim.group(members=two)
    value = {"id": group["id"], "displayName": "Ventes et conseil"}
    assert (
        scim.patch(f"/Groups/{group['id']}", {"op": "replace", "value": value}).status_code == 204
    )
    assert scim.get(f"/Groups/{group['id']}").json()["displayName"] == "Ventes et conseil"
    assert members(group) == sorted(two)


def test_a_put_without_members_keeps_them(scim, two):
    group = scim.group(members=two)
    path, body = f"/Groups/{group['id']}", {"displayName": "Autre", "externalId": "g-1"}
    assert scim.call("PUT", path, body).status_code == 200
    assert members(group) == sorted(two)
    scim.call("PUT", path, body | {"members": []})
    assert members(group) == []


def test_entra_asks_for_a_group_without_its_members(scim, two, queries_of):
    scim.group(members=two, externalId="g-1")
    path = '/Groups?excludedAttributes=members&filter=externalId eq "g-1"'
    found = scim.get(path).json()["Resources"]
    assert [set(each) & {"members", "displayName"} for each in found] == [{"displayName"}]
    few = queries_of(lambda: scim.get("/Groups"))
    for number in range(5):
        scim.group(f"Groupe {number}", members=two)
    assert queries_of(lambda: scim.get("/Groups")) == few


def test_a_group_is_found_by_name_and_by_member(scim, two):
    scim.group("Ventes", members=two[:1])
    scim.group("Achats", members=two)
    for asked, found in (
        ('displayName eq "ventes"', 1),
        ('displayName co "e" and displayName co "v"', 1),
        (f'members eq "{two[0]}"', 2),
        (f'members[value eq "{two[1]}"]', 1),
    ):
        assert scim.get(f"/Groups?filter={asked}").json()["totalResults"] == found, asked


def test_a_name_is_given_to_one_group(scim):
    scim.group("Ventes")
    refused = scim.call("POST", "/Groups", {"displayName": "ventes"})
    assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize("value", ["999999", "x", ""])
def test_a_member_must_be_somebody(scim, two, value):
    group = scim.group(members=two)
    op = {"op": "add", "path": "members", "value": [{"value": value}]}
    assert scim.patch(f"/Groups/{group['id']}", op).status_code == 400
    assert members(group) == sorted(two)


def test_groups_within_groups_are_refused(scim):
    group = scim.group()
    op = {"op": "add", "path": "members", "value": [{"value": group["id"], "type": "Group"}]}
    assert scim.patch(f"/Groups/{group['id']}", op).status_code == 400


def test_somebody_without_a_place_in_the_directory_is_nobody_here(scim):
    outsider = make_user()
    op = {"op": "add", "path": "members", "value": [{"value": str(outsider.pk)}]}
    assert scim.patch(f"/Groups/{scim.group()['id']}", op).status_code == 400
    assert scim.get(f"/Users/{outsider.pk}").status_code == 404


def test_a_group_named_as_a_team_puts_its_members_in_it(scim, two):
    sales = make_department()
    team = make_department(name="Équipe Nord", parent=sales)
    Person.objects.filter(user=two[0]).update(department=sales)
    Person.objects.filter(user=two[1]).update(department=make_department())
    group = scim.group("équipe nord", members=two)
    assert [Person.objects.get(user=pk).team for pk in two] == [team, None]
    scim.call("DELETE", f"/Groups/{group['id']}")
    assert Person.objects.get(user=two[0]).team is None


def test_a_group_gives_a_role_and_takes_it_back(scim, two):
    GroupRole.objects.set_role("G-RH", Role.MANAGER, by=scim.admin)
    group = scim.group("RH", members=two, externalId="g-rh")
    assert set(User.objects.filter(pk__in=two).values_list("role", flat=True)) == {Role.MANAGER}
    op = {"op": "Remove", "path": "members", "value": [{"value": str(two[0])}]}
    scim.patch(f"/Groups/{group['id']}", op)
    assert User.objects.get(pk=two[0]).role == Role.AMBASSADOR
    entry = Entry.objects.filter(verb="user.role_changed", subject_id=str(two[0])).first()
    assert (entry.data["via"], entry.data["before"]) == ("scim", Role.MANAGER)


def test_a_role_given_by_hand_is_not_taken_by_a_group(scim):
    GroupRole.objects.set_role("RH", Role.MANAGER, by=scim.admin)
    admin = make_person(make_admin()).user
    group = scim.group("RH", members=[admin.pk])
    scim.call("DELETE", f"/Groups/{group['id']}")
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN


def test_the_last_administrator_keeps_the_role_a_group_gave(scim):
    GroupRole.objects.set_role("Admins", Role.ADMIN, by=scim.admin)
    person = make_person().user
    group = scim.group("Admins", members=[person.pk])
    User.objects.filter(pk=scim.admin.pk).update(role=Role.AMBASSADOR)
    assert scim.call("DELETE", f"/Groups/{group['id']}").status_code == 204
    person.refresh_from_db()
    assert person.role == Role.ADMIN


def test_of_several_groups_the_highest_role_counts():
    admin = make_admin()
    GroupRole.objects.set_role("RH", Role.MANAGER, by=admin)
    GroupRole.objects.set_role("Chefs", Role.ADMIN, by=admin)
    assert role_of_groups(["rh", "Autres"]) == Role.MANAGER
    assert role_of_groups(["rh", "CHEFS"]) == Role.ADMIN
    assert role_of_groups([]) == Role.AMBASSADOR


def test_a_role_given_to_a_group_later_reaches_its_members(scim, two):
    scim.group("RH", members=two)
    groups.give_role("rh", Role.MANAGER, by=scim.admin)
    assert User.objects.get(pk=two[0]).role == Role.MANAGER
    groups.drop_role(GroupRole.objects.get(), by=scim.admin)
    assert User.objects.get(pk=two[0]).role == Role.AMBASSADOR


def test_nobody_raises_themselves_by_a_group_they_are_in(scim):
    make_person(scim.admin)
    make_admin()
    scim.group("RH", members=[scim.admin.pk])
    groups.give_role("RH", Role.ADMIN, by=scim.admin)
    groups.drop_role(GroupRole.objects.get(), by=scim.admin)
    scim.admin.refresh_from_db()
    assert scim.admin.role == Role.ADMIN


def test_whoever_is_deleted_falls_back_and_leaves_their_groups(scim, two):
    GroupRole.objects.set_role("RH", Role.MANAGER, by=scim.admin)
    group = scim.group("RH", members=two)
    scim.call("DELETE", f"/Users/{two[0]}")
    assert members(group) == two[1:]
    assert User.objects.get(pk=two[0]).role == Role.AMBASSADOR


def test_members_of_a_big_group_are_added_at_the_same_cost(scim, queries_of):
    users = User.objects.bulk_create(User(email=f"g{n}@orvaly.example") for n in range(2000))
    Person.objects.bulk_create(Person(user=user) for user in users)
    group = scim.group()

    def add(some):
        value = [{"value": str(user.pk)} for user in some]
        op = {"op": "Add", "path": "members", "value": value}
        return lambda: scim.patch(f"/Groups/{group['id']}", op)

    assert queries_of(add(users[:2])) == queries_of(add(users[2:1000]))
    assert len(members(group)) == 1000
