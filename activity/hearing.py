"""Which kinds of message exist, and which of them an entry becomes.

A slice declares its kinds in `notices.py`; its application names the slice and imports that at
start. A kind needs templates/mail/<name>.{subject.txt,txt,html} if it may come by e-mail.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KINDS: dict[str, "Kind"] = {}
_BY_VERB: dict[str, list["Kind"]] = {}
_REACTIONS: dict[str, list[Callable[[Any], None]]] = {}
_TAKERS: dict[str, list[Callable[[Any], None]]] = {}


@dataclass(frozen=True)
class Kind:
    """A kind of message.

    name: also its templates' name.
    label: what the preferences call it.
    verbs: the entries that cause it; empty for what a schedule causes (digests, reminders).
    people: from an Entry to the ids of the users who are to hear of it. Whoever did it is left
        out: nobody is told what they have just done.
    facts: from an Entry to what all its rows keep of the moment, as plain JSON. `path` is where the
        bell leads; a value that is a dict is a text in each language: {"fr": …, "en": …}.
    line: the bell's sentence, with facts as %(name)s. icon: the one before it.
    context: from a Notification to what its templates need, read at the moment of sending, in the
        person's language; None says that it is no longer true, and nothing is sent. Left out by
        what never comes by e-mail.
    contexts: the same for many Notifications at once, {id: context}, in no language yet. Those
        given the very same dict read the same mail, so it is rendered once: its templates may
        not use `person`.
    not_before: from an Entry to the moment it may leave; at once without it.
    channels: those it comes by unless the person says otherwise; `offered` are all they may choose.
    transactional: asked for or owed (an invitation, a decision): sent again when in doubt, and
        nobody can turn it off. The others are bulk: in doubt they are parked, never repeated, and
        each carries the link that stops its kind.
    once_per_subject: one message about a thing for ever, however often its verb comes again.
    perm: only who holds it is offered the choice (everybody, when it is empty).
    has_own_setting: the person sets it elsewhere than in the table of kinds (a rhythm).
    carries: it is never put off, and takes along what waits for the person (the digest).
    """

    name: str
    label: Any
    context: Callable[[Any], dict | None] = lambda notification: None
    contexts: Callable[[list[Any]], dict[Any, dict | None]] | None = None
    verbs: tuple[str, ...] = ()
    people: Callable[[Any], Iterable[int]] = lambda entry: ()
    facts: Callable[[Any], dict] = lambda entry: {}
    line: Any = ""
    icon: str = "bell"
    not_before: Callable[[Any], datetime] | None = None
    channels: tuple[str, ...] = ("email",)
    offered: tuple[str, ...] = ()
    transactional: bool = False
    once_per_subject: bool = False
    perm: str = ""
    has_own_setting: bool = False
    carries: bool = False

    @property
    def waits(self) -> bool:
        """Whether it keeps to the person's hours. What is owed or was asked for leaves at once."""
        return not self.transactional

    @property
    def is_nudge(self) -> bool:
        """Whether it counts among the few of a week: neither owed nor part of a task one holds."""
        return not self.transactional and not self.perm

    @property
    def choices(self) -> tuple[str, ...]:
        """The channels a person may turn on or off."""
        mandatory = ("email",) if self.transactional else ()
        return tuple(c for c in self.offered or self.channels if c not in mandatory)

    def reaches(self, channel: str, wanted: bool | None) -> bool:
        """Whether it goes out by `channel` to a person who said `wanted` (None: nothing)."""
        if channel not in self.choices or wanted is None:
            return channel in self.channels
        return wanted


def announce(kind: Kind) -> Kind:
    """Makes a kind known. Called once per kind, at import."""
    KINDS[kind.name] = kind
    for verb in kind.verbs:
        _BY_VERB.setdefault(verb, []).append(kind)
    return kind


def transactional() -> list[str]:
    """The names of the kinds that are sent again when in doubt."""
    return [kind.name for kind in KINDS.values() if kind.transactional]


def sent_together() -> list[str]:
    """The names of the kinds whose mails read the same for many."""
    return [kind.name for kind in KINDS.values() if kind.contexts]


def somebody_hears(verb: str) -> bool:
    return verb in _BY_VERB or verb in _TAKERS


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


def taken(*verbs: str):
    """Decorates a function of an Entry, called in the transaction that turns it into messages.

    It may come late, and twice; never not at all. For what leaves otherwise than to a person.
    """

    def listen(take: Callable[[Any], None]) -> Callable[[Any], None]:
        for verb in verbs:
            _TAKERS.setdefault(verb, []).append(take)
        return take

    return listen


def takers_of(verb: str) -> list[Callable[[Any], None]]:
    return _TAKERS.get(verb, [])


def reactions_to(verb: str) -> list[Callable[[Any], None]]:
    return _REACTIONS.get(verb, [])
