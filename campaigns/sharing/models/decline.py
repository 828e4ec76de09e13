from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content


class Decline(models.Model):
    """ "Not for me", with the reason: a sign of an item's quality, never of a person's zeal.

    Not in the audit trail, which names whoever did something: a no costs nothing only as long as
    nobody can look up who said it. The row is kept to leave the item out of the person's own feed.
    """

    class Reason(models.TextChoices):
        NOT_TRUE = "not_true", pgettext_lazy("decline", "Not true for me")
        NOT_MY_SUBJECT = "not_my_subject", pgettext_lazy("decline", "Not my subject")
        PROMOTIONAL = "promotional", pgettext_lazy("decline", "Too promotional")
        OTHER = "other", pgettext_lazy("decline", "Another reason")

    content = models.ForeignKey(Content, models.CASCADE, related_name="declines")
    ambassador = models.ForeignKey(Ambassador, models.CASCADE, related_name="declines")
    reason = models.CharField(max_length=20, choices=Reason)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content", "ambassador"], name="decline_once_per_person_and_item"
            )
        ]

    def __str__(self):
        return f"{self.content_id} {self.reason}"
