"""A notification, sent once."""

import logging
import time
from collections import defaultdict
from contextlib import contextmanager
from math import inf

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from activity.hearing import KINDS, sent_together, transactional
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
    """[(id, kind)] for this worker."""
    # What is owed or was asked for goes first: a launch does not stand before an invitation.
    due, now = Notification.objects.filter(channel=channel), timezone.now()
    urgent = due.filter(kind__in=transactional()).hand_out(now, HANDFUL)
    others = due.exclude(kind__in=transactional())
    return urgent + (others.hand_out(now, room) if (room := HANDFUL - len(urgent)) else [])


def _deliver_all(handful):
    until = time.monotonic() + PATIENCE
    batches = _batches(handful)
    while batches and time.monotonic() < until:
        batch = batches.pop(0)
        with _going_on_after(batch):
            deliver(*batch, until=until)
    Notification.objects.hand_back([pk for batch in batches for pk in batch])


def _batches(handful):
    """[[id, …]]: together what many read alike, each for itself what only one does."""
    together, alone = defaultdict(list), []
    for pk, kind in handful:
        if kind in sent_together():
            together[kind].append(pk)
        else:
            alone.append([pk])
    return alone + list(together.values())


@contextmanager
def _going_on_after(what):
    """A kind with a mistake in it must not hold up the others. The rows stay with their lease."""
    try:
        yield
    except LeaseLost as error:
        log.warning("Left to another worker: %s", error)
    except (SoftTimeLimitExceeded, OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("Notification %s broke", what)


def deliver(*ids: str, until: float = inf) -> None:
    """Sends those of `ids`, of one kind and channel, that are due and that nobody else is at.

    Run twice, it sends once. What it does not come to before `until` (time.monotonic) it puts
    back. Any error leaves a row to its lease, which is then no longer renewed: half a minute
    later the sweep gives it to another worker, six times at most.
    """
    rows = Notification.objects.claim(*ids)
    if not rows:
        return
    with keeper.keeping(rows):
        against = _reasons_against(rows)
        leaving = [row for row in rows if not against[row.pk] and not closed_until(row)]
        hand_overs = CHANNELS[rows[0].channel].prepare(leaving) if leaving else {}
        for row in rows:
            with _going_on_after(row.pk):
                if time.monotonic() < until:
                    _send(row, against[row.pk], hand_overs.get(row.pk))
                else:
                    row.put_back()


def _send(notification, reason, hand_over):
    if reason:
        return notification.skip(reason)
    if opening := closed_until(notification):
        return notification.hold(opening)
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


def _reasons_against(rows):
    """{id: what has changed since it was queued, in a few words, or ""}; all of one kind."""
    channel, kind = rows[0].channel, KINDS.get(rows[0].kind)
    if kind is None:
        return dict.fromkeys((row.pk for row in rows), "a kind that is gone")
    # What comes in a browser comes there instead of by mail.
    asked = EMAIL if channel == PUSH else channel
    people = {row.recipient_id: row.recipient for row in rows}
    said = Preference.objects.wanted_by(people, kind.name)
    wanted = {person for person in people if kind.reaches(asked, said.get((person, asked)))}
    suppressed = Suppression.objects.among(people.values()) if channel == EMAIL else set()

    def reason(person):
        if not people[person].is_active:
            return "the account is closed"
        if person not in wanted:
            return "no longer wanted"
        return "the address is suppressed" if person in suppressed else ""

    return {row.pk: reason(row.recipient_id) for row in rows}


def _note(notification, what, error):
    # What a server says holds the address it was given: it stays in the row, out of the log.
    cause = type(error.__cause__ or error).__name__
    log.warning("%s %s was %s: %s", notification.kind, notification.pk, what, cause)
