"""What a company's other systems and channels can be told: one line each, brought by its slice.

tell(Event("content.published", _("An item is published"), verbs=("content.published",),
           data=data, post=post, fields={...}))
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

EVENTS: dict[str, "Event"] = {}
_BY_VERB: dict[str, list["Event"]] = {}


@dataclass(frozen=True)
class Post:
    """What a channel reads, in one language. Only text: what people typed is escaped on the way.

    facts: (what, its value). buttons: (words, address), two at most. about: why it is posted.
    No pictures: Slack refuses the whole message where it cannot fetch one from a company's network.
    """

    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Event:
    """name: as receivers know it, never changed. verbs: the entries that are it.

    data: from an Entry to plain JSON, or None where there is nothing to tell. Nothing that names or
    leads to a person: docs/webhooks.md says so, and a test holds it.
    fields: what each member of `data` is, for whoever writes a receiver.
    post: from an Entry to what a channel reads, in the language that is active; None where it is
    not meant for everybody. Without it, channels are not offered the event.
    """

    name: str
    label: Any
    verbs: tuple[str, ...]
    data: Callable[[Any], dict | None]
    fields: Mapping[str, Any] = field(default_factory=dict)
    post: Callable[[Any], Post | None] | None = None


def tell(event: Event) -> Event:
    """Makes an event known. Once per event, at start, after which its verbs are listened for."""
    from activity.endpoints.queueing import listen

    EVENTS[event.name] = event
    for verb in event.verbs:
        _BY_VERB.setdefault(verb, []).append(event)
        listen(verb)
    return event


def events_of(verb: str) -> list[Event]:
    return _BY_VERB.get(verb, [])


def for_channels() -> list[Event]:
    return [event for event in EVENTS.values() if event.post]
