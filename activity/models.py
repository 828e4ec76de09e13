"""What happened, who hears of it, and by which channel."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Entry(models.Model):
    """One thing that happened. Append-only: a database trigger refuses update and delete.

    The actor is a number without a foreign key, so that erasing a person leaves the trail intact.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    verb = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_subject"),
            models.Index(fields=["verb", "id"], name="entry_verb"),
        ]

    def __str__(self):
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class Outbox(models.Model):
    """An entry that somebody must hear of and that is not yet turned into notifications."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True)

    def __str__(self):
        return str(self.entry_id)


class NotificationQuerySet(models.QuerySet):
    def to(self, person):
        return self.filter(recipient=person)

    def by_bell(self):
        return self.filter(channel=Notification.Channel.BELL)

    def unread(self):
        return self.filter(read_at=None)

    def due(self, now):
        """Queued and allowed to leave by now."""
        return self.filter(state=Notification.State.QUEUED, not_before__lte=now)

    def stranded(self, now):
        """Taken by a worker that did not come back."""
        return self.filter(state=Notification.State.SENDING, lease_until__lt=now)


class Notification(models.Model):
    """One message to one person by one channel. The unique key is what makes it arrive once."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        BELL = "bell", _("In the application")

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("notification", "Queued")
        SENDING = "sending", pgettext_lazy("notification", "Sending")
        SENT = "sent", pgettext_lazy("notification", "Sent")
        FAILED = "failed", pgettext_lazy("notification", "Failed")
        SKIPPED = "skipped", pgettext_lazy("notification", "Skipped")
        UNKNOWN = "unknown", pgettext_lazy("notification", "Unknown")

    LEASE = timedelta(minutes=2)
    MAX_ATTEMPTS = 6

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    key = models.CharField(max_length=200)
    subject_id = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="notification_once"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False) | ~Q(state="sending"),
                name="notification_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"),
                name="notification_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state="queued"), name="notification_due"
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state="sending"), name="notification_leased"
            ),
            models.Index(fields=["recipient", "channel", "-created_at"], name="notification_bell"),
        ]

    def __str__(self):
        return f"{self.kind} {self.channel} {self.state}"


class Preference(models.Model):
    """A person's word on one kind of message by one channel. No row means the kind's default."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Notification.Channel)
    wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "channel"], name="preference_one_per_kind_and_channel"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.channel} {self.wanted}"
