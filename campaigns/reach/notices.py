"""The report by mail, frozen at the moment it was due."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.models import Notification
from campaigns.reach import freezing
from campaigns.reach.forms import ReachFilter
from campaigns.reach.mailing import Mailing, Rhythm, due_slot
from campaigns.reach.snapshot import Snapshot

KIND = "reach.report"


def send_due(now: datetime) -> None:
    """Freezes and addresses each report that is due, once."""
    for rhythm in Rhythm:
        slot = due_slot(rhythm, now)
        if not slot:
            continue
        due = Mailing.objects.filter(rhythm=rhythm, since__lte=slot).exclude(snapshots__slot=slot)
        for pk in due.values_list("pk", flat=True):
            _send(pk, slot)


@transaction.atomic
def _send(pk, slot):
    # The lock is on the mailing: a second worker waits, and then finds the snapshot made.
    mailing = (
        Mailing.objects.select_for_update(of=["self"])
        .select_related("view__owner")
        .filter(pk=pk)
        .exclude(snapshots__slot=slot)
        .first()
    )
    people = mailing.may_be_sent_to() if mailing else []
    if not people:
        return
    form = ReachFilter.of(QueryDict(mailing.view.question))
    snapshot = freezing.freeze(form, mailing.view.name, readers=people, mailing=mailing, slot=slot)
    notify(REPORT, _addressed(snapshot, mailing, people))


def _addressed(snapshot, mailing, people) -> Iterator[Addressed]:
    for person in people:
        yield Addressed(
            person=person.pk,
            key=f"{KIND}:{mailing.pk}:{snapshot.slot:%Y-%m-%d}:{person.pk}",
            subject_id=str(mailing.view_id),
            data={"snapshot": str(snapshot.pk)},
        )


def letter_of(notification: Notification) -> dict | None:
    """The frozen figures in the reader's language; None for who may not see them any more."""
    person = notification.recipient
    snapshots = Snapshot.objects.visible_to(person).select_related("mailing")
    snapshot = snapshots.filter(pk=notification.data["snapshot"]).first()
    if not snapshot or not person.is_active or not _still_goes_to(person, snapshot.mailing):
        return None
    return {
        "snapshot": snapshot,
        "words": freezing.words_of(snapshot),
        "url": settings.BASE_URL + snapshot.get_absolute_url(),
        "label": _("Read the report as it was mailed"),
        "live_url": settings.BASE_URL + snapshot.live_path,
        "stop_url": settings.BASE_URL + reverse("campaigns:reach-view-list"),
    }


def _still_goes_to(person, mailing):
    return mailing is not None and mailing.recipients.filter(pk=person.pk).exists()


REPORT = announce(
    Kind(
        name=KIND,
        label=_("The reach report you are sent"),
        context=letter_of,
        perm="campaigns.see_reach",
    )
)
