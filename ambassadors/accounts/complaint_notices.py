"""Somebody marked a mail as spam: the administrators hear of it, and where to look."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Bounce, Entry, Notification
from ambassadors.accounts.holders import who_may

PERM = "activity.run_sending"


def facts(entry: Entry) -> dict:
    return {"path": reverse("activity:suppression-list")}


def complained(notification: Notification) -> dict | None:
    """No name in a mail: it stands on the page, behind the log-in."""
    if not Bounce.objects.filter(pk=notification.subject_id).exists():
        return None
    path = reverse("activity:suppression-list")
    return {"url": settings.BASE_URL + path, "label": _("See the address")}


announce(
    Kind(
        name="complaint.received",
        label=gettext_lazy("A mail of ours is marked as spam"),
        line=gettext_lazy("Somebody marked a mail as spam. Nothing more is sent to them."),
        icon="warning",
        verbs=("complaint.received",),
        people=lambda entry: who_may(PERM),
        facts=facts,
        context=complained,
        channels=("email", "bell"),
        perm=PERM,
    )
)
