"""Mails about the account itself. They go to its owner, above all when it was somebody else."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.log import record
from activity.models import Entry, Notification

# By the last part of allauth's names for the same mails.
CHANGES = {
    "password_changed": gettext_lazy("Your password was changed."),
    "password_reset": gettext_lazy("Your password was replaced by a new one, with a code by mail."),
    "password_set": gettext_lazy("A password was set."),
    "totp_activated": gettext_lazy("An authenticator application was added."),
    "totp_deactivated": gettext_lazy("The authenticator application was removed."),
    "webauthn_added": gettext_lazy("A passkey was added."),
    "webauthn_removed": gettext_lazy("A passkey was removed."),
    "recovery_codes_generated": gettext_lazy("New recovery codes were made; the old ones ended."),
}


@dataclass(frozen=True)
class Where:
    """Of an entry: when, and from where, as roughly as it is kept."""

    at: Any
    device: str
    network: str


def _facts(notification: Notification) -> dict:
    entry = Entry.objects.get(pk=notification.data["entry"])
    return {
        "entry": entry,
        "where": Where(entry.at, entry.device, entry.network),
        "url": settings.BASE_URL + reverse("mfa_index"),
        "label": _("Check my account"),
        "help_email": settings.HELP_EMAIL,
    }


def changed(notification: Notification) -> dict:
    facts = _facts(notification)
    what = facts["entry"].data["what"]
    return facts | {"change": CHANGES.get(what, what)}


NEW_DEVICE = announce(
    Kind(
        name="account.device",
        label=gettext_lazy("A login from a new browser or place"),
        context=_facts,
        transactional=True,
    )
)
CHANGED = announce(
    Kind(
        name="account.changed",
        label=gettext_lazy("A change to how I log in"),
        context=changed,
        transactional=True,
    )
)


@transaction.atomic
def tell_new_device(user) -> None:
    _tell(NEW_DEVICE, user, record("user.new_device", subject=user, actor=user))


@transaction.atomic
def tell_changed(user, what: str) -> None:
    """what: one of CHANGES."""
    _tell(CHANGED, user, record("user.sign_in_changed", subject=user, actor=user, what=what))


def _tell(kind, user, entry):
    # Not by the verb: whoever did it is left out there, and it may not have been its owner.
    key = f"{kind.name}:{entry.pk}:{user.pk}"
    notify(kind, [Addressed(user.pk, key, str(user.pk), {"entry": entry.pk})])
