"""Which click a conversion is owed to, if to any; and the totals, in the same transaction.

First touch: of a visitor's clicks on the campaign, the earliest within the window has the credit.
Visitors are known again within one day only (their hash is of that day), so "first" is the first
click of the day of the click whose id came back; what the same person clicked on another day is
another visitor's, to us and to everybody.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from campaigns.conversions.models import Conversion, Credit, Goal, mark_of
from campaigns.sharing.models import Link
from campaigns.tracking.classify import local_day
from campaigns.tracking.ingest import day_bounds
from campaigns.tracking.models import Click, ClickKind, Tally

Reason, State = Conversion.Reason, Conversion.State
TURNS = 0x7076636F6E76
# A click waits on a disk when Redis was away; after that nobody expects it any more.
PATIENCE = timedelta(days=3)
# The site's clock and ours are not the same.
SKEW = timedelta(minutes=2)

ADD = """
INSERT INTO campaigns_conversiontally AS total
       (day, goal_id, campaign_id, content_id, network_id, department_id, conversions)
VALUES (%s, %s, %s, %s, %s, %s, 1)
ON CONFLICT (goal_id, day, content_id, network_id, department_id)
DO UPDATE SET conversions = total.conversions + 1
"""


class Unattributed(Exception):
    """It counts for nobody; `args` holds the reason."""


class NotYet(Exception):
    """Its click has not come in."""


class Touch(NamedTuple):
    """A click and what its link leads back to."""

    click: Click
    content: int
    campaign: int
    network: int
    ambassador: int | None


def settle_all() -> int:
    """Settles what waits; how many of them wait no more. Safe to run twice at once."""
    waiting = Conversion.objects.pending().order_by("received_at").values_list("pk", flat=True)
    return sum(settle(pk) for pk in list(waiting))


@transaction.atomic
def settle(pk: int) -> bool:
    """Decides about a pending conversion; False while its click is not there yet."""
    take_turns()
    conversion = Conversion.objects.pending().select_related("goal").filter(pk=pk).first()
    if conversion is None:
        return False
    try:
        touch = _first_touch(conversion)
    except NotYet:
        return False
    except Unattributed as reason:
        _end(conversion, State.UNATTRIBUTED, reason=reason.args[0])
    else:
        _credit(conversion, touch)
    return True


def take_turns() -> None:
    """One at a time until the commit: of two at once, both would count one visitor."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])


def _first_touch(conversion) -> Touch:
    """Raises NotYet and Unattributed."""
    goal = conversion.goal
    if conversion.click_at > conversion.occurred_at + SKEW:
        raise Unattributed(Reason.BEFORE_CLICK)
    # Any earlier touch is out of the window too; and its click may be gone from our books.
    if conversion.click_at < conversion.occurred_at - goal.window:
        raise Unattributed(Reason.TOO_LATE)
    told = _click(conversion)
    _check(goal, told)
    touch = _earliest(told, since=conversion.occurred_at - goal.window)
    if touch is None:
        raise Unattributed(Reason.TOO_LATE)
    mark = mark_of(touch.click.id.bytes)
    if Conversion.objects.filter(goal=goal, touch=mark).exists():
        raise Unattributed(Reason.AGAIN)
    return touch


def _click(conversion) -> Touch:
    """The click that came back. With its time, or PostgreSQL would look through every month."""
    click = Click.objects.filter(at=conversion.click_at, id=conversion.click_id).first()
    if click:
        return _touch(click)
    if timezone.now() - conversion.received_at > PATIENCE:
        raise Unattributed(Reason.NO_CLICK)
    raise NotYet


def _touch(click) -> Touch:
    names = ("content", "content__campaign", "network", "ambassador")
    return Touch(click, *Link.objects.values_list(*names).get(pk=click.link_id))


def _check(goal: Goal, told: Touch) -> None:
    if told.campaign != goal.campaign_id:
        raise Unattributed(Reason.OTHER_CAMPAIGN)
    if goal.ended_at and told.click.at > goal.ended_at:
        raise Unattributed(Reason.CLOSED)
    if told.click.kind == ClickKind.SELF:
        raise Unattributed(Reason.OWN)
    if told.click.kind not in {ClickKind.HUMAN, ClickKind.REPEAT}:
        raise Unattributed(Reason.NOT_A_PERSON)


def _earliest(told: Touch, since: datetime) -> Touch | None:
    """The visitor's first click of that day on the campaign, not before `since`."""
    click = told.click
    if click.visitor is None:
        return told
    day = local_day(click.at)
    # Only links that were clicked that day: a campaign may have a hundred thousand.
    clicked = Tally.objects.human().filter(campaign=told.campaign, day=day).values("link")
    start, _end = day_bounds(day)
    found = (
        Click.objects.filter(link__in=clicked, visitor=click.visitor, kind=ClickKind.HUMAN)
        .filter(at__gte=max(start, since), at__lte=click.at)
        .order_by("at", "id")
        .first()
    )
    return found and _touch(found)


def _credit(conversion, touch: Touch) -> None:
    _end(
        conversion,
        State.ATTRIBUTED,
        touch=mark_of(touch.click.id.bytes),
        content_id=touch.content,
        network_id=touch.network,
        department_id=touch.click.department_id,
        ambassador_id=_who_asked(touch.ambassador),
    )
    place = (touch.campaign, touch.content, touch.network, touch.click.department_id)
    with connection.cursor() as cursor:
        cursor.execute(ADD, [local_day(conversion.occurred_at), conversion.goal_id, *place])


def _who_asked(ambassador: int | None) -> int | None:
    """The ambassador, only where they want it; a withdrawal meanwhile waits for this commit."""
    asked = Credit.objects.select_for_update().filter(ambassador=ambassador)
    return ambassador if ambassador and asked.first() else None


def _end(conversion, state, **fields):
    ended = {"state": state, "click_id": None, "click_at": None} | fields
    Conversion.objects.filter(pk=conversion.pk).update(**ended)
    for name, value in ended.items():
        setattr(conversion, name, value)
