from collections import defaultdict

from django.db import models
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.planning.models import Campaign


class MuteQuerySet(models.QuerySet):
    def by_campaign(self, people):
        """{campaign: those of `people` (ids) who muted it}; an empty set for any other."""
        found = defaultdict(set)
        for campaign, person in self.filter(ambassador__in=people).values_list(
            "campaign", "ambassador"
        ):
            found[campaign].add(person)
        return found


class Mute(models.Model):
    """A campaign a person wants to hear no more of. Its items stay in their feed.

    Not in the audit trail: that somebody would rather not is nobody's to look up.
    """

    # Who leaves the programme leaves none of it behind: see Ambassador.leave.
    LEAVES_WITH_THEM = True

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="mutes")
    ambassador = models.ForeignKey(Ambassador, models.CASCADE, related_name="mutes")
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "ambassador"], name="mute_once_per_person_and_campaign"
            )
        ]

    def __str__(self):
        return f"{self.campaign_id}"
