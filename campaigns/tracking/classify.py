"""Who or what clicked, and on which day and hour. Pure functions: no database, no clock.

The first rule that holds decides, and its name is stored as the reason. What is asked for by
HEAD is no click and never comes here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils.timezone import get_default_timezone

# The edge and the landing page ask here, too.
from campaigns.tracking.agents import PERSON, Verdict, by_agent, draws_cards, is_in_advance  # noqa: F401
from campaigns.tracking.arrivals import A_MILLISECOND, Arrival
from campaigns.tracking.models import ClickKind
from campaigns.tracking.stream import EPOCH

# Times and their differences are in milliseconds: thousands are compared every second.
REPEAT_MS = 30_000
# Until then only whose link it is can have it: it is made when the network's composer opens.
OWN_MS = 10_000
# So many links of ours within so short a time are opened by a machine that checks a message.
SCAN_MS, SCAN_LINKS = 2_000, 4

FIRST_TIME = PERSON._replace(is_first=True)
IN_ADVANCE = Verdict(ClickKind.PREFETCH, "purpose")
BURST = Verdict(ClickKind.SCANNER, "burst")
REPEAT = Verdict(ClickKind.REPEAT, "repeat")
JUST_MADE = Verdict(ClickKind.SELF, "just_made")
SAME_VISITOR = Verdict(ClickKind.SELF, "same_visitor")


def by_headers(click: Arrival) -> Verdict:
    if click.purpose and is_in_advance(click.purpose):
        return IN_ADVANCE
    return by_agent(click.agent)


# --- On the organisation's clock -----------------------------------------------------------------
def local_day(at: datetime) -> date:
    """The organisation's day, whoever asks."""
    return at.astimezone(get_default_timezone()).date()


def local_hour(at: datetime) -> datetime:
    """The start of the hour on the organisation's clock, which may be half an hour off UTC's."""
    here = at.astimezone(get_default_timezone())
    return at - timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The organisation's day as [start, end)."""
    zone = get_default_timezone()
    following = day + timedelta(days=1)
    return datetime.combine(day, time.min, zone), datetime.combine(following, time.min, zone)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at)


def milliseconds(at: datetime) -> int:
    return (at - EPOCH) // A_MILLISECOND


def day_and_hour(at: int) -> tuple[date, datetime]:
    """local_day and local_hour of many times, most of them close together."""
    # No clock anywhere changes by less than a quarter of an hour.
    return _quarter_hour(at // 900_000, get_default_timezone())


@lru_cache(maxsize=8192)
def _quarter_hour(number, zone):
    at = moment(number * 900_000)
    return local_day(at), local_hour(at)


# --- In the light of the clicks before -----------------------------------------------------------
# What one visitor clicks on one link in one day: link, visitor, day. Classified in its order.
Trail = tuple[int, bytes, date]


def trail_of(click: Arrival) -> Trail:
    assert click.visitor is not None
    return click.link_id, click.visitor, day_and_hour(click.at)[0]


@dataclass(slots=True)
class Past:
    """How far a trail has come: whether it began as the ambassador's own, and its last click."""

    is_own: bool
    last: int


class Judge:
    """Classifies clicks one after the other, in the order of their time.

    made: when each link was made. past: how far trails had come before. scans: ids of what a
    machine did, from `scans()`.
    """

    def __init__(self, made: Mapping[int, int], past: dict[Trail, Past], scans: set[bytes]):
        self._made, self._past, self._scans = made, past, scans

    def decide(self, click: Arrival) -> Verdict:
        verdict = by_headers(click)
        if verdict.kind != ClickKind.HUMAN:
            return verdict
        if click.id in self._scans:
            return BURST
        if click.visitor is None:
            return JUST_MADE if self._just_made(click) else PERSON
        return self._in_trail(click)

    def _in_trail(self, click):
        trail = trail_of(click)
        past = self._past.get(trail)
        if past is None:
            own = self._just_made(click)
            self._past[trail] = Past(own, click.at)
            return JUST_MADE if own else FIRST_TIME
        is_repeat = abs(click.at - past.last) <= REPEAT_MS
        past.last = max(past.last, click.at)
        if is_repeat:
            return REPEAT
        return SAME_VISITOR if past.is_own else PERSON

    def _just_made(self, click):
        return click.at < self._made[click.link_id] + OWN_MS


def scans(clicks: Iterable[Arrival]) -> set[bytes]:
    """Ids of clicks that are part of a burst: one visitor, many links, at once."""
    by_visitor: defaultdict[bytes, list[Arrival]] = defaultdict(list)
    for click in clicks:
        if click.visitor:
            by_visitor[click.visitor].append(click)
    found: set[bytes] = set()
    for visits in by_visitor.values():
        if len(visits) >= SCAN_LINKS:
            found |= _bursts(sorted(_by_people(visits)))
    return found


def _by_people(clicks):
    return [click for click in clicks if by_headers(click).kind == ClickKind.HUMAN]


def _bursts(clicks):
    """The same for one visitor's clicks, in order: a window that slides over them."""
    found, first, marked, links = set(), 0, 0, Counter()
    for last, click in enumerate(clicks):
        links[click.link_id] += 1
        while click.at - clicks[first].at > SCAN_MS:
            gone = clicks[first].link_id
            links[gone] -= 1
            if not links[gone]:
                del links[gone]
            first += 1
        if len(links) >= SCAN_LINKS:
            found.update(other.id for other in clicks[max(first, marked) : last + 1])
            marked = last + 1
    return found
