"""How far campaigns have come towards their goal, by the indicator each has chosen.

What is counted comes from later slices, and is asked through the campaign's own relations.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.planning.aimed import meant_for_few
from campaigns.planning.models import Campaign

DECLARED = Q(contents__links__shares__declared_at__isnull=False)
MEASURES = {
    # A visit is a click by a person, as everywhere; a sum of them is never called people.
    Campaign.Indicator.VISITS: Sum("tallies__clicks", filter=Q(tallies__kind="human"), default=0),
    Campaign.Indicator.SHARES: Count("contents__links__shares", filter=DECLARED),
    Campaign.Indicator.ACTIVE: Count("contents__links__ambassador", filter=DECLARED, distinct=True),
}


@dataclass(frozen=True)
class Progress:
    """reached and target in the indicator's own unit.

    is_hidden: the campaign is meant for so few people that what it reached would be theirs.
    """

    indicator: str
    reached: int
    target: int
    is_hidden: bool = False

    @property
    def percent(self):
        return round(100 * self.reached / self.target)

    @property
    def scale(self):
        """The end of the bar: the target, or what was reached where that is more."""
        return max(self.target, self.reached)

    @property
    def bar(self):
        """Width in a drawing 100 wide."""
        return round(100 * self.reached / self.scale, 1)

    @property
    def tick(self):
        """Where the target stands in the same drawing."""
        return round(100 * self.target / self.scale, 1) - 0.6

    @property
    def so_far(self):
        """“839 visits”."""
        if self.is_hidden:
            return _("Hidden")
        return _counted(self.indicator, self.reached)

    @property
    def aim(self):
        """“1,000 visits”."""
        return _counted(self.indicator, self.target)

    @property
    def sentence(self):
        if self.is_hidden:
            return _(
                "Hidden: this campaign is meant for so few people that its figures would be theirs."
            )
        return format_html(
            _("<strong>{so_far}</strong> of the {target} aimed at: {percent}% of the target."),
            so_far=self.so_far,
            target=_grouped(self.target),
            percent=self.percent,
        )


def _counted(indicator, n):
    words = {
        Campaign.Indicator.VISITS: ngettext("%(n)s visit", "%(n)s visits", n),
        Campaign.Indicator.SHARES: ngettext("%(n)s declared share", "%(n)s declared shares", n),
        Campaign.Indicator.ACTIVE: ngettext(
            "%(n)s ambassador who shares", "%(n)s ambassadors who share", n
        ),
    }
    return words[indicator] % {"n": _grouped(n)}


def _grouped(n):
    return number_format(n, force_grouping=True)


def progress_of(campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """By primary key. As many queries as there are indicators, however many campaigns."""
    campaigns = list(campaigns)
    reached = {}
    for indicator, measure in MEASURES.items():
        keys = [campaign.pk for campaign in campaigns if campaign.indicator == indicator]
        if keys:
            counted = Campaign.objects.filter(pk__in=keys).order_by().annotate(n=measure)
            reached |= dict(counted.values_list("pk", "n"))
    few = meant_for_few()
    return {
        c.pk: Progress(c.indicator, 0, c.target, is_hidden=True)
        if c.pk in few
        else Progress(c.indicator, reached[c.pk], c.target)
        for c in campaigns
    }
