"""Inviting the people an import brought in. The import itself knows nothing of invitations."""

import datetime as dt
from zoneinfo import ZoneInfo

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from activity.hearing import when
from activity.log import record
from activity.tasks import wake_due
from activity.waking import wake
from ambassadors.directory.imports.models import Import
from ambassadors.enrolment import notices
from ambassadors.enrolment.models import Ambassador, Invitation

CHUNK = 500
CHUNKS_PER_TASK = 20
FIRST_MAIL = dt.time(8)
# A hire date further away is a slip for another year more often than a plan.
FAR_AWAY = dt.timedelta(days=365)


@when("import.committed")
def invite_soon(entry):
    wake(invite_imported, int(entry.subject_id))


@shared_task
def invite_imported(pk):
    """Invites those who are new, in small transactions: a second worker sends nothing twice."""
    for _ in range(CHUNKS_PER_TASK):
        if not _invite_some(pk):
            return
        wake_due()
    wake(invite_imported, pk)


@shared_task
def sweep_imported():
    """Finds the imports whose wake-up was lost."""
    for pk in Import.objects.to_invite().values_list("pk", flat=True):
        wake(invite_imported, pk)


@transaction.atomic
def _invite_some(pk):
    """Invites up to CHUNK people; False when there is nothing more to do here."""
    mine = Import.objects.to_invite().select_for_update(skip_locked=True, of=["self"])
    source = mine.select_related("committed_by").filter(pk=pk).first()
    if source is None:
        return False
    waiting = list(_waiting(source)[:CHUNK])
    _enrol([row.person for row in waiting], source)
    if not waiting:
        source.close_invitations(**_figures(source))
    return bool(waiting)


def _waiting(source):
    horizon = timezone.localdate() + FAR_AWAY
    rows = source.rows.new().filter(person__isnull=False, person__ambassador=None)
    return rows.exclude(person__person__hire_date__gt=horizon).select_related("person__person")


def _enrol(people, source):
    """One entry for all of them: two thousand lines that say the same would hide the trail."""
    if not source.invite:
        Ambassador.objects.bulk_create([Ambassador(user=user) for user in people])
        return
    messages = {"en": source.message_en, "fr": source.message_fr}
    doors = [(user, messages[user.language], _first_morning(user)) for user in people]
    invitations = Invitation.open_many(doors, by=source.committed_by)
    notices.tell_invited(invitations)
    record("people.invited", subject=source, actor=source.committed_by, number=len(people))


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
