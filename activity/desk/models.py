"""The switch that holds back what the product sends."""

from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, Q
from django.utils import timezone

from activity.hearing import transactional


class PauseQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)


class Pause(models.Model):
    """A time during which nothing leaves but what somebody asked for or is owed.

    Who began and who ended it stands in the trail. What was queued meanwhile stays queued.
    """

    began_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=200, blank=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                ExpressionWrapper(Q(ended_at=None), output_field=models.BooleanField()),
                condition=Q(ended_at=None),
                name="pause_one_at_a_time",
            )
        ]

    def __str__(self):
        return f"{self.began_at:%Y-%m-%d %H:%M}"


def paused() -> bool:
    """Whether what is not transactional has to wait. One look into an index of a row at most."""
    return Pause.objects.open().exists()


def not_held_back() -> Any:
    """A condition on notifications: those that may leave now, in one statement with the rest."""
    return Q(kind__in=transactional()) | ~Exists(Pause.objects.open())
