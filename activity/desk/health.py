"""Is all well with what is sent? One finding for each thing that may go wrong, in plain words.

A later slice adds what it knows of:

    @check
    def clicks() -> Iterable[Finding]: ...
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Max, Min
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from redis import RedisError

from activity.desk import queues
from activity.desk.models import Pause
from activity.desk.pausing import held_back
from activity.models import Notification, Outbox, Slot

State = Notification.State
# The sweep comes every 10 seconds.
OUTBOX_LATE = timedelta(minutes=2)
SENDING_SLOW, SENDING_STUCK = timedelta(minutes=10), timedelta(hours=1)
MANY_WAITING = 10_000
LATELY = timedelta(days=1)


class Level(models.IntegerChoices):
    WELL = 0, gettext_lazy("All well")
    WATCH = 1, gettext_lazy("To watch")
    WRONG = 2, gettext_lazy("Something is wrong")


@dataclass(frozen=True)
class Finding:
    """what: the thing looked at. says: how it is, with its figures. todo: what to do, "" when it
    is well. path, label: where that is done."""

    what: Any
    says: Any
    level: Level = Level.WELL
    todo: Any = ""
    path: Any = ""
    label: Any = ""

    @property
    def kind(self) -> str:
        """As the components call it."""
        return ("success", "warn", "danger")[self.level]

    @property
    def icon(self) -> str:
        return ("check", "clock", "warning")[self.level]


@dataclass(frozen=True)
class Health:
    """findings: the worst first. queues: None when the broker does not answer."""

    findings: list[Finding]
    queues: list[queues.Queue] | None

    @property
    def level(self) -> Level:
        return max((finding.level for finding in self.findings), default=Level.WELL)

    @property
    def troubles(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level]


CHECKS: list[Callable[[], Iterable[Finding]]] = []


def check(function: Callable[[], Iterable[Finding]]) -> Callable[[], Iterable[Finding]]:
    CHECKS.append(function)
    return function


def look() -> Health:
    """Asks everything once. Slow things give up after two seconds and are findings themselves."""
    clock = _clock(timezone.now())
    try:
        rows, held = queues.read()
    except RedisError:
        rows, found = None, [clock, _no_broker()]
    else:
        # Signs of life come by the clock: while it stands, their absence tells nothing.
        workers = [] if clock.level else _workers(rows)
        found = [clock, *workers, _at_the_broker(rows, held)]
    found += [finding for each in CHECKS for finding in each()]
    return Health(sorted(found, key=lambda finding: -finding.level), rows)


def ago(moment: datetime) -> str:
    """“12 minutes”, for a sentence."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("under a minute")
    return timesince(moment, depth=1)


# --- The broker and those who work -------------------------------------------------------------
def _no_broker():
    return Finding(
        _("Broker"),
        _("It does not answer."),
        Level.WRONG,
        _(
            "Start Valkey (or Redis) again. Nothing is lost: what is to be sent stands in the "
            "database, and leaves within a minute afterwards."
        ),
    )


def _clock(now):
    last = Slot.objects.aggregate(at=Max("opened_at"))["at"]
    if last and now - last < queues.SILENT_AFTER:
        return Finding(_("Clock"), _("Beat ticked %(time)s ago.") % {"time": ago(last)})
    says = _("Beat has not ticked yet.")
    if last:
        says = _("Beat last ticked %(time)s ago.") % {"time": ago(last)}
    todo = _(
        "Start the process “beat”. Without it, digests, reminders and whatever was put off wait, "
        "and nobody can tell whether the workers live; nothing is lost."
    )
    return Finding(_("Clock"), says, Level.WRONG, todo)


def _workers(rows) -> Iterator[Finding]:
    silent = [queue for queue in rows if not queue.is_served]
    if silent:
        yield from map(_unserved, silent)
        return
    seen = {worker for queue in rows for worker in queue.workers}
    says = ngettext(
        "%(n)d process has taken work in the last minutes.",
        "%(n)d processes have taken work in the last minutes.",
        len(seen),
    ) % {"n": len(seen)}
    yield Finding(_("Workers"), says)


