"""The ways to one person. Beside them there is the bell, which is always there.

CHANNELS["push"].ready({3, 4})        those of them whom it could reach
CHANNELS["push"].prepare(row)         what hands the message over; None when no longer true
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from activity.models import Notification
from activity.push import sending
from activity.push.models import Browser
from activity.rendering import letter_of
from activity.transports import email

HandOver = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class Personal:
    """prepare: from a notification to a function that sends it, given what to call when its text
    is about to leave; that raises Permanent, Temporary or InDoubt. ready: whom it could reach."""

    prepare: Callable[[Notification], HandOver | None]
    ready: Callable[[Iterable[int]], set[int]]


def _letter(notification):
    letter = letter_of(notification)
    return letter and partial(email.send, letter)


def _push(notification):
    push = sending.push_of(notification)
    return push and partial(sending.send, push)


CHANNELS = {
    Notification.Channel.EMAIL: Personal(_letter, set),
    Notification.Channel.PUSH: Personal(_push, lambda people: Browser.objects.reaching(people)),
}
