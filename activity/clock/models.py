"""Which of a job's slots was run, and by whom it was left lying."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

# Longer than any task may take (CELERY_TASK_TIME_LIMIT): whoever began it then is dead.
GIVEN_UP_AFTER = timedelta(minutes=6)
# A message to a worker that is not begun by then was lost.
LOST_AFTER = timedelta(seconds=30)
MAX_ATTEMPTS = 3
KEPT = timedelta(days=3)


class SlotQuerySet(models.QuerySet):
    def open(self, job: str, at: datetime) -> "Slot | None":
        """The slot, which is ours to announce; None when another beat was first."""
        slot, is_new = self.get_or_create(job=job, at=at)
        return slot if is_new else None

    def begin(self, pk: int) -> bool:
        """Whether it is ours to run. Of three workers that are told, one is."""
        free = Q(begun_at=None) | Q(begun_at__lt=Now() - GIVEN_UP_AFTER)
        mine = self.filter(free, pk=pk, done_at=None)
        return bool(mine.update(begun_at=Now(), attempts=F("attempts") + 1))

    def finish(self, pk: int) -> None:
        self.filter(pk=pk).update(done_at=Now())

    def last_of_each(self) -> "SlotQuerySet":
        """The newest slot of each job: an older one that was missed is not made up for."""
        return self.order_by("job", "-at").distinct("job")

    def lying(self) -> "list[Slot]":
        """The last slot of a job, where its message was lost or its worker died."""
        now = timezone.now()
        return [slot for slot in self.last_of_each() if slot.lies(now)]

    def forget(self) -> None:
        """Drops those that tell nothing any more."""
        self.filter(at__lt=timezone.now() - KEPT).delete()


class Slot(models.Model):
    """One moment at which one job is due. The unique row is what makes two beats one."""

    job = models.CharField(max_length=60)
    at = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "at"], name="slot_once")]

    def __str__(self):
        return f"{self.job} {self.at.isoformat()}"

    def lies(self, now: datetime) -> bool:
        if self.done_at or self.attempts >= MAX_ATTEMPTS:
            return False
        if self.begun_at is None:
            return self.opened_at < now - LOST_AFTER
        return self.begun_at < now - GIVEN_UP_AFTER
