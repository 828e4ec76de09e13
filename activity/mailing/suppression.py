"""Addresses nothing is sent to: who is put there, who is taken off, and what it says in a list."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from activity.log import record
from activity.mailing.models import Suppression, fold
from activity.mailing.verdicts import without_addresses


class AlreadyThere(Exception):
    """It is held back already."""


def by_address(addresses: Iterable[str]) -> dict[str, Suppression]:
    """{folded address: its row} of those among `addresses` that are held back. One query."""
    return {each.address: each for each in Suppression.objects.of(*addresses)}


def mark_held_back(people: Iterable[Any]) -> None:
    """Gives each of `people` a `held_back`: the Suppression of their address, or None."""
    people = list(people)
    rows = by_address(person.email for person in people)
    for person in people:
        person.held_back = rows.get(fold(person.email))


@transaction.atomic
def hold_back(address: str, reason: str, *, words: str = "", by: Any = None, until=None) -> bool:
    """Sends nothing there from now on; False when that was so already. The trail names nobody."""
    person = get_user_model().objects.filter(email__iexact=fold(address)).first()
    row, is_new = Suppression.put(address, reason, words=words, person=person, by=by, until=until)
    if is_new:
        record("suppression.added", subject=person or row, actor=by, reason=reason)
    return is_new


def add(address: str, *, by: Any, words: str) -> None:
    """By hand. Raises AlreadyThere."""
    if not hold_back(address, Suppression.Reason.BY_HAND, words=words, by=by):
        raise AlreadyThere


@transaction.atomic
def lift(row: Suppression, *, by: Any, why: str) -> None:
    """Writes there again. What was not sent meanwhile stays unsent."""
    record("suppression.removed", subject=row.person or row, actor=by, why=why, was=row.reason)
    row.delete()


def matching(words: str) -> Any:
    """The rows whose address, or whose person's name, holds `words`; those in force only."""
    rows = Suppression.objects.in_force().select_related("person", "by")
    for word in words.split():
        rows = rows.filter(
            Q(address__icontains=word)
            | Q(person__first_name__icontains=word)
            | Q(person__last_name__icontains=word)
        )
    return rows


def hold_back_refused(address: str, error: Exception) -> None:
    """A server said at the door that there is no such mailbox."""
    hold_back(address, Suppression.Reason.HARD, words=without_addresses(str(error)))
