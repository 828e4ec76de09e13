"""Frozen reports: figures as they stood at one moment, kept as data, and who may read them.

Nothing in one is ever worked out again, so it says what was mailed even after late clicks were
counted, a robot was recognised or a group became too small. It holds what the page was allowed to
tell on that day and nothing else: hidden groups are in it by name and reason.
"""

import uuid
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from activity.log import record

# As long as figures about visitors may be kept (CNIL, audience measurement).
KEPT = relativedelta(months=25)


class SnapshotQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those it was made for, as long as they may read the report at all."""
        if not user.has_perm("campaigns.see_whole_reach"):
            return self.none()
        return self.filter(readers=user)

    def too_old(self, now: datetime):
        return self.filter(made_at__lt=now - KEPT)


class Snapshot(models.Model):
    """A report as it was. `words` holds, by language, what freezing.py wrote."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    question = models.TextField(blank=True)
    first = models.DateField()
    last = models.DateField()
    words = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    # Both NULL for what somebody froze by hand.
    mailing = models.ForeignKey(
        "campaigns.Mailing", models.SET_NULL, null=True, related_name="snapshots"
    )
    slot = models.DateTimeField(null=True)
    readers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="reach_snapshots")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["mailing", "slot"], name="snapshot_once_per_slot"),
            models.CheckConstraint(
                condition=Q(first__lte=F("last")), name="snapshot_period_in_order"
            ),
        ]
        indexes = [models.Index(fields=["made_at"], name="snapshot_by_age")]

    def __str__(self):
        return f"{self.name} {self.last}"

    def get_absolute_url(self):
        return reverse("campaigns:reach-frozen", args=[self.pk])

    @property
    def live_path(self):
        """The same days, with the figures of now."""
        return f"{reverse('campaigns:reach-report')}?{self.question}"

    @classmethod
    @transaction.atomic
    def make(cls, *, readers, by=None, **fields) -> "Snapshot":
        """readers: users. by: who froze it; None for the schedule."""
        snapshot = cls.objects.create(**fields)
        snapshot.readers.set(readers)
        record("reach.frozen", subject=snapshot, actor=by, readers=len(readers))
        return snapshot
