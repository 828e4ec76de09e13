"""What a site reports, kept before anything is said: a conversion acknowledged is never lost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from campaigns.conversions.models import Conversion, Goal, mark_of
from campaigns.conversions.settling import settle
from campaigns.tracking import click_ids

Source, State, Reason = Conversion.Source, Conversion.State, Conversion.Reason


class Outcome(StrEnum):
    NEW = "new"
    KNOWN = "known"  # the same event, reported again
    CONFLICT = "conflict"  # the same event id, about another click


@dataclass(frozen=True)
class Reported:
    outcome: Outcome
    conversion: Conversion


def report(goal: Goal, told: str, *, event: str, at: datetime) -> Reported:
    """Keeps what the site's own server says: the click id it was given, its own id of the event.

    at: when it happened, aware. What cannot be counted is kept too, with the reason.
    """
    fields = _about(told) | {"occurred_at": at, "source": Source.API}
    # Found by its mark, so that an order number or an address in it is not ours to keep.
    conversion, is_new = Conversion.objects.get_or_create(
        goal=goal, event=mark_of(event.encode()), defaults=fields
    )
    if not is_new:
        same = bytes(conversion.click) == fields["click"]
        return Reported(Outcome.KNOWN if same else Outcome.CONFLICT, conversion)
    return Reported(Outcome.NEW, _settled(conversion))


def pass_through(goal_id: int, told: click_ids.ClickId, at: datetime) -> None:
    """Keeps that somebody came through a goal's landing address. Once per click, however often."""
    with transaction.atomic():
        fields = _of_click(told) | {"occurred_at": at}
        conversion, is_new = Conversion.objects.get_or_create(
            goal_id=goal_id, source=Source.LANDING, click=fields.pop("click"), defaults=fields
        )
    if is_new:
        _settled(conversion)


def _settled(conversion):
    if conversion.state == State.PENDING and settle(conversion.pk):
        conversion.refresh_from_db()
    return conversion


def _about(told):
    try:
        return _of_click(click_ids.read(told))
    except click_ids.NotOurs:
        nobody = {"state": State.UNATTRIBUTED, "reason": Reason.NOT_OURS}
        return nobody | {"click": mark_of(told.encode())}


def _of_click(told):
    return {"click": mark_of(told.id.bytes), "click_id": told.id, "click_at": told.at}
