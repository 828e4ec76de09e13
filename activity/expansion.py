"""From something that happened to one row per person and channel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from activity import hearing
from activity.hearing import Kind
from activity.models import Entry, Hours, Notification, Outbox, Preference
from activity.rhythm.releasing import hours_of, leaves_at, queue_at_once, release

CHUNK = 1000
Channel = Notification.Channel
EMAIL, BELL, PUSH = Channel.EMAIL, Channel.BELL, Channel.PUSH
HELD = Notification.State.HELD


@dataclass(frozen=True)
class Addressed:
    """A message for one person, before it is known by which channels they want it.

    key: what makes it arrive once: the same key never makes a second row on the same channel.
    skipped: why it is not to be sent after all; the row then only keeps the key.
    """

    person: int
    key: str
    subject_id: str = ""
    data: dict = field(default_factory=dict)
    not_before: datetime | None = None
    skipped: str = ""


def expand(entry_id: int) -> None:
    """Turns an entry's outbox row into notifications. One transaction, whoever comes second finds
    no row; memory stays flat however many people are to hear of it."""
    with transaction.atomic():
        locked = Outbox.objects.select_for_update(skip_locked=True, of=["self"])
        row = locked.select_related("entry").filter(pk=entry_id).first()
        if row is None:
            return
        for kind in hearing.kinds_for(row.entry.verb):
            notify(kind, _addressed(kind, row.entry))
        for take in hearing.takers_of(row.entry.verb):
            take(row.entry)
        row.delete()


def notify(kind: Kind, addressed: Iterable[Addressed]) -> None:
    """Writes one row per person and channel; those that are there already stay as they are.

    What may wait is written as held, and let go at once where it need not: activity/rhythm.
    """
    for chunk in _chunks(addressed):
        now, people = timezone.now(), [one.person for one in chunk]
        said = Preference.objects.wanted_by(people, kind.name)
        by_push = Hours.objects.told_by_push(people) if kind.waits and kind.line else ()
        rows = [
            _row(kind, one, _way(channel, one.person in by_push), now)
            for one in chunk
            for channel in (EMAIL, BELL)
            if kind.reaches(channel, said.get((one.person, channel)))
        ]
        if waiting := [row for row in rows if row.state == HELD]:
            times = hours_of(people)
            _wait_for_their_hours(waiting, times)
            queue_at_once(kind, waiting, times, now)
        Notification.objects.write(rows)
        _hold_what_lost_its_turn([row for row in rows if row.turn])
        if any(row.state == HELD for row in rows):
            release(people, now)


def _way(channel, by_push):
    """One chosen way instead of copies."""
    return PUSH if by_push and channel == EMAIL else channel


def _hold_what_lost_its_turn(rows):
    """Somebody took it in the same moment, so the row was not written; or it was there before."""
    written = Notification.objects.filter(pk__in=[row.pk for row in rows])
    if not rows or written.count() == len(rows):
        return
    there = set(written.values_list("pk", flat=True))
    missing = [row for row in rows if row.pk not in there]
    for row in missing:
        row.state, row.week, row.turn = HELD, None, None
    Notification.objects.write(missing)


def _wait_for_their_hours(rows, times):
    # Most people of a chunk keep the same hours: each kind of them is worked out once.
    leaves = cache(leaves_at)
    for row in rows:
        row.not_before = leaves(times[row.recipient_id], row.not_before)


def _addressed(kind: Kind, entry: Entry) -> Iterator[Addressed]:
    about = entry.subject_id if kind.once_per_subject else entry.pk
    data = kind.facts(entry) | {"entry": entry.pk}
    not_before = kind.not_before(entry) if kind.not_before else None
    for person in _streamed(kind.people(entry)):
        if person != entry.actor_id:
            yield Addressed(
                person=person,
                key=f"{kind.name}:{about}:{person}",
                subject_id=entry.subject_id,
                data=data,
                not_before=not_before,
            )


def _streamed(people: Iterable[int]) -> Iterable[int]:
    # A list of ids that is a query is read through a cursor, not into memory.
    return people.iterator(chunk_size=CHUNK) if isinstance(people, QuerySet) else people


def _chunks(items):
    items = iter(items)
    while chunk := list(islice(items, CHUNK)):
        yield chunk


def _row(kind: Kind, one: Addressed, channel: str, now: datetime) -> Notification:
    row = Notification(
        kind=kind.name,
        recipient_id=one.person,
        channel=channel,
        key=f"{one.key}:{channel}",
        subject_id=one.subject_id,
        data=one.data,
        not_before=one.not_before or now,
        created_at=now,
    )
    if one.skipped:
        row.state, row.error = Notification.State.SKIPPED, one.skipped
    elif channel == BELL:
        # The row itself is the message.
        row.state, row.sent_at = Notification.State.SENT, now
    elif kind.waits:
        row.state = HELD
    return row


def key_around_pk(before: str, after: str) -> Concat:
    """An annotation: each row's own key, as `before`, its primary key, `after`."""
    pk = Cast("pk", CharField())
    return Concat(Value(before), pk, Value(after), output_field=CharField())


def already_told(key: str, channel: str) -> Exists:
    """A condition: of the row whose annotation `key` names, the message is there already."""
    whole = Concat(OuterRef(key), Value(f":{channel}"), output_field=CharField())
    return Exists(Notification.objects.filter(key=whole))
