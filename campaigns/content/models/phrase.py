from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Phrase(models.Model):
    """Words no post of the programme may hold, and what to say instead."""

    text = models.CharField(_("word or phrase"), max_length=80, unique=True)
    instead = models.CharField(_("why, or what to say instead"), max_length=200, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["text"]

    def __str__(self):
        return self.text
