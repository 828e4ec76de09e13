"""What happened, who hears of it, and by which channel."""

import json
import random
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.clock.models import Slot  # noqa: F401 (a hub, too)
from activity.desk.models import Pause, not_held_back  # noqa: F401 (a hub, too)
from activity.mailing.models import Bounce, Suppression  # noqa: F401 (a hub, too)
from activity.rhythm.models import Hours  # noqa: F401 (a hub, too)


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
    # From where, see activity/origin.py; empty for what the product did by itself.
    network = models.CharField(max_length=43, blank=True)
    device = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["actor", "id"], name="entry_actor"),
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_subject"),
            models.Index(fields=["verb", "id"], name="entry_verb"),
        ]

    def __str__(self):
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class Seal(models.Model):
    """What shows that an entry is still as it was written, see activity/sealing.py. Append-only."""

    number = models.BigIntegerField(primary_key=True)
    # No constraint, and it may lead nowhere: an entry that was taken out leaves its seal behind.
    entry = models.OneToOneField(
        Entry, models.DO_NOTHING, null=True, db_constraint=False, related_name="seal"
    )
    digest = models.BinaryField(max_length=32)

    def __str__(self):
        return f"{self.number}"

    @property
    def beginning(self):
        """Enough of it to be noted by hand and compared."""
        return bytes(self.digest).hex()[:16]


class OutboxQuerySet(models.QuerySet):
    def older_than(self, moment):
        return self.filter(entry__at__lt=moment)


class Outbox(models.Model):
    """An entry that somebody must hear of and that is not yet turned into notifications."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True)

    objects = OutboxQuerySet.as_manager()

    def __str__(self):
        return str(self.entry_id)


# What a row says when it is written; the rest is what every new row has.
WRITTEN = {
    "id": "uuid",
    "kind": "text",
    "recipient_id": "bigint",
    "channel": "text",
    "key": "text",
    "subject_id": "text",
    "data": "jsonb",
    "state": "text",
    "not_before": "timestamptz",
    "sent_at": "timestamptz",
    "error": "text",
    "week": "date",
    "turn": "smallint",
    "created_at": "timestamptz",
}
WRITE = """
INSERT INTO activity_notification ({names}, attempts)
SELECT {names}, 0 FROM json_to_recordset(%s::json) AS said ({typed})
ON CONFLICT DO NOTHING
""".format(
    names=", ".join(WRITTEN), typed=", ".join(f"{name} {kind}" for name, kind in WRITTEN.items())
)


class NotificationQuerySet(models.QuerySet):
    def write(self, rows):
        """Writes new `rows`, but for those whose key or whose turn of a week is taken.

        In one statement with one value: bulk_create adapts each of its twenty columns, which is
        most of what a launch to many people costs.
        """
        said = [{name: getattr(row, name) for name in WRITTEN} for row in rows]
        with connections[self.db].cursor() as cursor:
            # What JSON has no form for (ids, moments, days), PostgreSQL reads as Python writes it.
            cursor.execute(WRITE, [json.dumps(said, default=str)])

    def to(self, person):
        return self.filter(recipient=person)

    def by_bell(self):
        return self.filter(channel=Notification.Channel.BELL)

    def unread(self):
        return self.filter(read_at=None)

    def due(self, now):
        """Queued and allowed to leave by now, and not held back by a pause."""
        queued = self.filter(state=Notification.State.QUEUED, not_before__lte=now)
        return queued.filter(not_held_back())

    def held(self):
        """Waiting for the person's hours, or for a week in which there is room."""
        return self.filter(state=Notification.State.HELD)

    def within(self, notification):
        """What `notification` says beside its own."""
        carried = self.filter(within=notification.pk, state=Notification.State.MERGED)
        return carried.select_related("recipient")

    def turns_of(self, people, weeks):
        """What counts of `people` (ids) in `weeks` (Mondays), as (person, week, turn)."""
        taken = self.filter(recipient__in=people, week__in=weeks, turn__isnull=False)
        return taken.values_list("recipient", "week", "turn")

    def asleep(self, now):
        """Due, and no worker was handed it lately: none was yet, or that one is gone."""
        return self.due(now).exclude(woken_at__gt=now - Notification.HANDED_FOR)

    @transaction.atomic
    def hand_out(self, now, most):
        """Up to `most` that are asleep, as (id, kind), oldest first, for one worker to claim.

        Only so that two workers do not go for the same rows: what counts is the claim.
        """
        rows = self.asleep(now).order_by("not_before").select_for_update(skip_locked=True)
        found = list(rows.values_list("pk", "kind")[:most])
        Notification.objects.filter(pk__in=[pk for pk, _kind in found]).update(woken_at=now)
        return found

    def hand_back(self, ids):
        """Those of `ids` the worker did not come to."""
        self.filter(pk__in=ids, state=Notification.State.QUEUED).update(woken_at=None)

    def stranded(self):
        """Taken by a worker that did not come back. By the database's clock: one worker whose own
        clock is wrong must not take the others' work away."""
        return self.filter(state=Notification.State.SENDING, lease_until__lt=Now())

    def mark_read(self):
        return self.unread().update(read_at=timezone.now())

    @transaction.atomic
    def claim(self, *ids):
        """Those rows of `ids` that are still to be sent, ours to send for a while."""
        # The lock is the row's: of two workers that were woken, one finds it taken.
        due = self.due(timezone.now()).filter(pk__in=ids).select_for_update(skip_locked=True)
        mine = list(due.values_list("pk", flat=True))
        self.filter(pk__in=mine).update(
            state=Notification.State.SENDING,
            attempts=F("attempts") + 1,
            lease_until=Now() + Notification.LEASE,
            reached_at=None,
        )
        return list(self.filter(pk__in=mine).select_related("recipient__hours"))

    def release_stranded(self, transactional):
        """Lets go of what dead workers held. transactional: names of the kinds to send again.

        What was being handed over when its worker died may have arrived. A transactional message
        goes again under the same Message-ID; any other is parked, because a copy is worse.
        """
        reached = self.stranded().filter(reached_at__isnull=False)
        reached.exclude(kind__in=transactional).update(
            state=Notification.State.UNKNOWN,
            lease_until=None,
            error="the worker died while sending",
        )
        self.stranded().filter(attempts__gte=Notification.MAX_ATTEMPTS).update(
            state=Notification.State.FAILED, lease_until=None, error="every worker died on it"
        )
        self.stranded().update(
            state=Notification.State.QUEUED,
            lease_until=None,
            woken_at=None,
            not_before=timezone.now(),
        )


