"""How far campaigns have come towards their goal, by the indicator each has chosen.

What is counted comes from later slices, and is asked through the campaign's own relations.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from campaigns.planning.models import Campaign

DECLARED = Q(contents__links__shares__declared_at__isnull=False)
MEASURES = {
    # A visit is a person's first click of a day on a link; the sum is never called people.
    Campaign.Indicator.VISITS: Sum("tallies__uniques", filter=Q(tallies__kind="human"), default=0),
    Campaign.Indicator.SHARES: Count("contents__links__shares", filter=DECLARED),
    Campaign.Indicator.ACTIVE: Count("contents__links__ambassador", filter=DECLARED, distinct=True),
}


@dataclass(frozen=True)
class Progress:
    """reached and target in the indicator's own unit."""

    indicator: str
    reached: int
    target: int

    @property
    def percent(self):
        return round(100 * self.reached / self.target)

    @property
    def scale(self):
        """The end of the bar: the target, or what was reached where that is more."""
        return max(self.target, self.reached)

    @property
    def bar(self):
        """Widths for a drawing 100 wide."""
        return round(100 * self.reached / self.scale, 1)

    @property
    def tick(self):
        return round(100 * self.target / self.scale, 1) - 0.6


def progress_of(campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """By primary key. As many queries as there are indicators, however many campaigns."""
    campaigns = list(campaigns)
    reached = {}
    for indicator, measure in MEASURES.items():
        keys = [campaign.pk for campaign in campaigns if campaign.indicator == indicator]
        if keys:
            counted = Campaign.objects.filter(pk__in=keys).order_by().annotate(n=measure)
            reached |= dict(counted.values_list("pk", "n"))
    return {c.pk: Progress(c.indicator, reached[c.pk], c.target) for c in campaigns}
