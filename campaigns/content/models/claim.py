from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.content.addresses import WEB_ONLY, validate_public
from campaigns.content.models.item import Content


class Claim(models.Model):
    """Something an item says is so: where that is written, who answers for it, and until when."""

    content = models.ForeignKey(Content, models.CASCADE, related_name="claims")
    text = models.CharField(_("what is claimed"), max_length=280)
    source = models.CharField(_("where it comes from"), max_length=200)
    source_url = models.URLField(
        _("link to the source"), max_length=2000, blank=True, validators=[WEB_ONLY, validate_public]
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims", verbose_name=_("owner")
    )
    # The last day it may be said. NULL: it does not go out of date.
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=models.Q(lapsed_at=None),
                name="claim_by_last_day",
            )
        ]

    def __str__(self):
        return self.text[:60]

    @property
    def in_words(self):
        """What is claimed, on whose word, and until when: what two versions are compared by."""
        until = self.valid_until.isoformat() if self.valid_until else ""
        return " · ".join(filter(None, [self.text, self.source, self.source_url, until]))
