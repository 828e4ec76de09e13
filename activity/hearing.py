"""Which kinds of message exist, and which of them an entry becomes.

A slice declares its kinds in `notices.py`; the application imports that at start.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, "Kind"] = {}
_BY_VERB: dict[str, list["Kind"]] = {}
_REACTIONS: dict[str, list[Callable[[Any], None]]] = {}


@dataclass(frozen=True)
class Kind:
    """A kind of message.

    name: also the template's name, templates/mail/<name>.{subject.txt,txt,html}.
    verbs: the entries that cause it; empty for what a schedule causes (digests, reminders).
    people: from an Entry to the users who are to hear of it (a queryset or an iterable of ids).
    context: from a Notification to what its templates need, read at the moment of sending;
        None says that it is no longer true, and nothing is sent.
    channels: by default. A person may turn off all but the transactional ones.
    transactional: asked for or owed (an invitation, a decision): sent again when in doubt, no
        unsubscribe link. The others are bulk: in doubt they are parked as unknown, never repeated.
    """

    name: str
    label: Any
    context: Callable[[Any], dict | None]
    people: Callable[[Any], Iterable[int]] | None = None
    verbs: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("email",)
    transactional: bool = False
    extra: dict = field(default_factory=dict)


def announce(kind: Kind) -> Kind:
    """Makes a kind known. Called once per kind, at import."""
    KINDS[kind.name] = kind
    for verb in kind.verbs:
        _BY_VERB.setdefault(verb, []).append(kind)
    return kind


def somebody_hears(verb: str) -> bool:
    return verb in _BY_VERB


def kinds_for(verb: str) -> list[Kind]:
    return _BY_VERB.get(verb, [])


def when(*verbs: str):
    """Decorates a function of an Entry, called after the commit of each of `verbs`.

    For a later slice that keeps a copy of what an earlier one changes, and must let go of it at
    once. It may be lost with the process: what must not be lost is a Kind, or found by a sweep.
    """

    def listen(react: Callable[[Any], None]) -> Callable[[Any], None]:
        for verb in verbs:
            _REACTIONS.setdefault(verb, []).append(react)
        return react

    return listen


def reactions_to(verb: str) -> list[Callable[[Any], None]]:
    return _REACTIONS.get(verb, [])
