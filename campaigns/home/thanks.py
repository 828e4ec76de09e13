"""A thank-you for a campaign: one sentence, to everybody who shared in it, with what all brought.

Nobody needs to know who did how much to say thank you, so nobody is told. Whoever reads it can
take their own figures away from the sum: it is told from one person more than the minimum on.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from activity.log import record
from ambassadors.enrolment.models import Ambassador
from campaigns.planning.aimed import meant_for_few
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Share
from campaigns.tracking.models import Tally


@dataclass(frozen=True)
class Together:
    people: int
    visits: int


class ThanksQuerySet(models.QuerySet):
    def to(self, ambassador: Ambassador):
        """Those for campaigns the person shared in, newest first."""
        shared = Share.objects.by(ambassador).declared().values("link__content__campaign")
        return self.filter(campaign__in=shared).select_related("campaign", "by").order_by("-at")


class Thanks(models.Model):
    """What those who run the programme say to all who shared in a campaign."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="thanks")
    text_fr = models.CharField(gettext_lazy("in French"), max_length=280)
    text_en = models.CharField(gettext_lazy("in English"), max_length=280, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ThanksQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text_fr=""), name="thanks_say_something")
        ]

    def __str__(self):
        return self.text_en if self.text_en and get_language() == "en" else self.text_fr

    @property
    def language(self):
        return "en" if self.text_en and get_language() == "en" else "fr"

    @transaction.atomic
    def say(self, by):
        """Puts it on the page of all who shared; the bell rings once, however often it changes."""
        self.by, self.at = by, timezone.now()
        self.save()
        record("campaign.thanked", subject=self.campaign, actor=by)

    @property
    def together(self) -> Together | None:
        """What all of them brought; None where one of them could take it apart."""
        return together(self.campaign)


def together(campaign: Campaign) -> Together | None:
    people = sharers(campaign).count()
    if people <= settings.MINIMUM_GROUP or campaign.pk in meant_for_few():
        return None
    # By the links of people: nobody brought the visits of the programme's own addresses.
    visits = Tally.objects.human().filter(campaign=campaign, link__ambassador__isnull=False)
    return Together(people, visits.aggregate(n=Sum("clicks", default=0))["n"])


def sharers(campaign: Campaign) -> models.QuerySet[Ambassador]:
    """Enrolled people who said they shared something of the campaign."""
    declared = Share.objects.declared().filter(link__content__campaign=campaign)
    return Ambassador.objects.enrolled().filter(pk__in=declared.values("link__ambassador"))
