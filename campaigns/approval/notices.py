"""What waits too long, told to those who decide, then to those who can do something about it."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Notification
from campaigns.approval import reminders
from campaigns.approval.lines import queue_for


def overdue(notification: Notification) -> dict | None:
    """Those it was about that still wait for this person’s decision; None when all are decided."""
    return _still(notification, lambda line: line.may_decide)


def escalated(notification: Notification) -> dict | None:
    """Those it was about that nobody has decided on yet, nor handed in again."""
    return _still(notification, lambda line: getattr(line.subject, "is_escalated", line.is_late))


def _still(notification, matters):
    keys = set(notification.data["keys"])
    lines = [line for line in queue_for(notification.recipient) if line.key in keys]
    # What has no count of its own is in `keys` because it was reminded of.
    lines = [line for line in lines if getattr(line.subject, "reminders", 1) and matters(line)]
    if not lines:
        return None
    path = reverse("campaigns:approval-queue")
    item = f"?item={lines[0].key}" if len(lines) == 1 else "?tab=all"
    return {
        "lines": lines,
        "count": len(lines),
        "title": lines[0].title,
        "url": f"{settings.BASE_URL}{path}{item}",
        "label": _("Open the queue"),
    }


REMINDER = announce(
    Kind(
        name="approval.reminder",
        label=gettext_lazy("Reminders of what waits for my decision"),
        line=gettext_lazy("Still waiting for your decision: %(what)s."),
        icon="clock",
        context=overdue,
        channels=("email", "bell"),
        perm="campaigns.approve_content",
    )
)
ESCALATION = announce(
    Kind(
        name="approval.escalated",
        label=gettext_lazy("Nobody has decided for three working days"),
        line=gettext_lazy("Nobody has decided for three working days: %(what)s."),
        icon="warning",
        context=escalated,
        channels=("email", "bell"),
        perm="campaigns.approve_content",
    )
)


def remind(now: datetime) -> None:
    """Tells whom it concerns of what is overdue at `now`; a second run finds nothing."""
    reminders.remind(now, REMINDER, ESCALATION)
