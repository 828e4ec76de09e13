"""The last import is taken back: who came goes, what changed is put back, what was used stays."""

import pytest
from django.urls import reverse
from django.utils import timezone

from activity.models import Entry
from ambassadors.accounts.models import User
from ambassadors.directory.imports.models import NotNow
from ambassadors.directory.models import Department, Person
from tests.ambassadors.test_import_commit import csv, imported
from tests.factories import make_admin, make_department, make_manager, make_person, make_user

pytestmark = pytest.mark.django_db


def test_who_came_with_it_goes_and_so_do_its_departments():
    source = imported("people-small.csv")
    source.start_undo(by=source.created_by)
    source.refresh_from_db()
    assert (source.status, source.counts["removed"], source.counts["kept"]) == ("undone", 12, 0)
    assert (User.objects.count(), Department.objects.count()) == (1, 0)
    assert Entry.objects.filter(verb="import.undone").count() == 1


def test_what_it_changed_is_put_back():
    make_department(name="Qualité")
    old = make_department(name="Ventes")
    team = make_department(name="Avant-vente", parent=old)
    boss = make_user(email="boss@orvaly.example")
    person = make_person(
        make_user(email="a@orvaly.example", first_name="Zoé", last_name="Roux"),
        department=old,
        team=team,
        manager=boss,
        job_title="Soudeuse",
    )
    before = Person.objects.filter(pk=person.pk).values().get()
    source = imported("a.csv", data=csv("a@orvaly.example,Anne,Roy,Qualité,,,7"))
    assert Person.objects.get(pk=person.pk).department.name == "Qualité"
    source.start_undo(by=source.created_by)
    assert Person.objects.filter(pk=person.pk).values().get() == before
    assert User.objects.get(email="a@orvaly.example").get_full_name() == "Zoé Roux"
    source.refresh_from_db()
    assert source.counts["restored"] == 1


@pytest.mark.parametrize("change", [{"last_login": timezone.now()}, {"first_name": "Autre"}])
def test_an_account_that_was_used_or_changed_stays(change):
    source = imported("a.csv", data=csv("a@orvaly.example,Anne,Roy,,,,7"))
    User.objects.filter(email="a@orvaly.example").update(**change)
    source.start_undo(by=source.created_by)
    source.refresh_from_db()
    assert (source.counts["removed"], source.counts["kept"]) == (0, 1)
    assert User.objects.filter(email="a@orvaly.example").exists()


def test_what_somebody_changed_since_is_not_put_back():
    person = make_person(make_user(email="a@orvaly.example"), job_title="Soudeuse")
    source = imported(
        "a.csv", data=csv("a@orvaly.example,Chef,7", header="email,job title,employee_id")
    )
    Person.objects.filter(pk=person.pk).update(job_title="Directrice")
    source.start_undo(by=source.created_by)
    person.refresh_from_db()
    assert (person.job_title, person.employee_id) == ("Directrice", None)


def test_who_left_by_the_file_comes_back():
    make_person(make_user(email="gone@orvaly.example"))
    line = csv("gone@orvaly.example,Terminated,2026-09-30", header="email,status,termination date")
    source = imported("a.csv", data=line)
    assert not User.objects.get(email="gone@orvaly.example").is_active
    source.start_undo(by=source.created_by)
    assert User.objects.get(email="gone@orvaly.example").is_active
    assert Person.objects.get().leaves_on is None


def test_only_the_last_import_is_undone_and_once():
    by = make_admin()
    first = imported("a.csv", by, csv("a@orvaly.example,A,A,,,,1"))
    second = imported("b.csv", by, csv("b@orvaly.example,B,B,,,,2"))
    with pytest.raises(NotNow):
        first.start_undo(by=by)
    second.start_undo(by=by)
    with pytest.raises(NotNow):
        second.start_undo(by=by)


def test_the_page_undoes_and_says_what_it_could(as_user):
    manager = make_manager(language="en")
    source = imported("a.csv", manager, csv("a@orvaly.example,A,A,,,,1"))
    client = as_user(manager)
    page = client.get(reverse("ambassadors:import-done", args=[source.pk]))
    assert 'id="undo"' in page.content.decode()
    client.post(reverse("ambassadors:import-undo", args=[source.pk]))
    page = client.get(reverse("ambassadors:import-done", args=[source.pk])).content.decode()
    assert '<dd id="undone-removed">1</dd>' in page


def test_a_stranger_undoes_nothing(as_user):
    source = imported("a.csv", make_manager(), csv("a@orvaly.example,A,A,,,,1"))
    assert as_user(make_manager()).post(
        reverse("ambassadors:import-undo", args=[source.pk])
    ).status_code == 404  # fmt: skip
    assert as_user(make_user()).post(
        reverse("ambassadors:import-undo", args=[source.pk])
    ).status_code == 403  # fmt: skip
