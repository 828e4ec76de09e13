"""A report, taken in: whose mail it was, and what follows for their address.

hard        nothing is sent there any more
soft        counted; the third within thirty days lets the address rest for two weeks
complaint   nothing is sent there any more, and the administrators hear of it
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from activity.log import record
from activity.mailing import reports, suppression
from activity.mailing.models import Bounce, Report, Suppression, fold
from activity.models import Notification

SOFT_ALLOWED = 3
SOFT_WITHIN = timedelta(days=30)
SOFT_REST = timedelta(days=14)


def take_in(raw: bytes) -> Bounce | None:
    """raw: a whole mail as it came. None when it is no report, on no mail of ours, or known."""
    said = reports.read(raw)
    if said is None:
        return None
    mails = Notification.objects.filter(channel=Notification.Channel.EMAIL)
    mail = mails.select_related("recipient").filter(pk=said.notification).first()
    return note(mail, said) if mail else None


@transaction.atomic
def note(mail: Notification, said: reports.Said) -> Bounce | None:
    bounce, is_new = Bounce.objects.get_or_create(
        notification=mail.pk,
        kind=said.kind,
        defaults={"person": mail.recipient, "status": said.status, "words": said.words},
    )
    if not is_new:
        return None
    if said.kind != Report.COMPLAINT:
        mail.bounce(f"{said.status} {said.words}".strip() or "came back")
    # Somebody who has another address since is not held back for the old one.
    if not said.to or fold(said.to) == fold(mail.recipient.email):
        _follow(bounce, mail.recipient)
    return bounce


def _follow(bounce, person):
    address, words = person.email, f"{bounce.status} {bounce.words}".strip()
    if bounce.kind == Report.HARD:
        suppression.hold_back(address, Suppression.Reason.HARD, words=words)
    elif bounce.kind == Report.COMPLAINT:
        suppression.hold_back(address, Suppression.Reason.COMPLAINT)
        record("complaint.received", subject=bounce, actor=None)
    elif _softly(person) >= SOFT_ALLOWED:
        until = timezone.now() + SOFT_REST
        suppression.hold_back(address, Suppression.Reason.SOFT, words=words, until=until)


def _softly(person):
    return Bounce.objects.of(person.pk, Report.SOFT, timezone.now() - SOFT_WITHIN).count()
