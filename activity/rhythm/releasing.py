"""Letting go of what waits: in the person's hours, few a week, and together what waited together.

A message that may wait is written HELD, with the moment from which the person may be written to.
Here it is queued under one of the week's turns; or said within another that waited too; or put off
to next week, when the week is full. The digest takes along whatever still waits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import groupby

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from activity.calendar import Times
from activity.desk.models import paused
from activity.hearing import KINDS, Kind
from activity.models import Hours, Notification
from activity.rhythm.models import times_of

# Of all channels together, the digest included.
A_WEEK = 3
# The last of them is the digest's, and those after it are of who chose to have it more often.
NUDGES = range(1, A_WEEK)
DIGESTS = range(A_WEEK, A_WEEK + 7)
# What waited for the morning leaves a little after it: a digest of that morning takes it along.
SETTLING = timedelta(minutes=15)
AT_ONCE = 1000
CHUNKS = 100

State = Notification.State


def hours_of(people: Iterable[int]) -> dict[int, Times]:
    """{person id: when they may be written to}, in two queries."""
    people = list(people)
    zones = get_user_model().objects.filter(pk__in=people).values_list("pk", "time_zone")
    said, usual = Hours.objects.of(people), cache(partial(times_of, None))
    return {
        person: times_of(said[person], zone) if person in said else usual(zone)
        for person, zone in zones
    }


def leaves_at(times: Times, wanted: datetime) -> datetime:
    """When what is wanted at `wanted` may be looked at: then, or soon after the next opening."""
    opening = times.opening(wanted)
    return wanted if opening == wanted else opening + SETTLING


def closed_until(notification: Notification) -> datetime | None:
    """When it may leave, where that is not now: the queue was slow, or the hours are others."""
    kind = KINDS[notification.kind]
    if not kind.waits or notification.channel == Notification.Channel.BELL:
        return None
    person = notification.recipient
    times = times_of(getattr(person, "hours", None), person.time_zone)
    now = timezone.now()
    return None if times.is_open(now) else leaves_at(times, now)


def release_due(now: datetime) -> None:
    """Lets go of whatever is due at `now`. Twice, or two at once, does no harm."""
    if paused():
        return
    last = 0
    for _chunk in range(CHUNKS):
        due = Notification.objects.held().filter(not_before__lte=now, recipient__gt=last)
        people = due.order_by("recipient").values_list("recipient", flat=True).distinct()[:AT_ONCE]
        people = list(people)
        if not people:
            return
        release(people, now)
        last = people[-1]


def queue_at_once(
    kind: Kind, rows: list[Notification], times: dict[int, Times], now: datetime
) -> None:
    """Queues those of `rows`, held and not written yet, that would be let go alone and at once.

    So a launch to many people is written once. `times` is hours_of() their people. Who has
    something else waiting is left to `release`, which says them together.
    """
    if kind.carries or not kind.is_nudge or paused():
        return
    count = Counter(row.recipient_id for row in rows)
    alone = {row.recipient_id for row in rows if row.not_before <= now}
    alone = {person for person in alone if count[person] == 1}
    others = Notification.objects.held().filter(recipient__in=alone)
    alone -= set(others.values_list("recipient", flat=True))
    weeks, taken = _weeks_and_turns({person: times[person] for person in alone}, now)
    for row in rows:
        if row.recipient_id in alone and (turn := _nudge_in(taken[row.recipient_id])):
            row.state, row.week, row.turn = State.QUEUED, weeks[row.recipient_id][1], turn


def _nudge_in(taken):
    """The turn for one more, in a week of which `taken` are taken; None when it is full."""
    free = (turn for turn in NUDGES if turn not in taken)
    return next(free, None) if len(taken) < A_WEEK else None


def release(people: Iterable[int], now: datetime) -> None:
    """The same for `people` (ids) alone.

    Of two workers that give the same turn, the database refuses one: its people stay held, and the
    sweep comes back to them.
    """
    if paused():
        return
    try:
        with transaction.atomic():
            _decide(list(people), now).write()
    except IntegrityError:
        return


@dataclass
class Decision:
    """What becomes of the messages of many people, written in a few statements."""

    queued: list = field(default_factory=list)
    turns: dict = field(default_factory=lambda: defaultdict(list))
    put_off: dict = field(default_factory=lambda: defaultdict(list))
    merged: dict = field(default_factory=lambda: defaultdict(list))

    def write(self):
        self._move(self.queued, state=State.QUEUED)
        for (week, turn), rows in self.turns.items():
            self._move(rows, state=State.QUEUED, week=week, turn=turn)
        for moment, rows in self.put_off.items():
            self._move(rows, not_before=moment)
        for lead, rows in self.merged.items():
            self._move(rows, state=State.MERGED, within=lead.pk)
            lead.data["also"] = len(rows)
        Notification.objects.bulk_update(list(self.merged), ["data"], batch_size=AT_ONCE)

    def _move(self, rows, **fields):
        if rows:
            held = Notification.objects.held().filter(pk__in=[row.pk for row in rows])
            held.update(**fields)


def _decide(people, now):
    decision = Decision()
    held = _held_by(people)
    due = {person for person, rows in held.items() if any(r.not_before <= now for r in rows)}
    if not due:
        return decision
    weeks, taken = _weeks_and_turns(hours_of(due), now)
    for person in sorted(due):
        _decide_for(decision, held[person], taken[person], weeks[person], now)
    return decision


def _held_by(people):
    rows = Notification.objects.held().filter(recipient__in=people)
    found = rows.select_for_update(skip_locked=True).order_by("recipient", "created_at", "pk")
    return {person: list(rows) for person, rows in groupby(found, lambda row: row.recipient_id)}


def _weeks_and_turns(times, now):
    """({person: their times and week}, {person: the turns of that week that are taken})."""
    week = cache(lambda zone: Times(zone).week(now))
    weeks = {person: (of, week(of.zone)) for person, of in times.items()}
    taken = defaultdict(set)
    mondays = {monday for _times, monday in weeks.values()}
    for person, week, turn in Notification.objects.turns_of(list(times), mondays):
        if week == weeks[person][1]:
            taken[person].add(turn)
    return weeks, taken


def _decide_for(decision, rows, taken, when, now):
    times, week = when
    due = [row for row in rows if row.not_before <= now]
    nudges = [row for row in due if _is_nudge(row)]
    decision.queued += [row for row in due if not _is_nudge(row)]
    carriers = [row for row in nudges if KINDS[row.kind].carries]
    if carriers:
        lead, waiting = carriers[-1], [r for r in rows if _can_be_said_by(carriers[-1], r)]
        turn = next((n for n in DIGESTS if n not in taken), None)
        _queue(decision, lead, week, turn)
        taken = taken | {turn}
    else:
        lead, waiting = None, []
    alone = [row for row in nudges if row not in waiting and row is not lead]
    while alone:
        turn = _nudge_in(taken)
        if turn is None:
            decision.put_off[times.next_week(now) + SETTLING] += alone
            break
        first = alone.pop(0)
        _queue(decision, first, week, turn)
        taken = taken | {turn}
        along = [row for row in alone if _can_be_said_by(first, row)]
        alone = [row for row in alone if row not in along]
        if along:
            decision.merged[first] = along
    if waiting:
        decision.merged[lead] = waiting


def _queue(decision, row, week, turn):
    decision.turns[week, turn].append(row) if turn else decision.queued.append(row)


def _is_nudge(row):
    kind = KINDS.get(row.kind)
    return bool(kind and kind.is_nudge)


def _can_be_said_by(lead, row):
    """A mail has room for a line about another; a notification on a telephone has not."""
    if row is lead or not _is_nudge(row):
        return False
    email = Notification.Channel.EMAIL
    kind = KINDS[row.kind]
    return lead.channel == row.channel == email and (bool(kind.line) or kind.carries)
