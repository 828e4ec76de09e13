"""The tree of departments: what a company's reorganisation does, and leaves as it was."""

from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from activity.models import Entry
from ambassadors.directory import reshaping
from ambassadors.directory.imports.context import with_choices
from ambassadors.directory.imports.verdicts import Context
from ambassadors.directory.imports.writing import Units
from ambassadors.models import Department, DirectoryGroup, Import, Look, Person, Role, User
from campaigns.models import HeadCount
from campaigns.reach.headcount import count_days
from campaigns.reach.period import DAY, today
from tests.factories import (
    make_admin,
    make_campaign,
    make_department,
    make_link,
    make_location,
    make_manager,
    make_member,
    make_person,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr():
    return make_manager(language="en")


def limited_to(*departments, **fields):
    manager = make_manager(**fields)
    manager.change_role(Role.MANAGER, by=None, departments=departments)
    return User.objects.get(pk=manager.pk)


def seat(person):
    person = Person.objects.get(pk=person.pk)
    return person.department, person.team


def test_a_department_counts_those_of_all_its_teams(as_user, hr):
    works = make_department(name="Chantiers")
    team = make_department(name="Nord", parent=works)
    crew = make_department(name="Équipe A", parent=team)
    make_member(works)
    for place in (team, crew):
        make_person(department=works, team=place)
    make_person(department=works, user=make_user(is_active=False))
    units = {u.department: u for u in as_user(hr).get("/departments/").context["units"]}
    assert [(units[d].people, units[d].members) for d in (works, team, crew)] == [
        (3, 1),
        (2, 0),
        (1, 0),
    ]
    assert [units[d].level for d in (works, team, crew)] == [0, 1, 2]


@pytest.mark.parametrize("n", [1, 4])
def test_the_tree_costs_as_much_however_large_it_is(as_user, hr, queries_of, n):
    client = as_user(hr)
    client.get("/departments/")
    for _ in range(n):
        limited_to(make_department(parent=make_department()))
    assert queries_of(lambda: client.get("/departments/")) <= 16


def test_a_limited_manager_sees_their_part_and_changes_nothing(as_user):
    works, other = make_department(name="Chantiers"), make_department(name="Ventes")
    team = make_department(name="Nord", parent=works)
    client = as_user(limited_to(works, language="en"))
    page = client.get("/departments/")
    assert {unit.department for unit in page.context["units"]} == {works, team}
    assert "Add a department" not in page.content.decode()
    assert client.get(f"/departments/{other.pk}/").status_code == 404
    assert "Rename" not in client.get(f"/departments/{works.pk}/").content.decode()
    for deed in ("rename", "move", "merge", "close"):
        assert client.post(f"/departments/{works.pk}/{deed}/").status_code == 403


def test_whose_role_or_line_was_looked_at_can_read_so(as_user):
    admin, runner, found = make_admin(), make_manager(), make_user(last_name="Zingg")
    as_user(admin).get("/roles/", {"q": "Zingg"})
    seen = Look.objects.filter(by=admin, what=Look.What.ROLES)
    assert {look.person for look in seen} == {runner, found}
    data = f"email,first_name\n{found.email},Zoé\nnew@orvaly.example,Luc".encode()
    source = Import.receive(SimpleUploadedFile("people.csv", data), by=admin)
    as_user(admin).get(f"/people/import/{source.pk}/", {"rows": "known"})
    assert Look.objects.get(what=Look.What.IMPORT).person == found


def test_a_page_tells_places_and_managers_and_whom_it_named(as_user, hr):
    works, boss = make_department(), make_user()
    person = make_person(department=works, location=make_location(name="Laval"), manager=boss)
    page = as_user(hr).get(f"/departments/{person.department_id}/")
    assert page.context["places"] == [("Laval", 1)]
    assert page.context["managers"] == [(boss, 1)]
    assert Look.objects.get().person == boss


def test_the_list_of_people_is_narrowed_to_a_team(as_user, hr):
    works = make_department()
    team = make_department(parent=works)
    make_person(department=works)
    theirs = make_person(department=works, team=team)
    page = as_user(hr).get("/people/", {"department": team.pk}).context["page"]
    assert list(page) == [theirs.user]


def test_a_new_name_leaves_the_old_one_understood(as_user, hr):
    works = make_department(name="Chantiers")
    as_user(hr).post(f"/departments/{works.pk}/rename/", {"name": "Travaux", "name_en": "Works"})
    works.refresh_from_db()
    assert (works.name, works.former_names) == ("Travaux", ["Chantiers"])
    [entry] = Entry.objects.filter(verb="department.renamed")
    assert entry.data["before"]["name"] == "Chantiers"
    assert Units([]).departments["Chantiers"] == works


def test_a_name_that_is_taken_is_refused_in_words(as_user, hr):
    make_department(name="Ventes")
    works = make_department(name="Chantiers")
    page = as_user(hr).post(f"/departments/{works.pk}/rename/", {"name": "VENTES"})
    assert page.status_code == 422
    assert "department of this name" in page.content.decode()


def test_what_moves_takes_its_people_along_and_leaves_the_past(hr):
    works, group = make_department(), make_department()
    team = make_department(parent=works)
    alone, in_team = make_member(works).user.person, make_person(department=works, team=team)
    count_days([today() - DAY])
    reshaping.move(works, group, by=hr)
    assert seat(alone) == (group, works)
    assert seat(in_team) == (group, team)
    assert HeadCount.objects.get(day=today() - DAY, enrolled=1).department == works
    count_days([today()])
    assert HeadCount.objects.get(day=today(), enrolled=1).department == group


def test_a_team_becomes_a_department(hr):
    works = make_department()
    team = make_department(parent=works)
    crew = make_department(parent=team)
    people = make_person(department=works, team=team), make_person(department=works, team=crew)
    reshaping.move(team, None, by=hr)
    assert [seat(person) for person in people] == [(team, None), (team, crew)]


def test_nothing_comes_under_its_own_team(as_user, hr):
    works = make_department()
    team = make_department(parent=make_department(parent=works))
    page = as_user(hr).post(f"/departments/{works.pk}/move/", {"parent": team.pk})
    assert page.status_code == 422
    assert "cannot come under itself" in page.content.decode()
    works.refresh_from_db()
    assert works.parent is None


def test_a_merge_moves_people_teams_groups_and_audiences(hr):
    source, target = make_department(name="Ventes"), make_department(name="Commerce")
    twin, kept = (make_department(name="Nord", parent=each) for each in (source, target))
    lone = make_department(name="Sud", parent=source)
    people = [make_person(department=source, team=team) for team in (None, twin, lone)]
    audience = make_campaign().audience
    audience.departments.set([source, target])
    audience.excluded_departments.set([twin])
    group = DirectoryGroup.objects.create(display_name="Nord", team=twin)
    assert reshaping.merge(source, target, by=hr) == 3
    assert [seat(person) for person in people] == [(target, None), (target, kept), (target, lone)]
    assert set(audience.departments.all()) == {target}
    assert set(audience.excluded_departments.all()) == {kept}
    group.refresh_from_db()
    assert group.team == kept
    assert set(Department.objects.open()) == {target, kept, lone}


def test_figures_of_what_was_merged_stay_under_its_name(hr):
    source, target = make_department(), make_department()
    member = make_member(source)
    tally = make_tally(make_link(member))
    reshaping.merge(source, target, by=hr)
    tally.refresh_from_db()
    assert tally.department == source


def test_limits_of_managers_follow_a_merge_and_are_recorded(hr):
    source, target, other = (make_department() for _ in range(3))
    manager = limited_to(source, other)
    reshaping.merge(source, target, by=hr)
    assert set(manager.oversees.all()) == {target, other}
    entry = Entry.objects.filter(verb="user.role_changed").latest("pk")
    assert (entry.actor, entry.data["departments_after"]) == (hr, sorted([target.pk, other.pk]))


def test_a_file_that_still_names_what_was_merged_means_the_other(hr):
    source, target = make_department(name="Ventes"), make_department(name="Commerce")
    reshaping.merge(source, target, by=hr)
    known = with_choices(Context(today()), [])
    assert known.departments["ventes"] == "Commerce"


def test_what_follows_is_shown_before_anything_is_merged(as_user, hr):
    source, target = make_department(name="Ventes"), make_department(name="Commerce")
    make_person(department=source)
    client, address = as_user(hr), f"/departments/{source.pk}/merge/"
    page = client.get(address, {"into": target.pk}).content.decode()
    assert "1 person moves to Commerce" in page
    assert Department.objects.open().count() == 2
    client.post(address, {"into": target.pk})
    assert list(Department.objects.open()) == [target]


def test_only_an_empty_department_is_closed(as_user, hr):
    works = make_department(name="Chantiers")
    person = make_person(department=works)
    client, address = as_user(hr), f"/departments/{works.pk}/close/"
    client.post(address)
    assert Department.objects.open().exists()
    Person.objects.filter(pk=person.pk).update(department=None)
    client.post(address)
    assert not Department.objects.open().exists()
    client.post("/departments/add/", {"name": "Chantiers"})
    assert Department.objects.open().get().pk != works.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_into_each_other_at_once_one_happens():
    admin = make_admin()
    one, two = make_department(name="Ventes"), make_department(name="Commerce")
    person, start, refused = make_person(department=one), Barrier(2), []

    def merge(source, target):
        start.wait()
        try:
            reshaping.merge(source, target, by=admin)
        except reshaping.Gone:
            refused.append(source)
        finally:
            connection.close()

    threads = [Thread(target=merge, args=pair) for pair in [(one, two), (two, one)]]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    [left] = Department.objects.open()
    assert len(refused) == 1
    assert seat(person) == (left, None)
