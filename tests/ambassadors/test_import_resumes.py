"""A worker is killed in the middle of an import; the next one goes on, and nobody is there twice."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from ambassadors.accounts.models import User
from ambassadors.directory.imports.models import Import
from ambassadors.directory.imports.rows import ImportRow
from ambassadors.directory.models import Person
from tests.ambassadors.test_import_commit import csv, receive

PEOPLE = 6_000
# The worker's own task, in a process of its own, pieces small enough to be met in the middle.
WORK = """
import django
from django.conf import settings
settings.DATABASES["default"].update({database})
django.setup()
from ambassadors.directory.imports.rows import ImportRow
from ambassadors.directory.imports import tasks
ImportRow.CHUNK = 100
tasks.{task}({pk})
"""


def work(task, pk):
    names = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
    database = {name: connection.settings_dict[name] for name in names}
    code = WORK.format(task=task, pk=pk, database=database)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def killed_when(worker, reached):
    deadline = time.monotonic() + 60
    while not reached() and time.monotonic() < deadline and worker.poll() is None:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_writing_loses_nobody_and_doubles_nobody(monkeypatch):
    monkeypatch.setattr(Import, "_later", lambda self, task: None)
    lines = [f"p{n}@orvaly.example,P,Roy,Ventes,,,{n}" for n in range(PEOPLE)]
    source = receive("a.csv", data=csv(*lines))
    source.start(by=source.created_by, invite=False)
    worker = work("commit_import", source.pk)
    killed_when(worker, lambda: Person.objects.count() > PEOPLE // 4)
    written = Person.objects.count()
    assert PEOPLE // 4 < written < PEOPLE
    assert ImportRow.objects.filter(source=source, written=True).count() == written
    assert work("commit_import", source.pk).wait(120) == 0
    source.refresh_from_db()
    assert (source.status, source.counts["create"]) == ("committed", PEOPLE)
    assert (Person.objects.count(), User.objects.count()) == (PEOPLE, PEOPLE + 1)
    assert source.changes.count() == PEOPLE
