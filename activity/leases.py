"""Leases that end soon after their worker, and never before: it renews them while it lives."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections

from activity.models import Notification

log = logging.getLogger(__name__)

# A third of the lease: two may fail.
EVERY = Notification.LEASE.total_seconds() / 3


class Keeper:
    """One thread per process, from the first message on."""

    def __init__(self):
        self._held: dict[int, Notification] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def keeping(self, notifications: list[Notification]) -> Iterator[None]:
        """Nobody takes one of them from us inside, however slow a mail server is."""
        ours = {id(each): each for each in notifications}
        with self._lock:
            self._held |= ours
            self._start()
        try:
            yield
        finally:
            with self._lock:
                for each in ours:
                    del self._held[each]

    def _start(self):
        # Looked at each time: a process that was forked has no thread yet.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._renew_for_ever, daemon=True)
            self._thread.start()

    def _renew_for_ever(self):
        seen: set[int] = set()
        while not threading.Event().wait(EVERY):
            with self._lock:
                held = dict(self._held)
            # What is new since the last round was claimed a moment ago.
            self._renew([held[one] for one in held if one in seen])
            seen = set(held)

    def _renew(self, notifications):
        try:
            for notification in notifications:
                notification.renew()
        except Error as error:
            log.warning("The database is away, a lease is not renewed: %s", error)
        finally:
            if notifications:
                connections.close_all()


keeper = Keeper()
