"""What a campaign's page says of its goals: what each brought, and how a site reports to it."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.urls import reverse

from campaigns.conversions.models import Conversion, ConversionTally, Goal
from campaigns.planning.aimed import meant_for_few
from campaigns.planning.models import Campaign
from campaigns.tracking.click_ids import PARAMETER


@dataclass(frozen=True)
class Line:
    """A goal, what was counted for it, what waits, and what was not counted: (why, how many)."""

    goal: Goal
    counted: int
    waiting: int
    set_aside: list[tuple[Any, int]]

    @property
    def landing(self) -> str:
        """The address its site's button passes through; "" where nobody could be sent on."""
        if not self.goal.return_url:
            return ""
        return f"{settings.LINK_BASE_URL}/conversion?goal={self.goal.key}&{PARAMETER}="


class Sheet:
    parameter = PARAMETER

    def __init__(self, campaign: Campaign):
        self.campaign = campaign

    @cached_property
    def tells(self) -> bool:
        """Not where the campaign is meant for so few that its figures would be theirs."""
        return self.campaign.pk not in meant_for_few()

    @property
    def api(self) -> str:
        return settings.BASE_URL + reverse("campaigns:conversion-report")

    @cached_property
    def lines(self) -> list[Line]:
        goals = list(self.campaign.goals.all())
        states = self._states(goals)
        return [
            Line(
                goal,
                self._counted.get(goal.pk, 0),
                states[goal.pk, Conversion.State.PENDING, ""],
                self._set_aside(goal, states),
            )
            for goal in goals
        ]

    @property
    def open(self) -> list[Line]:
        return [line for line in self.lines if line.goal.ended_at is None]

    @property
    def ended(self) -> list[Line]:
        return [line for line in self.lines if line.goal.ended_at]

    @property
    def total(self) -> int:
        return sum(self._counted.values())

    @cached_property
    def _counted(self) -> dict[int, int]:
        """From the totals, which stay when the rows are gone."""
        rows = ConversionTally.objects.filter(campaign=self.campaign).order_by()
        return dict(rows.values_list("goal").annotate(n=Sum("conversions")))

    def _states(self, goals):
        rows = Conversion.objects.filter(goal__in=goals).order_by()
        found = rows.values_list("goal", "state", "reason").annotate(n=Count("pk"))
        return Counter({(goal, state, reason): n for goal, state, reason, n in found})

    def _set_aside(self, goal, states):
        left_out = Conversion.State.UNATTRIBUTED
        reasons = ((why.label, states[goal.pk, left_out, why.value]) for why in Conversion.Reason)
        return sorted(((label, n) for label, n in reasons if n), key=lambda each: -each[1])
