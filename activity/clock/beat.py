"""A beat that may run twice, or be killed at the tick: each slot is a row, and the row decides.

CELERY_BEAT_SCHEDULER. It keeps no file: when a job was last due stands in the database, so that
what was missed while no beat ran is made up for, once.
"""

import logging
import math
import time
from datetime import UTC, datetime

from celery import beat
from celery.schedules import schedstate, schedule
from django.db import Error, close_old_connections

log = logging.getLogger(__name__)

# Until the database is asked again.
PAUSE = 1


class Every(schedule):
    """At whole multiples of its seconds by the clock, so that two beats mean the same moments."""

    def is_due(self, last_run_at: datetime) -> schedstate:
        now, seconds = self.now().timestamp(), self.run_every.total_seconds()
        passed = math.floor(now / seconds) > math.floor(last_run_at.timestamp() / seconds)
        return schedstate(passed, seconds - now % seconds)

    def slot(self, last_run_at: datetime) -> datetime:
        seconds = self.run_every.total_seconds()
        whole = math.floor(self.now().timestamp() / seconds) * seconds
        return datetime.fromtimestamp(whole, UTC)


class Scheduler(beat.Scheduler):
    def setup_schedule(self):
        self.merge_inplace(self.app.conf.beat_schedule)
        for entry in self.schedule.values():
            if type(entry.schedule) is schedule:
                entry.schedule = Every(entry.schedule.run_every, app=self.app)
        self._remember()

    def apply_entry(self, entry, producer=None):
        """Announces a slot, unless another beat has."""
        slot = self._open(entry)
        if slot:
            entry.options = entry.options | {"headers": {"slot": slot.pk}}
            super().apply_entry(entry, producer=producer)

    def _open(self, entry):
        from activity.models import Slot

        close_old_connections()
        try:
            return Slot.objects.open(entry.name, slot_of(entry))
        except Error as error:
            log.warning("The database is away, %s has to wait: %s", entry.name, error)
            self.schedule[entry.name].last_run_at = entry.last_run_at
            # The heap holds the next time after this one: it is made anew.
            self._heap = None
            time.sleep(PAUSE)
            return None

    def _remember(self):
        from activity.models import Slot

        try:
            slots = list(Slot.objects.last_of_each())
        except Error as error:
            log.warning("The database is away, what was missed is not known: %s", error)
            return
        for slot in slots:
            if slot.job in self.schedule:
                self.schedule[slot.job].last_run_at = slot.at


def slot_of(entry) -> datetime:
    """The moment for which `entry` is due: the first after its last, however late it is now."""
    if isinstance(entry.schedule, Every):
        return entry.schedule.slot(entry.last_run_at)
    start, until, _now = entry.schedule.remaining_delta(entry.last_run_at)
    return start + until
