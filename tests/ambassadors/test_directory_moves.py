"""People who change department on a day to come: noted now, done then, counted where they were."""

import datetime as dt

import pytest
import time_machine

from activity.models import Entry
from ambassadors.directory.models import Location
from ambassadors.directory.moves import Move, move_people
from tests.ambassadors.test_import_commit import _at_once, _today, csv, imported  # noqa: F401
from tests.factories import make_admin, make_department, make_person, make_user

pytestmark = pytest.mark.django_db
HEADER = "email,department,team,moves_on"


@pytest.fixture
def ana():
    sales = make_department(name="Ventes")
    make_department(name="Qualité")
    team = make_department(name="Export", parent=sales)
    return make_person(make_user(email="ana@orvaly.example"), department=sales, team=team)


def send(*lines, header=HEADER):
    return imported("a.csv", by=make_admin(), data=csv(*lines, header=header))


def on(day):
    return time_machine.travel(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(15)))


def where(person):
    person.refresh_from_db()
    return str(person.department), person.team and str(person.team)


def test_a_move_is_noted_and_done_on_its_day(ana):
    source = send("ana@orvaly.example,Qualité,,2026-12-01")
    assert source.counts["update"] == 1
    move_people()
    assert where(ana) == ("Ventes", "Export")
    with on("2026-12-01"):
        move_people()
        move_people()
    assert where(ana) == ("Qualité", None)
    assert Entry.objects.filter(verb="person.moved").count() == 1
    move = Move.objects.get()
    assert move.before["department_id"] != ana.department_id


def test_the_same_list_again_changes_nothing_before_and_after_the_day(ana):
    line = "ana@orvaly.example,Qualité,,2026-12-01"
    send(line)
    assert send(line).counts["same"] == 1
    with on("2026-12-02"):
        move_people()
        assert send(line).counts["same"] == 1
    assert Move.objects.count() == 1


def test_another_day_or_place_replaces_the_move_and_an_empty_day_takes_it_back(ana):
    send("ana@orvaly.example,Qualité,,2026-12-01")
    send("ana@orvaly.example,Qualité,,2027-01-15")
    assert Move.objects.get().on == dt.date(2027, 1, 15)
    send("ana@orvaly.example,Ventes,Export,")
    assert not Move.objects.exists()
    assert where(ana) == ("Ventes", "Export")


def test_a_list_without_that_column_leaves_the_move_alone(ana):
    send("ana@orvaly.example,Qualité,,2026-12-01")
    send("ana@orvaly.example,Ventes", header="email,department")
    assert Move.objects.to_come().count() == 1


def test_a_day_that_has_passed_and_somebody_new_are_placed_at_once(ana):
    send("ana@orvaly.example,Qualité,,2026-11-01", "new@orvaly.example,Ventes,,2026-12-01")
    assert where(ana) == ("Qualité", None)
    assert not Move.objects.exists()


def test_place_and_manager_move_as_well(ana):
    place, boss = Location.objects.create(name="Lyon"), make_person().user
    line = f"ana@orvaly.example,Lyon,{boss.email},2026-12-01"
    send(line, header="email,location,manager email,moves_on")
    with on("2026-12-01"):
        move_people()
    ana.refresh_from_db()
    assert (ana.location, ana.manager, str(ana.department)) == (place, boss, "Ventes")


def test_undoing_the_list_takes_the_move_back_or_brings_the_old_one_back(ana):
    first = send("ana@orvaly.example,Qualité,,2026-12-01")
    second = send("ana@orvaly.example,Qualité,,2027-01-15")
    second.start_undo(by=second.created_by)
    move = Move.objects.get()
    assert (move.on, str(move.department)) == (dt.date(2026, 12, 1), "Qualité")
    first.refresh_from_db()
    first.start_undo(by=first.created_by)
    assert not Move.objects.exists()


def test_somebody_whose_account_is_closed_is_not_moved(ana):
    send("ana@orvaly.example,Qualité,,2026-12-01")
    ana.user.deactivate(by=make_admin())
    with on("2026-12-02"):
        move_people()
    assert where(ana) == ("Ventes", "Export")
