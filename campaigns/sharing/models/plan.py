from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Caption, Content
from campaigns.networks.models import Network


class PlanQuerySet(models.QuerySet):
    def to_come(self):
        return self.filter(reminded_at=None)

    def due(self, now):
        return self.to_come().filter(at__lte=now)

    def over(self, now):
        """Sent so long ago that nobody comes back by them."""
        return self.filter(reminded_at__lt=now - Plan.KEPT)


class Plan(models.Model):
    """A moment at which a person wants to be reminded of an item. Nothing is posted for them.

    caption, language, words: what stood in the panel, so that it opens again as it was.
    """

    # Who leaves the programme leaves none of it behind: see Ambassador.leave.
    LEAVES_WITH_THEM = True
    # After the reminder, for its link.
    KEPT = timedelta(days=30)

    ambassador = models.ForeignKey(Ambassador, models.CASCADE, related_name="plans")
    content = models.ForeignKey(Content, models.CASCADE, related_name="plans")
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    caption = models.ForeignKey(Caption, models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=2, choices=settings.LANGUAGES, blank=True)
    # Blank while they are the suggestion's own.
    words = models.TextField(blank=True)
    at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["ambassador", "content"],
                condition=models.Q(reminded_at=None),
                name="plan_one_to_come_per_item",
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=models.Q(reminded_at=None), name="plan_to_come")
        ]

    def __str__(self):
        return f"{self.content_id} {self.at:%Y-%m-%d %H:%M}"

    def claim(self, now):
        """True for whoever is to send the reminder: once, however many ask."""
        # The filter is the lock: of two workers, one updates no row.
        return bool(type(self).objects.due(now).filter(pk=self.pk).update(reminded_at=now))
