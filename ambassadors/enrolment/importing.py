"""Inviting the people an import brought in. The import itself knows nothing of invitations."""

import datetime as dt
from zoneinfo import ZoneInfo

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from activity.hearing import when
from ambassadors.directory.imports.models import Import
from ambassadors.enrolment.models import Ambassador, Invitation

CHUNK = 100
CHUNKS_PER_TASK = 20
FIRST_MAIL = dt.time(8)
# A hire date further away is a slip for another year more often than a plan.
FAR_AWAY = dt.timedelta(days=365)


@when("import.committed")
def invite_soon(entry):
    invite_imported.delay(int(entry.subject_id))


@shared_task
def invite_imported(pk):
    """Invites those who are new, in small transactions: a second worker sends nothing twice."""
    for _ in range(CHUNKS_PER_TASK):
        if not _invite_some(pk):
            return
    invite_imported.delay(pk)


@shared_task
def sweep_imported():
    """Finds the imports whose wake-up was lost."""
    for pk in Import.objects.to_invite().values_list("pk", flat=True):
        invite_imported.delay(pk)


@transaction.atomic
def _invite_some(pk):
    """Invites up to CHUNK people; False when there is nothing more to do here."""
    mine = Import.objects.to_invite().select_for_update(skip_locked=True, of=["self"])
    source = mine.select_related("committed_by").filter(pk=pk).first()
    if source is None:
        return False
    waiting = list(_waiting(source)[:CHUNK])
    for row in waiting:
        _enrol(row.person, source)
    if not waiting:
        source.close_invitations(**_figures(source))
    return bool(waiting)


def _waiting(source):
    horizon = timezone.localdate() + FAR_AWAY
    rows = source.rows.new().filter(person__isnull=False, person__ambassador=None)
    return rows.exclude(person__person__hire_date__gt=horizon).select_related("person__person")


def _enrol(user, source):
    if not source.invite:
        Ambassador.objects.get_or_create(user=user)
        return
    message = source.message_en if user.language == "en" else source.message_fr
    send_at = _first_morning(user)
    Invitation.send(user, by=source.committed_by, message=message, send_at=send_at)


def _first_morning(user):
    """Eight o'clock on the first day of somebody who has not started, None for the others."""
    first_day = user.person.hire_date
    if first_day is None or first_day <= timezone.localdate():
        return None
    return dt.datetime.combine(first_day, FIRST_MAIL, ZoneInfo(user.time_zone))


def _figures(source):
    today = timezone.localdate()
    new = source.rows.new().filter(person__isnull=False)
    enrolled = new.filter(person__ambassador__isnull=False)
    later = enrolled.filter(person__person__hire_date__gt=today) if source.invite else new.none()
    return {
        "invited": enrolled.count(),
        "later": later.count(),
        "not_invited": new.filter(person__ambassador=None).count(),
    }
