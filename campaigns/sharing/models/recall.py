from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content


class RecallQuerySet(models.QuerySet):
    def open(self):
        """Nobody has said yet what became of the post."""
        return self.filter(answer="")

    def of(self, person):
        return self.filter(ambassador=person)


class Recall(models.Model):
    """One person who has posted an item that was taken back, and what they did about it.

    Whoever runs the programme sees how many have answered, never who; hence nothing of it is in
    the audit trail either.
    """

    class Answer(models.TextChoices):
        REMOVED = "removed", pgettext_lazy("recall", "I took it down")
        CORRECTED = "corrected", pgettext_lazy("recall", "I corrected it")
        NOT_POSTED = "not_posted", pgettext_lazy("recall", "I never posted it")
        LEFT = "left", pgettext_lazy("recall", "I leave it up")

    content = models.ForeignKey(Content, models.CASCADE, related_name="recalls")
    ambassador = models.ForeignKey(Ambassador, models.CASCADE, related_name="recalls")
    told_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.CharField(max_length=20, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = RecallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content", "ambassador"], name="recall_once_per_person_and_item"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="recall_answer_has_a_date",
            ),
        ]

    def __str__(self):
        return f"{self.content_id} {self.answer}"

    def reply(self, answer):
        """The person says what became of their post; another answer later takes its place."""
        self.answer, self.answered_at = answer, timezone.now()
        self.save(update_fields=["answer", "answered_at"])
