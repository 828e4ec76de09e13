from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

FIELDS = ("url", "language", "title", "why", "disclosure_fr", "disclosure_en", "image_alt")


def snapshot(content):
    """What a reviewer has in front of them, as plain JSON: what the next version differs from.

    captions, claims: words by key; places: the network and language of each caption, which may be
    gone by the time somebody compares.
    """
    captions = list(content.captions.select_related("network"))
    return {name: getattr(content, name) for name in FIELDS} | {
        "image": content.image.name or "",
        "captions": {str(caption.pk): caption.text for caption in captions},
        "places": {str(c.pk): [c.network.slug, c.language] for c in captions},
        "claims": {str(claim.pk): claim.in_words for claim in content.claims.all()},
    }


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
    # When those words were handed in: which version they were. NULL: decided before this was kept.
    handed_in_at = models.DateTimeField(null=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="changes_requested") | ~Q(note=""),
                name="review_request_has_a_note",
            ),
            models.UniqueConstraint(
                fields=["content", "handed_in_at", "reviewer"],
                condition=Q(decision="approved", caption=None),
                name="review_approves_a_version_once",
            ),
            models.UniqueConstraint(
                fields=["caption", "handed_in_at", "reviewer"],
                condition=Q(decision="approved"),
                name="review_approves_a_text_once",
            ),
        ]

    def __str__(self):
        return f"{self.decision} {self.content_id}"
