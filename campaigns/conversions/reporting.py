"""What a site reports, kept before anything is said: a conversion acknowledged is never lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction

from campaigns.conversions.models import Conversion, Goal, mark_of
from campaigns.conversions.settling import settle, take_turns
from campaigns.tracking import click_ids

Source, State, Reason = Conversion.Source, Conversion.State, Conversion.Reason


class Outcome(StrEnum):
    NEW = "new"
    KNOWN = "known"  # the same event, reported again
    CONFLICT = "conflict"  # the same event id, about another click


class Event(NamedTuple):
    """What a site's own server says.

    told: the click id it was given. name: its own id of the event. at: when it happened, aware.
    """

    goal: Goal
    told: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Reported:
    outcome: Outcome
    conversion: Conversion


def report(goal: Goal, told: str, *, event: str, at: datetime) -> Reported:
    """Keeps one event. What cannot be counted is kept too, with the reason."""
    (reported,) = report_all([Event(goal, told, event, at)])
    return reported


def report_all(events: Sequence[Event]) -> list[Reported]:
    """Keeps events, then judges the new ones together; what became of each, in their order."""
    kept = _keep(events)
    new = [conversion for outcome, conversion in kept if outcome is Outcome.NEW]
    settle([conversion.pk for conversion in new if conversion.state == State.PENDING])
    rows = Conversion.objects.in_bulk({conversion.pk for _, conversion in kept})
    return [Reported(outcome, rows[conversion.pk]) for outcome, conversion in kept]


@transaction.atomic
def _keep(events) -> list[tuple[Outcome, Conversion]]:
    # Of two calls with the same event, the later one finds it.
    take_turns()
    told = [_conversion(event) for event in events]
    known = _known(told)
    new = {_key(c): c for c in reversed(told) if _key(c) not in known}
    Conversion.objects.bulk_create(reversed(new.values()))
    return [_compared(conversion, known | new) for conversion in told]


def _compared(conversion, rows):
    row = rows[_key(conversion)]
    if row is conversion:
        return Outcome.NEW, row
    same = bytes(row.click) == conversion.click
    return Outcome.KNOWN if same else Outcome.CONFLICT, row


def _known(told):
    goals, events = {c.goal_id for c in told}, {c.event for c in told}
    rows = Conversion.objects.filter(goal__in=goals, event__in=events)
    return {(row.goal_id, bytes(row.event)): row for row in rows}


def _key(conversion):
    return conversion.goal_id, conversion.event


def _conversion(event):
    # Found by its mark, so that an order number or an address in it is not ours to keep.
    mark = mark_of(event.name.encode())
    fields = {"goal": event.goal, "event": mark, "occurred_at": event.at, "source": Source.API}
    return Conversion(**fields, **_about(event.told))


def pass_through(goal_id: int, told: click_ids.ClickId, at: datetime) -> None:
    """Keeps that somebody came through a goal's landing address. Once per click, however often."""
    with transaction.atomic():
        fields = _of_click(told) | {"occurred_at": at}
        conversion, is_new = Conversion.objects.get_or_create(
            goal_id=goal_id, source=Source.LANDING, click=fields.pop("click"), defaults=fields
        )
    if is_new:
        settle([conversion.pk])


def _about(told):
    try:
        return _of_click(click_ids.read(told))
    except click_ids.NotOurs:
        nobody = {"state": State.UNATTRIBUTED, "reason": Reason.NOT_OURS}
        return nobody | {"click": mark_of(told.encode())}


def _of_click(told):
    return {"click": mark_of(told.id.bytes), "click_id": told.id, "click_at": told.at}