class LeaseLost(Exception):
    """We took so long that somebody else may be sending this by now."""


class Notification(models.Model):
    """One message to one person by one channel. The unique key is what makes it arrive once."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        BELL = "bell", _("In the application")
        PUSH = "push", _("On my devices")

    class State(models.TextChoices):
        HELD = "held", pgettext_lazy("notification", "Waiting for their hours")
        QUEUED = "queued", pgettext_lazy("notification", "Queued")
        SENDING = "sending", pgettext_lazy("notification", "Sending")
        SENT = "sent", pgettext_lazy("notification", "Sent")
        FAILED = "failed", pgettext_lazy("notification", "Failed")
        SKIPPED = "skipped", pgettext_lazy("notification", "Skipped")
        UNKNOWN = "unknown", pgettext_lazy("notification", "Unknown")
        MERGED = "merged", pgettext_lazy("notification", "Within another")

    # A worker that lives renews it (activity/leases.py): so long a dead one's work lies still.
    LEASE = timedelta(seconds=30)
    # Longer than a worker keeps a handful (delivery.PATIENCE) without claiming it.
    HANDED_FOR = timedelta(seconds=30)
    MAX_ATTEMPTS = 6
    FIRST_PAUSE = timedelta(minutes=1)

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
    woken_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # When its text began to leave: from then on nobody here knows whether it arrived.
    reached_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    # The Monday of the person's week, and which of that week's messages it is. The unique key on
    # both is what keeps the week's number small, whoever sends at the same time.
    week = models.DateField(null=True)
    turn = models.PositiveSmallIntegerField(null=True)
    # The message that says this one too.
    within = models.UUIDField(null=True)
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
            models.UniqueConstraint(
                fields=["recipient", "week", "turn"],
                condition=Q(turn__isnull=False),
                name="notification_turn_once_a_week",
            ),
            models.CheckConstraint(
                condition=Q(turn=None, week=None) | Q(turn__isnull=False, week__isnull=False),
                name="notification_turn_is_of_a_week",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state="queued"), name="notification_due"
            ),
            models.Index(
                fields=["channel", "kind", "not_before"],
                condition=Q(state="queued"),
                name="notification_due_by_kind",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state="sending"), name="notification_leased"
            ),
            models.Index(fields=["recipient"], condition=Q(state="held"), name="notification_held"),
            models.Index(
                fields=["within"], condition=Q(state="merged"), name="notification_within"
            ),
            models.Index(fields=["recipient", "channel", "-created_at"], name="notification_bell"),
            models.Index(
                fields=["recipient"],
                condition=Q(channel="bell", read_at=None),
                name="notification_unread",
            ),
            models.Index(fields=["kind", "recipient"], name="notification_by_kind"),
        ]

    def __str__(self):
        return f"{self.kind} {self.channel} {self.state}"

    @property
    def message_id(self):
        """The same for every attempt, so that a mailbox can tell a copy from a second message."""
        return f"<{self.pk}@{urlsplit(settings.BASE_URL).hostname}>"

    def mark_read(self):
        type(self).objects.filter(pk=self.pk).mark_read()

    def mark_reached(self):
        """Its text is about to leave. Raises LeaseLost: then it must not."""
        self._settle(self.State.SENDING, reached_at=Now(), lease_until=Now() + self.LEASE)

    def renew(self):
        """A living worker is still at it; nothing, where that is no longer so."""
        ours = type(self).objects.filter(
            pk=self.pk, state=self.State.SENDING, attempts=self.attempts
        )
        ours.update(lease_until=Now() + self.LEASE)

    def mark_sent(self):
        # Whoever took us for dead meanwhile only feared what we know; a later claim knows better.
        thought_dead = (self.State.SENDING, self.State.QUEUED, self.State.UNKNOWN)
        fields = {"lease_until": None, "sent_at": Now(), "error": ""}
        self._settle(self.State.SENT, among=thought_dead, **fields)

    def bounce(self, reason):
        """It came back. Only what had left can; what is being sent again is another attempt."""
        left = [self.State.SENT, self.State.UNKNOWN]
        gone = type(self).objects.filter(pk=self.pk, state__in=left)
        gone.update(state=self.State.FAILED, error=_short(f"came back: {reason}"))

    def skip(self, reason):
        """It is no longer true, or no longer wanted."""
        self._drop(self.State.SKIPPED, reason)

    def fail(self, reason):
        self._drop(self.State.FAILED, _short(reason))

    def hold(self, until):
        """Their hours were over before it could leave: it waits for the next ones."""
        self._settle(
            self.State.HELD,
            lease_until=None,
            woken_at=None,
            not_before=until,
            week=None,
            turn=None,
        )

    def put_back(self):
        """We do not come to it: another worker may, at once, and this was no attempt."""
        self._settle(self.State.QUEUED, lease_until=None, woken_at=None, attempts=F("attempts") - 1)

    def park(self, reason):
        """It may have arrived, and a copy would be worse: a person decides."""
        self._settle(self.State.UNKNOWN, lease_until=None, error=_short(reason))

    def postpone(self, reason):
        """Tries again later, each time four times later, never all at the same moment."""
        if self.attempts >= self.MAX_ATTEMPTS:
            return self.fail(reason)
        pause = self.FIRST_PAUSE * 4 ** (self.attempts - 1) * random.uniform(0.75, 1.25)  # noqa: S311
        self._settle(
            self.State.QUEUED,
            lease_until=None,
            woken_at=None,
            not_before=timezone.now() + pause,
            error=_short(reason),
        )

    @transaction.atomic
    def _drop(self, state, reason):
        """Nobody got it: it does not count, and what it said of others is still to be said."""
        self._settle(state, lease_until=None, error=reason, week=None, turn=None)
        if self.data.get("also"):
            others = type(self).objects.within(self)
            others.update(state=self.State.HELD, within=None, not_before=timezone.now())

    def _settle(self, state, among=(State.SENDING,), **fields):
        # Each claim counts an attempt: the number tells our claim from a later one.
        ours = type(self).objects.filter(pk=self.pk, state__in=among, attempts=self.attempts)
        if not ours.update(state=state, **fields):
            raise LeaseLost(f"notification {self.pk}, attempt {self.attempts}")
        self.state = state


def _short(reason):
    return str(reason)[:500]


class PreferenceQuerySet(models.QuerySet):
    def wanted_by(self, people, kind):
        """{(person id, channel): wanted} of those among `people` (ids) who said anything."""
        said = self.filter(person__in=people, kind=kind)
        return {(p, c): wanted for p, c, wanted in said.values_list("person", "channel", "wanted")}

    def refusing(self, kind, channel):
        return self.filter(kind=kind, channel=channel, wanted=False)


class Preference(models.Model):
    """A person's word on one kind of message by one channel. No row means the kind's default."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Notification.Channel)
    wanted = models.BooleanField()

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "channel"], name="preference_one_per_kind_and_channel"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.channel} {self.wanted}"

    @classmethod
    def say(cls, person, kind, channel, *, wanted):
        """Keeps the person's word. True when it differs from what they had said before."""
        before = cls.objects.filter(person=person, kind=kind, channel=channel, wanted=wanted)
        if before.exists():
            return False
        cls.objects.update_or_create(
            person=person, kind=kind, channel=channel, defaults={"wanted": wanted}
        )
        return True


# A hub, too.
from activity.endpoints.models import Attempt, Delivery, Endpoint  # noqa: E402, F401
from activity.push.models import Browser, PushKey  # noqa: E402, F401
