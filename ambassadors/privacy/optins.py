"""What is off until a person says yes, one by one; a no holds at once.

A slice offers what it would like to do:  offer(OptIn(key, label, consequence, …))
What has no table of its own stands in the ledger of consents, and whoever shows something asks
there: Consent.objects.is_given(user, Consent.Purpose.LEADERBOARD).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ambassadors.enrolment.models import Ambassador, Consent


@dataclass(frozen=True)
class OptIn:
    """A choice. consequence: what a yes and a no do, in plain words. The functions take an
    Ambassador; turn_on is None for what needs more than a yes, and `elsewhere` then says where."""

    key: str
    label: Any
    consequence: Any
    is_on: Callable[[Ambassador], bool]
    turn_on: Callable[[Ambassador], None] | None
    turn_off: Callable[[Ambassador], None]
    elsewhere: tuple = ()

    @property
    def needs_only_a_yes(self) -> bool:
        return self.turn_on is not None


OPT_INS: dict[str, OptIn] = {}


def offer(opt_in: OptIn) -> OptIn:
    """Puts a choice on everybody's page. Once per choice, at start."""
    OPT_INS[opt_in.key] = opt_in
    return opt_in


def in_the_ledger(key, label, consequence) -> OptIn:
    """A choice that is nothing but a line in the ledger."""
    return OptIn(
        key,
        label,
        consequence,
        is_on=lambda ambassador: Consent.objects.is_given(ambassador.user, key),
        turn_on=lambda ambassador: Consent.objects.give(ambassador.user, key),
        turn_off=lambda ambassador: Consent.objects.take_back(ambassador.user, key),
    )


offer(
    in_the_ledger(
        Consent.Purpose.LEADERBOARD.value,
        # Translators: fr: Figurer dans un tableau des participants
        _("Appear in a list of participants"),
        _(
            "With a yes, your name stands in the list that other participants see, with how many of"
            " your posts of the month somebody opened, where the programme has such a list; with a"
            " no, you never appear in it, and nobody is told that you said no."
        ),
    )
)
offer(
    in_the_ledger(
        Consent.Purpose.MANAGER_VIEW.value,
        _("Let my manager see my figures"),
        _(
            "Managers see totals of teams, never one person. With a yes, your manager and the HR"
            " managers of your department may see your shares and visits of the last 28 days, and"
            " you can read here when they did; with a no, nothing about you alone is shown to"
            " anybody."
        ),
    )
)
offer(
    OptIn(
        "audience_band",
        _("Give the size of my audience"),
        _(
            "With a yes, the range you choose goes into an estimate for the whole programme, never"
            " shown for you alone. With a no, it is erased at once."
        ),
        is_on=lambda ambassador: bool(ambassador.audience_band),
        turn_on=None,
        turn_off=lambda ambassador: ambassador.share_on(
            ambassador.networks, band=Ambassador.Band.UNKNOWN
        ),
        elsewhere=("campaigns:welcome-step", "networks"),
    )
)
