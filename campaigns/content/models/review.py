from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy


def read(**version):
    """A filter on the version that was read, or none where nobody says which one it was."""
    return {name: value for name, value in version.items() if value is not None}


def snapshot(content):
    """What a reviewer has in front of them, as plain JSON: what the next version differs from."""
    fields = ("url", "language", "title", "why", "disclosure_fr", "disclosure_en")
    captions = {str(caption.pk): caption.text for caption in content.captions.all()}
    return {name: getattr(content, name) for name in fields} | {"captions": captions}


class Review(models.Model):
    """A decision, by whom, when, and why: append-only."""

    class Decision(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("review", "Approved")
        CHANGES_REQUESTED = "changes_requested", pgettext_lazy("review", "Changes requested")

    content = models.ForeignKey("campaigns.Content", models.CASCADE, related_name="reviews")
    caption = models.ForeignKey(
        "campaigns.Caption", models.CASCADE, null=True, related_name="reviews"
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, choices=Decision)
    note = models.TextField(blank=True)
    # The words that were decided on. They may change afterwards; the decision was on these.
    seen = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="changes_requested") | ~Q(note=""),
                name="review_request_has_a_note",
            )
        ]

    def __str__(self):
        return f"{self.decision} {self.content_id}"
