from django.conf import settings
from django.db import models
from django.utils import timezone


class Version(models.Model):
    """An item as it was handed in, by whom and when: append-only."""

    content = models.ForeignKey("campaigns.Content", models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    # What snapshot() makes of it.
    words = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["content", "number"], name="version_numbered_once_per_item"
            )
        ]

    def __str__(self):
        return f"{self.content_id} v{self.number}"
