"""Holding everything back, and letting it go again."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from activity.desk.models import Pause, paused
from activity.hearing import transactional
from activity.log import record
from activity.models import Notification
from activity.tasks import wake_due

__all__ = ["AlreadyPaused", "NotPaused", "pause", "paused", "resume"]

# What has waited for longer than that is no news any more: dropped, not sent all at once.
STALE_AFTER = timedelta(days=3)


class AlreadyPaused(Exception):
    """Somebody was faster."""


class NotPaused(Exception):
    """There is nothing to resume."""


def pause(by: Any, reason: str = "") -> Pause:
    """Holds back all that is not transactional, at once. Raises AlreadyPaused."""
    try:
        with transaction.atomic():
            begun = Pause.objects.create(reason=reason)
            record("sending.paused", subject=begun, actor=by, reason=reason)
    except IntegrityError as error:
        raise AlreadyPaused from error
    return begun


def resume(by: Any) -> int:
    """Lets go what is still in time and drops the rest; how many were dropped. Raises NotPaused."""
    now = timezone.now()
    with transaction.atomic():
        begun = Pause.objects.open().select_for_update().first()
        if begun is None:
            raise NotPaused
        dropped = _drop_stale(now)
        Pause.objects.filter(pk=begun.pk).update(ended_at=now)
        record("sending.resumed", subject=begun, actor=by, dropped=dropped)
    wake_due()
    return dropped


def held_back() -> int:
    """How many messages are due and wait for the end of the pause."""
    return _bulk().filter(not_before__lte=timezone.now()).count()


def _bulk():
    waiting = [Notification.State.QUEUED, Notification.State.HELD]
    return Notification.objects.filter(state__in=waiting).exclude(kind__in=transactional())


def _drop_stale(now):
    stale = _bulk().filter(not_before__lt=now - STALE_AFTER)
    return stale.update(state=Notification.State.SKIPPED, error="held back for too long")
