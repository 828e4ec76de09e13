"""Clicks on their way into the database, for the page that says whether all is well."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis import RedisError

from activity.desk.health import Finding, Level, ago, check
from campaigns.tracking.consumer import connect
from campaigns.tracking.letters import Backlog, backlog
from campaigns.tracking.stream import Spool

# A consumer that lives takes a click within seconds.
LATE = timedelta(minutes=2)


@check
def clicks() -> Iterator[Finding]:
    try:
        with connect() as redis:
            waiting = backlog(redis, Spool(settings.CLICK_SPOOL))
    except RedisError:
        yield _away(len(Spool(settings.CLICK_SPOOL).files()))
        return
    yield _on_their_way(waiting)
    yield _spooled(waiting.spooled)
    yield _dead(waiting.dead)


def _away(files) -> Finding:
    says = _("The store of clicks does not answer; %(n)d files wait on this machine’s disk.")
    todo = _("Start Valkey (or Redis) again. Links work on, and no click is lost meanwhile.")
    return Finding(_("Clicks"), says % {"n": files}, Level.WRONG, todo)


def _on_their_way(waiting: Backlog) -> Finding:
    n = waiting.unread + waiting.held
    if not n:
        return Finding(_("Clicks"), _("All are counted."))
    says: Any = ngettext("%(n)d waits to be counted", "%(n)d wait to be counted", n) % {"n": n}
    if waiting.since:
        says = _("%(says)s, the oldest for %(time)s.") % {"says": says, "time": ago(waiting.since)}
    if not waiting.since or timezone.now() - waiting.since < LATE:
        return Finding(_("Clicks"), says)
    todo = _("Start the process “ingest”. Links work on, and no click is lost meanwhile.")
    return Finding(_("Clicks"), says, Level.WRONG, todo)


def _spooled(files: int) -> Finding:
    what = _("Clicks on this machine’s disk")
    if not files:
        return Finding(what, _("None."))
    says = ngettext("%(n)d file waits.", "%(n)d files wait.", files) % {"n": files}
    todo = _("They were kept while Valkey was away, and are taken up within seconds of its return.")
    return Finding(what, says, Level.WATCH, todo)


def _dead(n: int) -> Finding:
    what = _("Clicks that could not be stored")
    if not n:
        return Finding(what, _("None."))
    says = ngettext("%(n)d is put aside.", "%(n)d are put aside.", n) % {"n": n}
    todo = _("“manage.py clicks” shows why; with --replay it sends them again once that is mended.")
    return Finding(what, says, Level.WATCH, todo)
