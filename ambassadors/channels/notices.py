"""A channel or a webhook that stopped working: administrators hear of it, once."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.endpoints.reasons import in_plain_words
from activity.hearing import Kind, announce
from activity.models import Endpoint, Entry, Notification
from ambassadors.accounts.holders import who_may


def facts(entry: Entry) -> dict:
    endpoint = Endpoint.objects.filter(pk=entry.subject_id).first()
    name = endpoint.name if endpoint else ""
    return {"name": name, "path": reverse("ambassadors:channel-detail", args=[entry.subject_id])}


def stopped(notification: Notification) -> dict | None:
    """Which one and why; None once it works again or is gone."""
    endpoint = Endpoint.objects.filter(
        pk=notification.subject_id, state=Endpoint.State.DISABLED
    ).first()
    if endpoint is None:
        return None
    return {
        "name": endpoint.name,
        "trouble": in_plain_words(endpoint.reason, endpoint.kind),
        "url": settings.BASE_URL + notification.data["path"],
        "label": _("Look at it"),
    }


announce(
    Kind(
        name="endpoint.disabled",
        label=gettext_lazy("A channel or a webhook stops working"),
        line=gettext_lazy("“%(name)s” does not work any more and was stopped."),
        icon="warning",
        verbs=("endpoint.disabled",),
        people=lambda entry: who_may("ambassadors.run_channels"),
        facts=facts,
        context=stopped,
        channels=("email", "bell"),
        perm="ambassadors.run_channels",
    )
)
