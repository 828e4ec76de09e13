"""What an import writes: all that is good, once, and nothing when the same file comes again."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from activity.models import Entry
from ambassadors.accounts.models import User
from ambassadors.directory.imports import models as import_models
from ambassadors.directory.imports.models import Import, NotNow
from ambassadors.directory.models import Department, Location, Person
from tests.factories import make_admin, make_department, make_manager, make_person, make_user

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"
FR = json.loads((DATA / "people-fr.expected.json").read_text())
EN = json.loads((DATA / "people-en.expected.json").read_text())


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """As the worker would, without one."""
    monkeypatch.setattr(import_models, "COMMIT_AT_ONCE", 10_000)


def make_orvaly():
    """The departments, teams and places of the sample files, with both names."""
    words = {
        kind: {french: english for english, french in names.items()}
        for kind, names in EN["translations"].items()
    }
    for name, teams in FR["reference"]["departments"].items():
        department = make_department(name=name, name_en=words["departments"][name])
        for team in teams:
            make_department(name=team, name_en=words["teams"][team], parent=department)
    for name in FR["reference"]["locations"]:
        Location.objects.create(name=name, name_en=words["locations"][name])


def receive(name, by=None, data=None):
    data = (DATA / name).read_bytes() if data is None else data
    return Import.receive(SimpleUploadedFile(name, data), by=by or make_admin())


def imported(name, by=None, data=None):
    by = by or make_admin()
    source = receive(name, by, data)
    source.start(by=by, invite=False)
    return source


def csv(*lines, header="email,first_name,last_name,department,team,location,employee_id"):
    return "\n".join([header, *lines]).encode()


def test_checking_writes_nobody():
    source = receive("people-fr.csv")
    assert source.status == Import.Status.CHECKED
    assert source.counts["error"] == 15
    assert (User.objects.count(), Person.objects.count()) == (1, 0)


def test_the_french_file_brings_2481_people_with_2473_managers():
    make_orvaly()
    imported("people-fr.csv")
    people = Person.objects.select_related("department", "location", "user")
    assert people.count() == 2481
    assert people.exclude(manager=None).count() == 2473
    counts = FR["counts"]
    assert (
        Counter(p.department.name if p.department else "(none)" for p in people)
        == counts["by_department"]
    )
    assert (
        Counter(p.location.name if p.location else "(none)" for p in people)
        == counts["by_location"]
    )
    # Whose language is unknown gets the organisation's.
    assert Counter(p.user.language for p in people) == {"fr": 2186 + 1, "en": 294}
    assert Department.objects.count() == 12 + sum(map(len, FR["reference"]["departments"].values()))


def test_an_empty_directory_gets_its_departments_from_the_file_and_no_slips():
    imported("people-fr.csv")
    assert Department.objects.filter(parent=None).count() == 12
    assert Department.objects.exclude(parent=None).count() == 40
    assert set(Location.objects.values_list("name", flat=True)) == set(FR["reference"]["locations"])
    assert Person.objects.filter(department=None).count() == 1


def test_the_same_file_again_changes_nothing():
    make_orvaly()
    imported("people-fr.csv")
    before = (
        list(User.objects.order_by("pk").values()),
        list(Person.objects.order_by("pk").values()),
    )
    by = User.objects.admins().first()
    again = receive("people-fr.csv", by)
    assert again.to_write == 0
    again.start(by=by, invite=False)
    assert again.counts["same"] == 2481
    assert before == (
        list(User.objects.order_by("pk").values()),
        list(Person.objects.order_by("pk").values()),
    )


def test_the_english_file_after_the_french_updates_120_and_adds_675():
    make_orvaly()
    imported("people-fr.csv")
    source = imported("people-en.xlsx", by=User.objects.admins().first())
    assert (source.counts["update"], source.counts["create"]) == (120, 675)
    assert Person.objects.count() == 2481 + 675
    assert (Department.objects.count(), Location.objects.count()) == (12 + 40, 6)
    dang = User.objects.get(email="mai.dang@orvaly.example")
    assert dang.get_full_name() == "Mai Đặng"
    names = [row["email"] for row in EN["also_in_people_fr"]]
    healed = User.objects.filter(email__in=names, last_name__contains="?")
    assert not healed.exists()


def test_writing_twice_is_writing_once():
    source = receive("people-small.csv")
    source.start(by=source.created_by)
    entries = Entry.objects.count()
    source.commit(source.created_by)
    assert Person.objects.count() == 12
    assert Entry.objects.count() == entries
    with pytest.raises(NotNow):
        source.start(by=source.created_by)


def test_rows_are_judged_again_at_the_moment_of_writing():
    source = receive("a.csv", data=csv("new@orvaly.example,Luc,Roy,,,,7"))
    make_person(make_user(email="new@orvaly.example"), employee_id="8")
    source.start(by=source.created_by)
    assert source.counts == {"error": 1}
    assert Person.objects.get().employee_id == "8"


def test_a_list_is_judged_again_only_when_the_directory_is_another(monkeypatch):
    judged = []
    monkeypatch.setattr(Import, "_judge_for", lambda source, by: judged.append(source.pk))
    first, second = (
        receive(f"{name}.csv", data=csv(f"{name}@orvaly.example,{name},Roy,,,,"))
        for name in ("a", "b")
    )
    second.start(by=second.created_by, invite=False)
    first.start(by=first.created_by, invite=False)
    assert judged == [first.pk]


def test_a_clash_while_writing_writes_nothing_and_says_so(monkeypatch):
    by = make_admin()
    source = receive(
        "a.csv", by, data=csv("a@orvaly.example,A,A,,,,1", "b@orvaly.example,B,B,,,,2")
    )
    seen_by = import_models.seen_by

    def seen_before_somebody_came(importer):
        answer = seen_by(importer)
        if not User.objects.filter(email="b@orvaly.example").exists():
            make_user(email="b@orvaly.example")
        return answer

    monkeypatch.setattr(import_models, "seen_by", seen_before_somebody_came)
    source.start(by=by)
    source.refresh_from_db()
    assert source.status == Import.Status.CHECKED
    assert source.refusal["code"] == "Collided"
    assert not Person.objects.exists()


def test_an_empty_cell_empties_nothing():
    person = make_person(
        make_user(email="a@orvaly.example", first_name="Zoé"), job_title="Soudeuse", employee_id="1"
    )
    imported("a.csv", data=csv("a@orvaly.example,,Roy,,,,"))
    person.refresh_from_db()
    assert (person.user.first_name, person.user.last_name) == ("Zoé", "Roy")
    assert (person.job_title, person.employee_id) == ("Soudeuse", "1")


def test_a_new_department_takes_the_old_ones_team_away():
    old, new = make_department(name="Ventes"), make_department(name="Qualité")
    team = make_department(name="Avant-vente", parent=old)
    person = make_person(make_user(email="a@orvaly.example"), department=old, team=team)
    imported("a.csv", data=csv("a@orvaly.example,,,Qualité,,,"))
    person.refresh_from_db()
    assert (person.department, person.team) == (new, None)


LEFT = "email,status,termination date"


def test_who_left_is_deactivated_and_who_leaves_later_is_not():
    gone = make_person(make_user(email="gone@orvaly.example"))
    going = make_person(make_user(email="going@orvaly.example"))
    lines = ["gone@orvaly.example,Terminated,2026-09-30", "going@orvaly.example,Active,2027-01-31"]
    source = imported("a.csv", data=csv(*lines, header=LEFT))
    for person in (gone, going):
        person.refresh_from_db()
        person.user.refresh_from_db()
    assert (gone.user.is_active, gone.leaves_on) == (False, dt.date(2026, 9, 30))
    assert (going.user.is_active, going.leaves_on) == (True, dt.date(2027, 1, 31))
    assert source.counts["close"] == 1
    assert Entry.objects.filter(verb="user.deactivated").count() == 1


def test_an_hr_manager_closes_no_administrator_and_gives_no_role():
    admin, manager = make_admin(email="admin@orvaly.example"), make_manager()
    header = "email,status,role"
    lines = ["admin@orvaly.example,Terminated,", "b@orvaly.example,Active,admin"]
    imported("a.csv", manager, csv(*lines, header=header))
    admin.refresh_from_db()
    assert admin.is_active
    assert User.objects.get(email="b@orvaly.example").role == "ambassador"


def test_an_hr_manager_renames_no_administrator():
    """Past decisions carry the name, and would seem to be somebody else's."""
    admin = make_admin(email="admin@orvaly.example", first_name="Odile", last_name="Roy")
    line = csv("admin@orvaly.example,Fergus,Ashcombe", header="email,first_name,last_name")
    imported("a.csv", make_manager(), line)
    admin.refresh_from_db()
    assert (admin.first_name, admin.last_name) == ("Odile", "Roy")


def test_an_administrator_gives_roles():
    imported("people-small.csv")
    roles = Counter(Person.objects.values_list("user__role", flat=True))
    assert roles == {"admin": 1, "manager": 2, "ambassador": 9}
    assert Entry.objects.filter(verb="user.role_changed").count() == 3


def test_the_last_administrator_is_not_closed_by_a_file():
    admin = make_admin(email="admin@orvaly.example")
    imported("a.csv", admin, csv("admin@orvaly.example,Terminated,2026-09-30", header=LEFT))
    admin.refresh_from_db()
    assert admin.is_active


def test_of_what_went_in_without_a_word_no_copy_stays():
    source = imported("people-small.csv")
    assert all(row.cells == [] and row.fields == {} for row in source.rows.all())


def test_a_cancelled_import_forgets_its_rows():
    source = receive("people-small.csv")
    source.cancel()
    assert (source.status, source.rows.count()) == ("cancelled", 0)
