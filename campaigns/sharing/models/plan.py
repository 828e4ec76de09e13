from django.db import models
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.networks.models import Network


class Plan(models.Model):
    """A moment at which a person wants to be reminded of an item. Nothing is posted for them."""

    ambassador = models.ForeignKey(Ambassador, models.CASCADE, related_name="plans")
    content = models.ForeignKey(Content, models.CASCADE, related_name="plans")
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

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
