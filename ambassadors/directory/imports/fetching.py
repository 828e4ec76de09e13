"""The list that is fetched by itself: brought, held against what is usual, then written or kept
for a person to look at.

Nothing here waits in a queue. A sweep looks every minute at what is due and at what is checked, so
whatever a dead worker left is taken up by the next one.
"""

import hashlib
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from activity import outside
from activity.log import acting
from ambassadors.accounts.models import User
from ambassadors.accounts.sso.sealing import Unreadable
from ambassadors.directory.imports.bulk import held
from ambassadors.directory.imports.models import Import, NotNow, limits
from ambassadors.directory.imports.reading import TEXT_FORMS, WORKBOOK_FORMS
from ambassadors.directory.imports.schedule import ImportSchedule
from ambassadors.directory.imports.table import Refused, TooLarge
from ambassadors.directory.imports.verdicts import CLOSE, ERROR

SECONDS = 60
# What was written to a moment ago may still be on its way.
SETTLED = 60  # seconds
# No import has this number, so its lock is free for the schedule.
SCHEDULE = 0
Outcome, Status = ImportSchedule.Outcome, Import.Status


class NoFile(Exception):
    """The folder has no file of that name, or there is no folder."""


def run_schedule() -> None:
    """Fetches what is due and decides on what is checked. Twice, or at once, it does no more."""
    with held(SCHEDULE) as mine, acting(via="schedule"):
        if not mine:
            return
        for source in undecided():
            decide(source)
        schedule = ImportSchedule.objects.filter(pk=1).first()
        if schedule and schedule.is_due and not _is_busy(schedule):
            fetch(schedule)


def _is_busy(schedule):
    """Whether the last one is still being checked or written."""
    return schedule.imports.filter(status__in=[Status.CHECKING, Status.COMMITTING]).exists()


# --- Bringing ----------------------------------------------------------------------------------


def fetch(schedule: ImportSchedule) -> None:
    """Brings the list in, unless it is the one that came last."""
    if not _may_import(schedule.set_by):
        schedule.close_run(Outcome.NO_RIGHT)
        return
    try:
        name, data = brought(schedule)
        _take_in(schedule, name, data)
    except NoFile:
        schedule.close_run(Outcome.NO_FILE)
    except Unreadable:
        schedule.close_run(Outcome.NO_SECRET)
    except outside.Unreachable as error:
        schedule.close_run(Outcome.UNREACHABLE, code=error.code)
    except Refused as refused:
        schedule.close_run(Outcome.REFUSED, code=refused.code, params=refused.params)


def _may_import(user):
    return user is not None and user.is_active and user.has_perm("ambassadors.schedule_import")


def brought(schedule: ImportSchedule) -> tuple[str, bytes]:
    """The name and the bytes of the list. Raises NoFile, Unreadable, Unreachable or Refused."""
    if schedule.place == ImportSchedule.Place.FOLDER:
        return _from_folder(schedule.pattern)
    secret = {schedule.header_name: schedule.secret} if schedule.has_secret else {}
    try:
        answer = outside.fetch(
            schedule.url,
            outside.ANYTHING,
            most=settings.IMPORT_MAX_BYTES,
            deadline=outside.Deadline(SECONDS),
            private=secret,
        )
    except outside.TooBig:
        raise TooLarge(megabytes=limits().size // 2**20) from None
    return _name_of(answer), answer.body


def _name_of(answer):
    """As the address calls it, where that says what it is; else as the bytes are."""
    name = Path(unquote(urlsplit(answer.url).path)).name[-100:]
    if Path(name).suffix.lower() in TEXT_FORMS | WORKBOOK_FORMS:
        return name
    return "list.xlsx" if answer.body.startswith(b"PK\x03\x04") else "list.csv"


def _from_folder(pattern):
    if not settings.IMPORT_FOLDER:
        raise NoFile
    try:
        found = sorted(_files(Path(settings.IMPORT_FOLDER), pattern))
    except OSError:
        raise NoFile from None
    if not found:
        raise NoFile
    _time, size, path = found[-1]
    if size > settings.IMPORT_MAX_BYTES:
        raise TooLarge(megabytes=limits().size // 2**20)
    try:
        return path.name, path.read_bytes()
    except OSError:
        raise NoFile from None


def _files(folder, pattern) -> Iterator[tuple[float, int, Path]]:
    """Plain files that nobody is writing to. A link could lead to any file of the server."""
    for path in folder.iterdir():
        about = path.lstat()
        is_settled = about.st_mtime < time() - SETTLED
        if stat.S_ISREG(about.st_mode) and is_settled and fnmatch(path.name, pattern):
            yield about.st_mtime, about.st_size, path


@transaction.atomic
def _take_in(schedule, name, data):
    digest = hashlib.sha256(data).hexdigest()
    if digest == schedule.last_digest:
        schedule.close_run(Outcome.SAME)
        return
    # A newer list answers for one that nobody looked at.
    for waiting in schedule.imports.filter(status=Status.CHECKED):
        waiting.cancel()
    file = ContentFile(data, name=name)
    source = Import.receive(file, by=schedule.set_by, schedule=schedule)
    source.aside["digest"] = digest
    source.save(update_fields=["aside"])
    schedule.close_run(Outcome.TAKEN)


# --- Deciding ----------------------------------------------------------------------------------


def undecided() -> Any:
    """Imports that were fetched and checked (or refused), and that nobody has said a word about."""
    ended = Q(status__in=[Status.CHECKED, Status.REFUSED])
    return Import.objects.filter(ended, schedule__isnull=False, waits="")


def decide(source: Import) -> None:
    """Goes ahead with the list, or keeps it for a person and says why."""
    schedule = source.schedule
    reason = reason_to_wait(source, schedule)
    if reason:
        source.keep_waiting(reason)
        return
    try:
        source.start(by=schedule.set_by, invite=schedule.invite)
    except NotNow:
        # A person was faster.
        return


def reason_to_wait(source: Import, schedule: ImportSchedule) -> str:
    """Why a person must look first, as a key of Import.Waits; "" when nothing speaks against it."""
    counts, waits = source.counts, Import.Waits
    if source.status == Status.REFUSED:
        return waits.REFUSED
    if not _may_import(schedule.set_by):
        return waits.NO_RIGHT
    if not schedule.columns:
        return waits.FIRST
    if schedule.mapping_of(source.headers) is None:
        return waits.COLUMNS
    employees = User.objects.active().filter(person__isnull=False).count()
    if leaving(source) * 100 > schedule.most_leaving * employees:
        return waits.LEAVING
    if counts.get(ERROR, 0) * 100 > schedule.most_errors * source.rows.count():
        return waits.ERRORS
    return ""


def leaving(source: Import) -> int:
    """How many people would leave by this list, now or on a day it newly says."""
    told = Q(action=CLOSE) | Q(changes__contains="leave_date")
    return source.rows.filter(told).count()
