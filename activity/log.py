"""One write that is both the audit trail and the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.db import models, transaction

from activity import hearing, origin
from activity.models import Entry, Outbox
from activity.tasks import expand
from activity.waking import wake

_via: ContextVar[dict[str, Any]] = ContextVar("via", default={})  # noqa: B039 (never changed)


@contextmanager
def acting(**marks: Any) -> Iterator[None]:
    """All that is recorded inside says what acted where no person did: acting(via="scim")."""
    before = _via.set(marks)
    try:
        yield
    finally:
        _via.reset(before)


def record(verb: str, *, subject: models.Model, actor: Any = None, **data: Any) -> Entry:
    """Writes down that `actor` did `verb` to `subject`, in the transaction of the change itself.

    verb: "content.approved", in the past tense. actor: a User, or None for the system.
    data: plain JSON (before, after, a note's id); never a name, an address or a secret.
    When someone is to hear of it, the same transaction leaves an Outbox row, and the commit wakes
    the task that turns it into notifications. A lost wake-up is found by the sweep.
    """
    entry = Entry.objects.create(
        verb=verb,
        actor_id=actor.pk if actor is not None else None,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        data=_via.get() | data,
        **origin.current()._asdict(),
    )
    if hearing.somebody_hears(verb):
        Outbox.objects.create(entry=entry)
        transaction.on_commit(partial(wake, expand, entry.pk), robust=True)
    for react in hearing.reactions_to(verb):
        transaction.on_commit(partial(react, entry), robust=True)
    return entry