def _unserved(queue):
    since = _("for %(time)s") % {"time": ago(queue.last)} if queue.last else _("as far as we know")
    return Finding(
        _("Queue “%(name)s”") % {"name": queue.name},
        _("No worker has taken anything from it %(since)s; %(n)d tasks wait.")
        % {"since": since, "n": queue.waiting},
        Level.WRONG,
        _("Start a worker for this queue. If one runs, its tasks take too long: look at its log."),
    )


def _at_the_broker(rows, held):
    waiting = sum(queue.waiting for queue in rows)
    says = _("%(waiting)d tasks wait, %(held)d are being worked on.") % {
        "waiting": waiting,
        "held": held,
    }
    if waiting < MANY_WAITING:
        return Finding(_("Broker"), says)
    todo = _(
        "More arrives than is done. Start another worker, or wait if a campaign has just begun."
    )
    return Finding(_("Broker"), says, Level.WATCH, todo)


# --- Messages ----------------------------------------------------------------------------------
@check
def pause() -> Iterator[Finding]:
    begun = Pause.objects.open().first()
    if begun is None:
        return
    n = held_back()
    says = ngettext(
        "All is paused for %(time)s; %(n)d message waits.",
        "All is paused for %(time)s; %(n)d messages wait.",
        n,
    ) % {"time": ago(begun.began_at), "n": n}
    todo = _("Resume when the reason is gone.")
    path = reverse_lazy("activity:sending-pause")
    yield Finding(_("Pause"), says, Level.WATCH, todo, path, _("Resume"))


@check
def outbox() -> Iterator[Finding]:
    waiting = Outbox.objects.aggregate(oldest=Min("entry__at"), n=models.Count("pk"))
    what = _("What happened, not yet turned into messages")
    if not waiting["n"]:
        yield Finding(what, _("Nothing waits."))
        return
    says = _waits(waiting["n"], waiting["oldest"])
    if timezone.now() - waiting["oldest"] < OUTBOX_LATE:
        yield Finding(what, says)
        return
    todo = _("The sweep does not get through: look at the log of the worker for “expand”.")
    yield Finding(what, says, Level.WRONG, todo)


@check
def due() -> Iterator[Finding]:
    now = timezone.now()
    waiting = Notification.objects.due(now).aggregate(
        oldest=Min("not_before"), n=models.Count("pk")
    )
    what = _("Messages due")
    if not waiting["n"]:
        yield Finding(what, _("Nothing waits."))
        return
    late = now - waiting["oldest"]
    level = Level(int(late > SENDING_SLOW) + int(late > SENDING_STUCK))
    todo = ""
    if level:
        todo = _("They leave one by one: a slow mail server holds them up, or too few workers run.")
    yield Finding(what, _waits(waiting["n"], waiting["oldest"]), level, todo)


def _waits(n, oldest):
    return ngettext("%(n)d waits, for %(time)s.", "%(n)d wait, the oldest for %(time)s.", n) % {
        "n": n,
        "time": ago(oldest),
    }


@check
def put_off() -> Iterator[Finding]:
    later = Notification.objects.filter(state=State.QUEUED, attempts__gt=0).exclude(error="")
    n = later.count()
    what = _("Messages put off")
    if not n:
        yield Finding(what, _("None."))
        return
    says = ngettext("%(n)d is tried again later.", "%(n)d are tried again later.", n) % {"n": n}
    todo = _("The reason stands beside each. They are tried six times over about a day.")
    path = f"{reverse_lazy('activity:sending-list')}?state=put_off"
    yield Finding(what, says, Level.WATCH, todo, path, _("Look at them"))


@check
def failed() -> Iterator[Finding]:
    since = timezone.now() - LATELY
    for state, what, todo in _TROUBLES:
        n = Notification.objects.filter(state=state, created_at__gte=since).count()
        says = ngettext("%(n)d in the last 24 hours.", "%(n)d in the last 24 hours.", n) % {"n": n}
        if not n:
            yield Finding(what, _("None in the last 24 hours."))
            continue
        path = f"{reverse_lazy('activity:sending-list')}?state={state}"
        yield Finding(what, says, Level.WATCH, todo, path, _("Look at them"))


_TROUBLES = (
    (
        State.FAILED,
        gettext_lazy("Messages that failed"),
        gettext_lazy("Read why, mend that, then send them again."),
    ),
    (
        State.UNKNOWN,
        gettext_lazy("Messages whose arrival is unknown"),
        gettext_lazy("They may have arrived. Send them again where a missing one is worse."),
    ),
)
