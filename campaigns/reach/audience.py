"""Potential reach: an estimate from the ranges people chose to give. Never a number of views.

    from  the sum of the low ends of the ranges
    to    the sum of their high ends; "1,000 and more" has none, and counts 1,000

of those who declared a share in the period and gave a range. Audiences overlap and nobody knows
by how much, so it is always more than the people who could have seen something. Rounded outwards
to two figures, and the people in a range to the nearest five: what somebody said of themselves
must not show when they are the only one to come or go.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from ambassadors.enrolment.models import Ambassador

Band = Ambassador.Band
# From, to. None: no end.
ENDS: dict[str, tuple[int, int | None]] = {
    Band.UP_TO_200: (0, 200),
    Band.UP_TO_500: (200, 500),
    Band.UP_TO_1000: (500, 1000),
    Band.OVER_1000: (1000, None),
}
NEAREST = 5


@dataclass(frozen=True)
class BandPeople:
    """About how many people gave a range; None when they are too few to say."""

    label: Any
    people: int | None


@dataclass(frozen=True)
class Estimate:
    """Potential reach, `low` to `high` people (and more, when open), and what it is made of."""

    low: int
    high: int
    is_open: bool
    givers: int
    bands: list[BandPeople]


def estimate(people: Mapping[str, int], minimum: int) -> Estimate | None:
    """people: how many active ambassadors gave each range ("" for none).

    None when fewer than `minimum` people gave one.
    """
    given = {band: people.get(band, 0) for band in ENDS}
    if sum(given.values()) < minimum:
        return None
    low = sum(n * ENDS[band][0] for band, n in given.items())
    high = sum(n * (ENDS[band][1] or ENDS[band][0]) for band, n in given.items())
    return Estimate(
        low=_two_figures(low, floor),
        high=_two_figures(high, ceil),
        is_open=bool(given[Band.OVER_1000]),
        givers=_to_nearest(sum(given.values())),
        bands=[
            BandPeople(Band(band).label, _to_nearest(n) if n >= minimum else None)
            for band, n in given.items()
            if n
        ],
    )


def _two_figures(number, direction):
    if number < 10:
        return 0 if direction is floor else 10
    unit = 10 ** (floor(log10(number)) - 1)
    return direction(number / unit) * unit


def _to_nearest(number):
    return NEAREST * round(number / NEAREST)
