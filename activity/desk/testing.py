"""A message to oneself, the whole way through: queue, worker, template, server."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.desk.previews import sample
from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.log import record
from activity.models import Notification
from activity.tasks import wake_due

KIND = "sending.test"
SHOWN = 10


def letter(notification: Notification) -> dict:
    return {
        "asked_at": notification.created_at,
        "url": settings.BASE_URL + reverse("activity:sending-test"),
        "label": _("Back to the test messages"),
    }


@sample(KIND)
def example(reader: Any) -> dict:
    return letter(Notification(recipient=reader))


class TestForm(forms.Form):
    """By which channel."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=Notification.Channel.choices,
        initial=Notification.Channel.EMAIL,
        widget=forms.RadioSelect,
    )


def send_to(person: Any, channel: str) -> None:
    """Queues a test message for `person` alone. It goes out even in a pause."""
    with transaction.atomic():
        kind = KINDS_BY_CHANNEL[channel]
        path = reverse("activity:sending-test")
        notify(kind, [Addressed(person.pk, f"{kind.name}:{uuid4()}", data={"path": path})])
        record("sending.tested", subject=person, actor=person, channel=channel)
    wake_due()


def tests_of(person: Any):
    """The last ones of a person, newest first."""
    names = [kind.name for kind in KINDS_BY_CHANNEL.values()]
    sent = Notification.objects.to(person).filter(kind__in=names)
    return sent.order_by("-created_at")[:SHOWN]


def _kind(channel):
    # Transactional mail cannot be refused; by the other channels `channels` alone decides.
    return announce(
        Kind(
            name=KIND if channel == "email" else f"{KIND}.{channel}",
            label=gettext_lazy("Test messages"),
            line=gettext_lazy("This is a test message: it has arrived."),
            icon="send",
            context=letter,
            channels=(channel,),
            transactional=True,
            has_own_setting=True,
            perm="activity.run_sending",
        )
    )


KINDS_BY_CHANNEL = {channel: _kind(channel) for channel in Notification.Channel.values}
