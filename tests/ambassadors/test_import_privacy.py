"""Pay is nowhere: not in the database, a page, the list of errors, a log, or on the disk."""

import json
import logging
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from ambassadors.directory.imports import models, tasks
from ambassadors.directory.imports.models import Import
from tests.factories import make_admin

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"
WORKBOOK = (DATA / "people-en.xlsx").read_bytes()
PRIVATE = json.loads((DATA / "people-en.expected.json").read_text())["never_import"]
SALARIES = {
    str(value)
    for (value,) in load_workbook(BytesIO(WORKBOOK), data_only=True)["Employees"].iter_rows(
        min_row=4, max_row=803, min_col=12, max_col=12, values_only=True
    )
}


def everything_in_the_database():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from (row[0] for row in cursor.fetchall())


def everything_on_the_disk():
    root = Path(storages["private"].location)
    return [path.read_bytes() for path in root.rglob("*") if path.is_file()]


def all_pages(client, source, pages):
    check = reverse("ambassadors:import-check", args=[source.pk])
    for shown in ("new", "known", "errors", "remarks", "passed_over"):
        for number in range(1, pages + 1):
            yield client.get(check, {"rows": shown, "page": number})
    for name in ("columns", "units", "invite", "download"):
        yield client.get(reverse(f"ambassadors:import-{name}", args=[source.pk]))


def found_in(text):
    return {salary for salary in SALARIES if salary in text}


def test_the_canaries_are_in_the_file():
    assert {str(canary["value"]) for canary in PRIVATE["canaries"]} <= SALARIES
    assert len(SALARIES) > 700


def test_no_salary_is_anywhere(as_user, caplog):
    caplog.set_level(logging.DEBUG)
    client = as_user(make_admin(language="en"))
    file = SimpleUploadedFile("people-en.xlsx", WORKBOOK)
    client.post(reverse("ambassadors:import-new"), {"file": file})
    source = Import.objects.get()
    shown = "".join(
        response.content.decode("utf-8", "replace") for response in all_pages(client, source, 32)
    )
    assert "Abernathy" in shown
    assert "Column L is hidden in the workbook: it was not read." in shown
    assert "Base Salary" not in shown
    client.post(reverse("ambassadors:import-invite", args=[source.pk]), {"how": "mail"})
    tasks.commit_import(source.pk)
    source.refresh_from_db()
    assert source.counts["create"] == 795
    done = client.get(reverse("ambassadors:import-done", args=[source.pk])).content.decode()
    stored = "\n".join(everything_in_the_database())
    assert "Abernathy" in stored
    for place in (shown, done, stored, caplog.text):
        assert found_in(place) == set()
    assert everything_on_the_disk() == []


def test_the_list_of_errors_holds_no_salary(as_user):
    client = as_user(make_admin())
    file = SimpleUploadedFile("people-en.xlsx", WORKBOOK)
    client.post(reverse("ambassadors:import-new"), {"file": file})
    response = client.get(reverse("ambassadors:import-download", args=[Import.objects.get().pk]))
    book = load_workbook(BytesIO(response.content))
    text = str([list(sheet.values) for sheet in book])
    assert "Alistair Oakman" in text
    assert found_in(text) == set()
    assert "Base Salary" not in text


def test_a_large_file_is_kept_only_until_the_worker_has_read_it(
    monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(models, "READ_AT_ONCE", 10)
    with django_capture_on_commit_callbacks(execute=True):
        source = Import.receive(SimpleUploadedFile("people-en.xlsx", WORKBOOK), by=make_admin())
    assert source.status == "checking"
    assert everything_on_the_disk() == [WORKBOOK]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_import(source.pk)
    source.refresh_from_db()
    assert (source.status, source.counts["create"]) == ("checked", 795)
    assert everything_on_the_disk() == []


def test_a_visible_column_about_pay_is_named_and_not_read(as_user):
    client = as_user(make_admin(language="en"))
    data = b"Courriel;Salaire;Nom\nluc@orvaly.example;49668,38;Roy\n"
    file = SimpleUploadedFile("paie.csv", data)
    client.post(reverse("ambassadors:import-new"), {"file": file})
    source = Import.objects.get()
    shown = "".join(response.content.decode() for response in all_pages(client, source, 1))
    assert "Private, so never read: Salaire." in shown
    assert "49668" not in shown + "\n".join(everything_in_the_database())


def test_a_file_that_no_import_knows_is_swept_away():
    storage = storages["private"]
    storage.save("imports/lost", BytesIO(WORKBOOK))
    tasks.sweep_imports()
    assert storage.exists("imports/lost")
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        tasks.sweep_imports()
    assert not storage.exists("imports/lost")
