"""For how long each kind of data is kept: one rule each, run every day, and what it removed.

    @keep("notifications", _("Messages"), days=settings.KEEP_DAYS["notifications"])
    def forget_messages(before): ...   # removes what is older than that moment; gives how many

A rule may run twice a day and removes nothing the second time. One that fails leaves the others
alone: each has a task of its own, and the page shows which did not run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ambassadors.privacy.models import RetentionRun

# The tasks come once a day; what has not run for so long is broken.
LATE = timedelta(hours=36)


@dataclass(frozen=True)
class Rule:
    """key: its name in the database. label: the kind of data. days: its limit. remove: see keep.

    by_itself: it has a task and an hour of its own, which calls carry_out().
    """

    key: str
    label: Any
    days: int
    remove: Callable[[datetime], int]
    by_itself: bool = False


RULES: dict[str, Rule] = {}


def keep(key: str, label: Any, *, days: int, by_itself: bool = False):
    """Decorates what removes a kind of data: from a moment to how many rows were older."""

    def register(remove):
        RULES[key] = Rule(key, label, days, remove, by_itself)
        return remove

    return register


def carry_out(key: str, now: datetime | None = None) -> int:
    """Runs a rule and writes down what it removed."""
    now = now or timezone.now()
    rule = RULES[key]
    removed = rule.remove(now - timedelta(days=rule.days))
    RetentionRun.note(key, removed, now)
    return removed


@dataclass(frozen=True)
class Kept:
    """A rule and what became of it. last: when it last ran, None for never."""

    rule: Rule
    last: datetime | None
    removed: int
    month: int

    @property
    def is_late(self) -> bool:
        return self.last is None or timezone.now() - self.last > LATE


def overview() -> list[Kept]:
    """Every rule, with its last run and what it removed then and in the last thirty days."""
    since = timezone.now() - timedelta(days=30)
    runs: dict[str, list[RetentionRun]] = {}
    for run in RetentionRun.objects.filter(at__gte=since).order_by("-day"):
        runs.setdefault(run.rule, []).append(run)
    return [_kept(rule, runs.get(rule.key, [])) for rule in RULES.values()]


def _kept(rule, runs):
    last = runs[0] if runs else None
    total = sum(run.removed for run in runs)
    return Kept(rule, last.at if last else None, last.removed if last else 0, total)
