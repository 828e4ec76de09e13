"""The page of roles: who has which, how far it reaches, and who is told when it changes."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from activity.models import Entry, Notification
from ambassadors.accounts import matrix
from ambassadors.accounts.policy import POLICY, Bound, Standing
from ambassadors.models import Role, User
from tests.activity.post_office import expand_all
from tests.factories import (
    confirm,
    make_admin,
    make_department,
    make_manager,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db
LIMITED = {"role": "manager", "reach": "some"}


def change(client, person, **data):
    return client.post(f"/roles/{person.pk}/", data)


def test_an_admin_makes_a_manager_of_some_departments(as_user):
    admin, person, works = make_admin(), make_user(), make_department()
    assert change(as_user(admin), person, **LIMITED, departments=[works.pk]).status_code == 302
    person.refresh_from_db()
    assert (person.role, person.is_limited, list(person.oversees.all())) == (
        "manager",
        True,
        [works],
    )
    entry = Entry.objects.get(verb="user.role_changed")
    assert entry.data["departments_after"] == [works.pk]


def test_limited_to_nothing_is_refused(as_user):
    person = make_user()
    assert change(as_user(make_admin()), person, **LIMITED).status_code == 422
    person.refresh_from_db()
    assert person.role == Role.AMBASSADOR


def test_the_limits_go_with_the_role():
    person, works = make_user(), make_department()
    person.change_role(Role.MANAGER, by=None, departments=[works])
    person.change_role(Role.ADMIN, by=None)
    assert (person.is_limited, person.oversees.count()) == (False, 0)


def test_a_deleted_department_takes_away_and_opens_nothing():
    person, works = make_user(), make_department()
    person.change_role(Role.MANAGER, by=None, departments=[works])
    works.delete()
    person = User.objects.get(pk=person.pk)
    assert person.is_limited
    assert not User.objects.overseen_by(person).exists()


def test_a_manager_oversees_the_teams_beneath():
    works, other = make_department(), make_department()
    team = make_department(parent=make_department(parent=works))
    manager = make_manager()
    manager.change_role(Role.MANAGER, by=None, departments=[works])
    theirs = make_person(department=works, team=team)
    make_person(department=other)
    assert list(User.objects.overseen_by(manager)) == [theirs.user]


def test_nobody_opens_the_page_of_their_own_role(as_user):
    admin = make_admin()
    make_admin()
    assert as_user(admin).get(f"/roles/{admin.pk}/").status_code == 403
    assert change(as_user(admin), admin, role="manager").status_code == 403
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN


@pytest.mark.parametrize("actor", [make_user, make_manager])
@pytest.mark.parametrize("role", Role.values)
def test_only_an_admin_gives_roles(as_user, actor, role):
    person = make_user()
    assert change(as_user(actor()), person, role=role, reach="whole").status_code == 403
    person.refresh_from_db()
    assert person.role == Role.AMBASSADOR


def test_more_fields_than_the_form_has_change_nothing(as_user):
    person = make_user()
    extra = {"is_active": "", "email": "x@evil.example", "belonging": "customer", "id": "1"}
    change(as_user(make_admin()), person, role="manager", reach="whole", **extra)
    person.refresh_from_db()
    assert (person.role, person.is_active, person.belonging) == ("manager", True, "employee")
    assert person.email.endswith("@orvaly.example")


def test_another_role_ends_the_open_sessions(as_user):
    person = make_user(password="a-long-password-2026")
    phone, laptop = Client(), Client()
    for client in (phone, laptop):
        client.force_login(person)
        confirm(client, person)
        assert client.get("/notifications/").status_code == 200
    person.change_role(Role.MANAGER, by=make_admin())
    for client in (phone, laptop):
        assert client.get("/notifications/").headers["Location"].startswith("/accounts/login/")


def test_whoever_gets_a_role_is_told(as_user):
    admin, person = make_admin(), make_user(language="en")
    change(as_user(admin), person, role="manager", reach="whole")
    expand_all()
    told = Notification.objects.filter(kind="role.changed", recipient=person)
    assert {row.channel for row in told} == {"email", "bell"}
    assert not Notification.objects.filter(kind="role.changed", recipient=admin).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_demote_each_other_at_once_one_stays():
    one, two = make_admin(), make_admin()
    start, answers = Barrier(2), []

    def demote(actor, target):
        client = Client()
        client.force_login(actor)
        confirm(client, actor)
        start.wait()
        answers.append(change(client, target, role="ambassador").status_code)
        connection.close()

    threads = [Thread(target=demote, args=pair) for pair in ((one, two), (two, one))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert User.objects.admins().count() == 1
    assert answers.count(302) >= 1


def test_a_person_is_found_by_name_without_accents(as_user):
    make_user(first_name="Maëlle", last_name="Ouellet")
    page = as_user(make_admin(language="en")).get("/roles/", {"q": "maelle ouellet"})
    assert "Ouellet" in page.content.decode()
    page = as_user(make_admin(language="en")).get("/roles/", {"q": "nobody"})
    assert "Nobody of this name" in page.content.decode()


def test_the_page_of_roles_costs_the_same_at_any_length(as_user, queries_of):
    client = as_user(make_admin())
    few = queries_of(lambda: client.get("/roles/"))
    for _ in range(5):
        make_manager().change_role(Role.MANAGER, by=None, departments=[make_department()])
    assert queries_of(lambda: client.get("/roles/")) <= few + 1


# --- Who may do what -----------------------------------------------------------------------------


def test_every_permission_has_a_sentence_and_no_sentence_is_left_over():
    said = {perm for lines in matrix.SENTENCES.values() for perm in lines}
    assert said == set(POLICY)


def test_the_table_says_what_is_enforced():
    """Without an object: a yes in the table is a yes of the policy, and a no is a no."""
    for standing in Standing:
        person = someone(standing)
        for perm, rule in POLICY.items():
            answer = rule.says(standing)
            if answer is None:
                assert not person.has_perm(perm), (standing, perm)
            elif Bound.OWN not in answer:
                assert person.has_perm(perm), (standing, perm)


def someone(standing):
    if standing == Standing.CUSTOMER:
        return make_user(belonging="customer")
    if standing == Standing.LIMITED:
        return make_manager(is_limited=True)
    return make_user(role=standing.value)


def test_everybody_here_reads_what_hr_can_see_and_admins_the_whole(as_user):
    page = as_user(make_user(language="en")).get("/roles/who-may/").content.decode()
    assert "What can HR see about me?" in page
    assert "Give and take roles" not in page
    page = as_user(make_admin(language="en")).get("/roles/who-may/").content.decode()
    assert "Give and take roles" in page
    assert "not their own work" in page


def test_a_customer_does_not_read_the_table(as_user):
    assert as_user(make_user(belonging="customer")).get("/roles/who-may/").status_code == 403
