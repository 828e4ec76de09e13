"""Messages that did not arrive, or perhaps did not, and sending them again."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.desk.reasons import in_plain_words
from activity.hearing import KINDS, transactional
from activity.log import record
from activity.models import Notification
from activity.tasks import wake_due

State = Notification.State
PUT_OFF = Q(state=State.QUEUED, attempts__gt=0) & ~Q(error="")
WHICH = {
    "": Q(state__in=[State.FAILED, State.UNKNOWN]),
    "failed": Q(state=State.FAILED),
    "unknown": Q(state=State.UNKNOWN),
    "put_off": PUT_OFF,
}
# So many may be sent again by one click; the others by the next.
MOST = 5_000


def _kinds():
    named = ((kind.name, kind.label) for kind in KINDS.values())
    return [("", _("All kinds")), *sorted(named, key=lambda pair: str(pair[1]))]


class Filter(forms.Form):
    """Which of them; read from the address, and sent along when all of them are meant."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Failed and unknown")),
            ("failed", _("Failed")),
            ("unknown", _("Unknown: may have arrived")),
            ("put_off", _("Put off: tried again by itself")),
        ],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_kinds)
    channel = forms.ChoiceField(
        label=_("Channel"),
        required=False,
        choices=[("", _("All channels")), *Notification.Channel.choices],
    )

    @property
    def asked(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def notifications(self) -> QuerySet[Notification]:
        """Newest first. Only of a valid form."""
        asked = self.cleaned_data
        found = Notification.objects.filter(WHICH[asked["state"]]).select_related("recipient")
        if asked["kind"]:
            found = found.filter(kind=asked["kind"])
        if asked["channel"]:
            found = found.filter(channel=asked["channel"])
        return found.order_by("-created_at", "pk")


@dataclass(frozen=True)
class Line:
    """A message in the list."""

    notification: Notification

    @property
    def what(self) -> Any:
        kind = KINDS.get(self.notification.kind)
        return kind.label if kind else self.notification.kind

    @property
    def reason(self) -> str:
        return in_plain_words(self.notification.error)

    @property
    def can_be_resent(self) -> bool:
        return self.notification.state in {State.FAILED, State.UNKNOWN}


def resendable(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    """Those that lie still. What is queued goes by itself, what is sent has arrived."""
    return notifications.filter(state__in=[State.FAILED, State.UNKNOWN])


def may_arrive_twice(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    """Those that may be there already and of which a copy is worse than none."""
    return notifications.filter(state=State.UNKNOWN).exclude(kind__in=transactional())


def resend(notifications: QuerySet[Notification], *, by: Any) -> int:
    """Queues them once more, under the same Message-ID; how many.

    What is no longer true by then is not sent: it is put into words anew, as any other.
    """
    with transaction.atomic():
        lying = resendable(notifications).order_by().values_list("pk", flat=True)[:MOST]
        found = list(lying)
        # Of two who press at once, the second finds them queued.
        n = resendable(Notification.objects.filter(pk__in=found)).update(
            state=State.QUEUED,
            attempts=0,
            not_before=timezone.now(),
            woken_at=None,
            reached_at=None,
            error="",
        )
        if n:
            shown = [str(pk) for pk in found[:20]]
            record("sending.resent", subject=by, actor=by, n=n, messages=shown)
    wake_due()
    return n
