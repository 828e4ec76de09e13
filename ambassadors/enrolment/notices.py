"""The invitation, and two reminders of it: after three days, after ten, then never again."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, already_told, key_around_pk, notify
from activity.hearing import Kind, announce
from activity.models import Entry, Notification
from ambassadors.accounts import notices  # noqa: F401 — makes its messages known
from ambassadors.enrolment.models import (
    Ambassador,
    Invitation,
    InvitationExpired,
    InvitationUsed,
)

REMINDERS = (timedelta(days=3), timedelta(days=10))


def invited(entry: Entry) -> list[int]:
    return list(_of(entry).values_list("user", flat=True))


def send_at(entry: Entry) -> datetime | None:
    return _of(entry).values_list("send_at", flat=True).first()


def _of(entry):
    return Invitation.objects.filter(pk=entry.subject_id)


def open_door(notification: Notification) -> dict | None:
    """What both mails say; None once the person has answered, or has a newer link."""
    invitations = Invitation.objects.select_related("user", "invited_by")
    invitation = invitations.filter(pk=notification.subject_id).first()
    if invitation is None or not _stands(invitation):
        return None
    # A customer is written to by the organisation, and told the name of nobody who works here.
    inviter = None if notification.recipient.is_customer else invitation.invited_by
    return {
        "is_customer": notification.recipient.is_customer,
        "invitation": invitation,
        "inviter": inviter,
        "days": settings.INVITATION_DAYS,
        "url": invitation.url,
        "label": _("See the invitation"),
        "sender": f"{inviter}, {settings.ORGANISATION}" if inviter else "",
        "reply_to": inviter.email if inviter else "",
    }


def _stands(invitation):
    try:
        invitation.check_good()
    except (InvitationUsed, InvitationExpired):
        return False
    return True


def reminder(notification: Notification) -> dict | None:
    context = open_door(notification)
    if context is None:
        return None
    return context | {"is_last": notification.data["round"] == len(REMINDERS)}


INVITATION = announce(
    Kind(
        name="invitation",
        label=gettext_lazy("An invitation to the programme"),
        verbs=("invitation.sent",),
        people=invited,
        not_before=send_at,
        context=open_door,
        transactional=True,
    )
)
REMINDER = announce(
    Kind(
        name="invitation.reminder",
        label=gettext_lazy("Reminders of an invitation"),
        context=reminder,
        has_own_setting=True,
    )
)


def tell_invited(invitations: Iterable[Invitation]) -> None:
    """Writes the rows of many invitations at once, in the transaction that makes them."""
    notify(
        INVITATION,
        (
            Addressed(
                person=invitation.user_id,
                key=f"{INVITATION.name}:{invitation.pk}",
                subject_id=str(invitation.pk),
                not_before=invitation.send_at,
            )
            for invitation in invitations
        ),
    )


def remind(now: datetime) -> None:
    """Reminds whoever has not answered: once in each round, however often this runs."""
    for number, since in enumerate(REMINDERS, start=1):
        until = REMINDERS[number] if number < len(REMINDERS) else None
        notify(REMINDER, _unanswered(number, now, since, until))


def _unanswered(number, now, since, until) -> Iterator[Addressed]:
    waiting = Invitation.objects.good(now).filter(
        send_at__lte=now - since,
        user__is_active=True,
        user__ambassador__state=Ambassador.State.INVITED,
    )
    if until:
        # A round that was missed is not made up for: two reminders on one day are a nag.
        waiting = waiting.filter(send_at__gt=now - until)
    key = key_around_pk(f"{REMINDER.name}:", f":{number}")
    waiting = waiting.annotate(key=key).exclude(already_told("key", Notification.Channel.EMAIL))
    for pk, person, key in waiting.values_list("pk", "user", "key").iterator():
        yield Addressed(person=person, key=key, subject_id=str(pk), data={"round": number})
