"""Whom an import invites: those who are new, once, in their language, not before their first day."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ambassadors.directory.imports import models
from ambassadors.directory.imports.models import Import
from ambassadors.directory.imports.tasks import sweep_imports
from ambassadors.enrolment import importing
from ambassadors.enrolment.importing import invite_imported, sweep_imported
from ambassadors.models import Ambassador, Invitation, Person
from tests.factories import make_admin, make_person, make_user

pytestmark = pytest.mark.django_db
HEADER = "email,first_name,last_name,language,hire_date\n"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC), tick=False):
        yield


def imported(*lines, **choices):
    data = (HEADER + "\n".join(lines)).encode()
    source = Import.receive(SimpleUploadedFile("a.csv", data), by=make_admin())
    source.start(by=source.created_by, **choices)
    source.refresh_from_db()
    return source


def people(n):
    return [f"p{number}@orvaly.example,P,{number},fr," for number in range(n)]


def test_each_new_person_is_invited_in_their_language():
    lines = ["luc@orvaly.example,Luc,Roy,fr,", "ann@orvaly.example,Ann,Roy,en,"]
    source = imported(*lines, message_fr="Bienvenue", message_en="Welcome")
    invite_imported(source.pk)
    said = dict(Invitation.objects.values_list("user__email", "message"))
    assert said == {"luc@orvaly.example": "Bienvenue", "ann@orvaly.example": "Welcome"}
    assert {i.invited_by for i in Invitation.objects.all()} == {source.committed_by}
    source.refresh_from_db()
    assert source.counts["invited"] == 2


def test_whoever_was_here_already_is_not_invited_again():
    make_person(make_user(email="luc@orvaly.example", first_name="Lucas"))
    invite_imported(imported("luc@orvaly.example,Luc,Roy,fr,").pk)
    assert not Invitation.objects.exists()


def test_invitations_leave_once_however_often_the_task_runs(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 3)
    source = imported(*people(8))
    for _ in range(3):
        invite_imported(source.pk)
    sweep_imported()
    assert Invitation.objects.count() == 8


def test_a_long_list_goes_on_in_a_new_task(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    monkeypatch.setattr(importing, "CHUNKS_PER_TASK", 2)
    source = imported(*people(9))
    invite_imported(source.pk)
    assert Invitation.objects.count() == 4
    for _ in range(3):
        invite_imported(source.pk)
    assert Invitation.objects.count() == 9


def test_whoever_starts_later_is_invited_on_their_first_morning():
    source = imported("luc@orvaly.example,Luc,Roy,fr,2027-01-04")
    invite_imported(source.pk)
    first_morning = timezone.localtime(Invitation.objects.get().send_at)
    assert first_morning.isoformat() == "2027-01-04T08:00:00-05:00"
    source.refresh_from_db()
    assert (source.counts["invited"], source.counts["later"]) == (1, 1)


def test_a_first_day_in_36_years_is_not_waited_for():
    source = imported("luc@orvaly.example,Luc,Roy,fr,2062-03-15")
    invite_imported(source.pk)
    source.refresh_from_db()
    assert not Invitation.objects.exists()
    assert source.counts["not_invited"] == 1
    assert Person.objects.get().hire_date == dt.date(2062, 3, 15)


def test_without_e_mail_people_are_asked_when_they_log_in():
    source = imported(*people(2), invite=False)
    invite_imported(source.pk)
    assert not Invitation.objects.exists()
    assert Ambassador.objects.invited().count() == 2


def test_a_lost_wake_up_is_found_by_the_sweep(monkeypatch):
    imported(*people(1))
    monkeypatch.setattr(importing, "wake", lambda task, pk: task(pk))
    sweep_imported()
    assert Invitation.objects.count() == 1


def test_the_commit_wakes_the_inviting(monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(importing, "wake", lambda task, pk: woken.append(pk))
    with django_capture_on_commit_callbacks(execute=True):
        source = imported(*people(1))
    assert woken == [source.pk]


def test_of_invited_people_no_line_stays():
    source = imported(*people(2), "broken,Luc,Roy,fr,")
    invite_imported(source.pk)
    assert [row.outcome for row in source.rows.all()] == ["error"]


def test_after_thirty_days_everything_of_the_file_is_forgotten():
    source = imported(*people(2), "broken,Luc,Roy,fr,")
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        sweep_imports()
    source.refresh_from_db()
    assert not source.rows.exists()
    assert (source.counts["error"], source.status) == (1, "committed")


def test_work_that_no_worker_does_is_queued_again(monkeypatch):
    monkeypatch.setattr(models, "COMMIT_AT_ONCE", 0)
    source = imported(*people(2))
    assert source.status == "committing"
    woken = []
    monkeypatch.setattr(Import, "_later", lambda self, task: woken.append((self.pk, task)))
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        sweep_imports()
        sweep_imports()
    assert woken == [(source.pk, "commit_import")]
