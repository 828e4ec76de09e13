"""One table of groups and roles, for what comes by SCIM and for single sign-on."""

from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from ambassadors.models import DirectoryGroup, GroupRole, Provider
from tests.factories import confirm, make_admin, make_manager, make_provider, make_user

pytestmark = pytest.mark.django_db
LIST = "/roles/groups/"


@pytest.fixture
def admin(as_user):
    return as_user(make_admin(language="en"))


def test_its_members_have_the_role_at_once_and_lose_it_with_the_line(admin):
    lea = make_user()
    DirectoryGroup.objects.create(display_name="RH").members.add(lea)

    admin.post(LIST, {"group": "rh", "role": "manager"})
    lea.refresh_from_db()
    assert lea.role == "manager"
    admin.post(reverse("ambassadors:group-role-remove", args=[GroupRole.objects.get().pk]))

    lea.refresh_from_db()
    assert lea.role == "ambassador"


def test_the_page_says_who_tells_of_groups_and_how_many_are_in_them(admin):
    make_provider(name="Entra ID", groups_claim="groups")
    DirectoryGroup.objects.create(display_name="RH").members.add(make_user(), make_user())
    for group in ("rh", "never-sent"):
        GroupRole.objects.set_role(group, "manager", by=None)

    answer = admin.get(LIST)

    assert "Entra ID" in answer.content.decode()
    assert [line.size for line in answer.context["lines"]] == [None, 2]


def test_no_group_gives_the_lowest_role(admin):
    assert admin.post(LIST, {"group": "rh", "role": "ambassador"}).status_code == 422
    assert not GroupRole.objects.exists()


def test_only_an_administrator_who_has_confirmed_gives_a_group_a_role(as_user, client):
    assert as_user(make_manager()).get(LIST).status_code == 403
    boss = make_admin()
    client = as_user(boss)
    confirm(client, boss, at=1)

    assert client.post(LIST, {"group": "rh", "role": "admin"}).status_code == 302
    assert not GroupRole.objects.exists()


class Before(Provider):
    """A provider as it was when it had lists of its own."""

    class Meta:
        proxy = True
        app_label = "ambassadors"
        managed = False

    manager_groups, admin_groups = ("RH", "it"), ("IT", "chefs")


class Apps:
    def get_model(self, app, name):
        return Before if name == "Provider" else apps.get_model(app, name)


def test_the_lists_of_providers_are_moved_and_nobody_rises_by_it():
    make_provider(groups_claim="groups")
    GroupRole.objects.create(group="Chefs", role="manager")
    migration = import_module("ambassadors.migrations.0019_roles_of_providers_groups")

    migration.move(Apps(), None)

    lines = {line.group.lower(): line.role for line in GroupRole.objects.all()}
    assert lines == {"rh": "manager", "it": "manager", "chefs": "manager"}
