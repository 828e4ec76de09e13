"""The ways to one person. Beside them there is the bell, which is always there.

CHANNELS["push"].ready({3, 4})        those of them whom it could reach
CHANNELS["push"].prepare([row])       {its id: what hands the message over; None: no longer true}
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from activity.models import Notification
from activity.push import sending
from activity.push.models import Browser
from activity.rendering import letters_of
from activity.transports import email

HandOver = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class Personal:
    """prepare: from notifications of one kind to functions that send each, given what to call when
    its text is about to leave; they raise Permanent, Temporary or InDoubt. ready: whom it could
    reach."""

    prepare: Callable[[list[Notification]], dict[UUID, HandOver | None]]
    ready: Callable[[Iterable[int]], set[int]]


def _letters(rows):
    found = letters_of(rows)
    return {pk: letter and partial(email.send, letter) for pk, letter in found.items()}


def _pushes(rows):
    found = {row.pk: sending.push_of(row) for row in rows}
    return {pk: push and partial(sending.send, push) for pk, push in found.items()}


CHANNELS = {
    Notification.Channel.EMAIL: Personal(_letters, set),
    Notification.Channel.PUSH: Personal(_pushes, lambda people: Browser.objects.reaching(people)),
}
