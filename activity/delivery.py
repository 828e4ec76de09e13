"""One notification, sent once."""

import logging
import time

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from activity.hearing import KINDS, transactional
from activity.leases import keeper
from activity.mailing.models import Suppression
from activity.models import LeaseLost, Notification, Preference
from activity.push.sending import NoBrowser
from activity.rhythm.releasing import closed_until
from activity.transports import InDoubt, Permanent, Temporary
from activity.transports.personal import CHANNELS

log = logging.getLogger(__name__)

EMAIL, PUSH = Notification.Channel.EMAIL, Notification.Channel.PUSH

# What a worker is handed at a time. It gives back what it does not come to within PATIENCE, so that
# an invitation waits no longer than that behind digests and a slow server.
HANDFUL, PATIENCE = 25, 10


def send_due(channel: str, seconds: float) -> bool:
    """Sends what is due by `channel` until nothing is; True when `seconds` were over before."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        handful = _handful(channel)
        if not handful:
            return False
        _deliver_all(handful)
    return True


def _handful(channel):
    """What is owed or was asked for goes first: a launch does not stand before an invitation."""
    due, now = Notification.objects.filter(channel=channel), timezone.now()
    urgent = due.filter(kind__in=transactional()).hand_out(now, HANDFUL)
    others = due.exclude(kind__in=transactional())
    return urgent + (others.hand_out(now, room) if (room := HANDFUL - len(urgent)) else [])


def _deliver_all(handful):
    until = time.monotonic() + PATIENCE
    while handful and time.monotonic() < until:
        pk = handful.pop(0)
        try:
            deliver(pk)
        except (SoftTimeLimitExceeded, OperationalError, InterfaceError):
            raise
        except Exception:
            # A kind with a mistake in it must not hold up the others. The row stays with its lease.
            log.exception("Notification %s broke", pk)
    Notification.objects.hand_back(handful)


def deliver(notification_id: str) -> None:
    """Sends it if it is due and nobody else is at it. Run twice, it sends once.

    Any other error leaves the row to its lease, which is then no longer renewed: half a minute
    later the sweep gives it to another worker, six times at most.
    """
    notification = Notification.objects.claim(notification_id)
    if notification is None:
        return
    try:
        with keeper.keeping(notification):
            _send(notification)
    except LeaseLost as error:
        log.warning("Left to another worker: %s", error)


def _send(notification):
    if reason := _reason_against(notification):
        return notification.skip(reason)
    if opening := closed_until(notification):
        return notification.hold(opening)
    hand_over = CHANNELS[notification.channel].prepare(notification)
    if hand_over is None:
        return notification.skip("no longer true")
    try:
        hand_over(notification.mark_reached)
    except NoBrowser:
        _by_mail(notification)
    except Permanent as error:
        _note(notification, "refused", error)
        notification.fail(error)
    except Temporary as error:
        _note(notification, "put off", error)
        notification.postpone(error)
    except InDoubt as error:
        _note(notification, "in doubt", error)
        _doubt(notification, error)
    else:
        notification.mark_sent()


@transaction.atomic
def _by_mail(notification):
    """The browsers it was meant for are gone: the mail it stood for leaves instead."""
    notification.skip("no browser left, sent by e-mail")
    instead = Notification(
        kind=notification.kind,
        recipient=notification.recipient,
        channel=EMAIL,
        key=f"{notification.key.removesuffix(f':{PUSH}')}:{EMAIL}",
        subject_id=notification.subject_id,
        data=notification.data,
    )
    Notification.objects.bulk_create([instead], ignore_conflicts=True)


def _doubt(notification, error):
    """A second invitation is a nuisance, a missing one is worse; of a digest the reverse."""
    if KINDS[notification.kind].transactional:
        notification.postpone(error)
    else:
        notification.park(error)


def _reason_against(notification):
    """What has changed since it was queued, in a few words; "" when nothing has."""
    kind = KINDS.get(notification.kind)
    if kind is None:
        return "a kind that is gone"
    if not notification.recipient.is_active:
        return "the account is closed"
    person, channel = notification.recipient_id, notification.channel
    # What comes in a browser comes there instead of by mail.
    asked = EMAIL if channel == PUSH else channel
    said = Preference.objects.wanted_by([person], kind.name)
    if not kind.reaches(asked, said.get((person, asked))):
        return "no longer wanted"
    if channel == Notification.Channel.EMAIL and Suppression.objects.holds(notification.recipient):
        return "the address is suppressed"
    return ""


def _note(notification, what, error):
    # What a server says holds the address it was given: it stays in the row, out of the log.
    cause = type(error.__cause__ or error).__name__
    log.warning("%s %s was %s: %s", notification.kind, notification.pk, what, cause)
