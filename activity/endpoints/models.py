"""Where a company is told of what happens, and each message that went there."""

import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.endpoints.signing import new_secret
from activity.vault import seal, unseal

PURPOSE = "endpoint"
# Standard Webhooks: ten attempts in 75 hours. What a channel has not taken within a few hours is
# no news there.
PAUSES = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
CHANNEL_PAUSES = PAUSES[:4]
# However long a receiver asks us to stay away.
LONGEST_PAUSE = 86_400
# A receiver that has taken nothing for that long is not asked any more.
GIVEN_UP_AFTER = timedelta(days=5)
# Of a channel: messages given up, one after the other.
MOST_FAILURES = 5
# The event of a message an administrator sends to try a connection.
TEST = "test"


class EndpointQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=Endpoint.State.ACTIVE)

    def wanting(self, event):
        return self.active().filter(events__contains=[event])

    def to_wake(self, now):
        """With something due, and nobody at it."""
        mine = Delivery.objects.filter(endpoint=OuterRef("pk"))
        return self.filter(Exists(mine.due(now)), ~Exists(mine.being_sent()))


class Endpoint(models.Model):
    """A channel of a chat, or an address of another system. Its address and secret are sealed."""

    class Kind(models.TextChoices):
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("endpoint", "Active")
        # By an administrator; and by ourselves, because it does not work.
        OFF = "off", pgettext_lazy("endpoint", "Switched off")
        DISABLED = "disabled", pgettext_lazy("endpoint", "Stopped")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    sealed_address = models.TextField()
    # Shown instead of the address, which lets whoever has it post.
    host = models.CharField(max_length=253)
    sealed_secret = models.TextField(blank=True)
    sealed_former_secret = models.TextField(blank=True)
    events = ArrayField(models.CharField(max_length=60), default=list)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    reason = models.CharField(max_length=60, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="webhook") | ~Q(sealed_secret=""), name="endpoint_webhook_signs"
            )
        ]

    def __str__(self):
        return self.name

    @property
    def is_channel(self):
        return self.kind != self.Kind.WEBHOOK

    @property
    def is_active(self):
        return self.state == self.State.ACTIVE

    @property
    def pauses(self):
        return CHANNEL_PAUSES if self.is_channel else PAUSES

    @property
    def address(self) -> str:
        """Raises activity.vault.Unreadable."""
        return unseal(self.sealed_address, PURPOSE)

    @address.setter
    def address(self, address):
        self.sealed_address, self.host = seal(address, PURPOSE), urlsplit(address).hostname or ""

    @property
    def secrets(self) -> list[str]:
        """Every secret that signs now, the newest first. Raises Unreadable."""
        sealed = (self.sealed_secret, self.sealed_former_secret)
        return [unseal(each, PURPOSE) for each in sealed if each]

    @property
    def has_former_secret(self):
        return bool(self.sealed_former_secret)

    def rotate(self) -> str:
        """A new secret, beside which the one before it signs until it is retired. Not saved when
        the row is new."""
        secret = new_secret()
        self.sealed_former_secret = self.sealed_secret
        self.sealed_secret = seal(secret, PURPOSE)
        if self.pk:
            self.save(update_fields=["sealed_secret", "sealed_former_secret"])
        return secret

    def retire_former_secret(self) -> bool:
        """False when somebody was faster."""
        having = type(self).objects.filter(pk=self.pk).exclude(sealed_former_secret="")
        return bool(having.update(sealed_former_secret=""))

    def switch_off(self) -> bool:
        return self._stop(self.State.OFF, "")

    def disable(self, reason) -> bool:
        """It does not work: nothing more goes there until an administrator says so."""
        return self._stop(self.State.DISABLED, reason)

    def switch_on(self) -> bool:
        stopped = type(self).objects.filter(pk=self.pk).exclude(state=self.State.ACTIVE)
        return bool(
            stopped.update(state=self.State.ACTIVE, reason="", failures=0, failing_since=None)
        )

    @transaction.atomic
    def _stop(self, state, reason):
        stopped = type(self).objects.active().filter(pk=self.pk).update(state=state, reason=reason)
        # What waits is not sent days later, all at once; it can be sent again, one by one.
        waiting = self.deliveries.filter(state=Delivery.State.QUEUED)
        waiting.update(state=Delivery.State.FAILED, problem="stopped")
        return bool(stopped)

    def note_success(self):
        mine = type(self).objects.filter(pk=self.pk)
        mine.update(failures=0, failing_since=None, reached_at=Now())

    def note_failure(self, *, given_up):
        """Whether that was one too many."""
        mine = type(self).objects.filter(pk=self.pk)
        mine.filter(failing_since=None).update(failing_since=Now())
        if given_up:
            mine.update(failures=F("failures") + 1)
        self.refresh_from_db(fields=["failures", "failing_since"])
        if self.is_channel:
            return self.failures >= MOST_FAILURES
        return self.failing_since < timezone.now() - GIVEN_UP_AFTER


class DeliveryQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(state=Delivery.State.QUEUED, not_before__lte=now)

    def being_sent(self):
        return self.filter(state=Delivery.State.SENDING, lease_until__gte=Now())

    def stranded(self):
        return self.filter(state=Delivery.State.SENDING, lease_until__lt=Now())

    def release_stranded(self):
        """A receiver of webhooks knows a message by its id and drops the second; a channel would
        show it twice."""
        channels = self.stranded().exclude(endpoint__kind=Endpoint.Kind.WEBHOOK)
        parked = Delivery.objects.filter(pk__in=channels.values("pk"))
        parked.update(state=Delivery.State.UNKNOWN, lease_until=None, problem="died")
        self.stranded().update(
            state=Delivery.State.QUEUED, lease_until=None, not_before=timezone.now()
        )

    @transaction.atomic
    def claim_next(self, endpoint_id):
        """The oldest that is due there, ours to send for a while; None when there is none, or
        another worker is at it: one host that hangs holds up one worker."""
        locked = Endpoint.objects.active().select_for_update(skip_locked=True)
        endpoint = locked.filter(pk=endpoint_id).first()
        mine = self.filter(endpoint=endpoint_id)
        if endpoint is None or mine.being_sent().exists():
            return None
        delivery = mine.due(timezone.now()).order_by("not_before", "made_at").first()
        if delivery is None:
            return None
        delivery.endpoint = endpoint
        delivery.attempts += 1
        delivery.state = Delivery.State.SENDING
        lease = Now() + Delivery.LEASE
        self.filter(pk=delivery.pk).update(
            state=delivery.state, attempts=delivery.attempts, lease_until=lease
        )
        return delivery


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. problem: "" when it was taken, else a code for reasons.py.

    again: whether another attempt makes sense. after: seconds the other side asks us to wait.
    in_doubt: it may have been taken. is_gone: it says that there is nothing, for good.
    """

    problem: str = ""
    again: bool = False
    after: float = 0
    in_doubt: bool = False
    is_gone: bool = False


class Delivery(models.Model):
    """One message to one endpoint. Its key is what makes it go there once."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("notification", "Queued")
        SENDING = "sending", pgettext_lazy("notification", "Sending")
        SENT = "sent", pgettext_lazy("notification", "Sent")
        FAILED = "failed", pgettext_lazy("notification", "Failed")
        UNKNOWN = "unknown", pgettext_lazy("notification", "Unknown")

    # Longer than an attempt may take.
    LEASE = timedelta(minutes=1)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    # Exactly as it leaves, each time.
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Of the attempts, those before an administrator sent it again.
    attempts_before = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="delivery_once"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
                name="delivery_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="delivery_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "not_before"],
                condition=Q(state="queued"),
                name="delivery_due",
            ),
            models.Index(
                fields=["endpoint", "lease_until"],
                condition=Q(state="sending"),
                name="delivery_leased",
            ),
            models.Index(fields=["endpoint", "-made_at"], name="delivery_log"),
        ]

    def __str__(self):
        return f"{self.event} {self.state}"

    @property
    def identity(self) -> str:
        """As receivers know it: the same for every attempt."""
        return f"msg_{self.pk.hex}"

    @property
    def can_be_sent_again(self):
        return self.state not in {self.State.QUEUED, self.State.SENDING}

    @transaction.atomic
    def settle(self, outcome: Outcome) -> bool:
        """What became of our attempt. False when the lease was lost meanwhile."""
        state, fields = self._after(outcome)
        ours = type(self).objects.filter(
            pk=self.pk, state=self.State.SENDING, attempts=self.attempts
        )
        if not ours.update(state=state, lease_until=None, problem=outcome.problem, **fields):
            return False
        self.state, self.problem = state, outcome.problem
        if state == self.State.SENT:
            self.endpoint.note_success()
        return True

    def _after(self, outcome):
        if not outcome.problem:
            return self.State.SENT, {"sent_at": Now()}
        if outcome.in_doubt and self.endpoint.is_channel:
            return self.State.UNKNOWN, {}
        tried = self.attempts - self.attempts_before
        # Whoever tries a connection waits for the answer: no second attempt comes later.
        if self.event == TEST or not outcome.again or tried > len(self.endpoint.pauses):
            return self.State.FAILED, {}
        return self.State.QUEUED, {"not_before": timezone.now() + self._pause(tried, outcome.after)}

    def _pause(self, tried, asked):
        # Never earlier than the standard has it, and not all at the same moment.
        own = self.endpoint.pauses[tried - 1] * random.uniform(1, 1.2)  # noqa: S311
        return timedelta(seconds=max(own, min(asked, LONGEST_PAUSE)))

    def send_again(self) -> bool:
        """By an administrator: under the same id, with a schedule of its own. False: not now."""
        settled = [self.State.SENT, self.State.FAILED, self.State.UNKNOWN]
        again = type(self).objects.filter(
            pk=self.pk, state__in=settled, endpoint__state=Endpoint.State.ACTIVE
        )
        return bool(
            again.update(
                state=self.State.QUEUED,
                not_before=timezone.now(),
                attempts_before=F("attempts"),
                problem="",
            )
        )


class Attempt(models.Model):
    """What was asked of an endpoint and what it said, without what would let others in."""

    MOST_SAID = 1000

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now, editable=False)
    milliseconds = models.PositiveIntegerField()
    problem = models.CharField(max_length=60, blank=True)
    request_head = models.TextField()
    # The first line and the headers; blank where there was no answer.
    answer_head = models.TextField(blank=True)
    answer_body = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.problem or 'taken'}"
