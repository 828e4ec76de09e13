"""What came back, and to which addresses nothing is sent because of it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Report(models.TextChoices):
    """What another server said of one mail."""

    HARD = "hard", _("No such mailbox")
    SOFT = "soft", _("Could not be delivered")
    COMPLAINT = "complaint", _("Marked as spam")


class BounceQuerySet(models.QuerySet):
    def of(self, person, kind, since):
        """`kind` (a Report) about mails to `person` (an id) after the moment `since`."""
        return self.filter(person=person, kind=kind, at__gt=since)


class Bounce(models.Model):
    """One report about one mail. That it comes twice changes nothing."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    # No foreign key: messages are forgotten in bulk, by the database alone.
    notification = models.UUIDField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bounces")
    kind = models.CharField(max_length=10, choices=Report)
    # As in RFC 3463, "5.1.1"; empty when the report had none.
    status = models.CharField(max_length=12, blank=True)
    words = models.CharField(max_length=300, blank=True)

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "kind"], name="bounce_once_per_mail")
        ]
        indexes = [models.Index(fields=["person", "kind", "at"], name="bounce_of_person")]

    def __str__(self):
        return f"{self.kind} {self.status}"


class SuppressionQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(Q(until=None) | Q(until__gt=Now()))

    def of(self, *addresses):
        """Those in force for any of `addresses`, however they are capitalised."""
        return self.in_force().filter(address__in=[fold(each) for each in addresses])

    def among(self, people):
        """The ids of those of `people` mail is held back from."""
        held = set(self.of(*(each.email for each in people)).values_list("address", flat=True))
        return {each.pk for each in people if fold(each.email) in held} if held else set()


class Suppression(models.Model):
    """An address nothing is sent to: it refused for good, or its owner called a mail spam."""

    class Reason(models.TextChoices):
        HARD = "hard", _("No such mailbox")
        SOFT = "soft", _("Refused three times")
        COMPLAINT = "complaint", _("Marked a mail as spam")
        BY_HAND = "by_hand", _("Added by hand")

    address = models.CharField(max_length=254, unique=True)
    reason = models.CharField(max_length=10, choices=Reason)
    # What the other server said, or whoever added it.
    words = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="suppressions"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(null=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="suppression_address_is_folded"
            )
        ]

    def __str__(self):
        return self.get_reason_display()

    @classmethod
    def put(
        cls,
        address: str,
        reason: str,
        *,
        words: str = "",
        person: Any = None,
        by: Any = None,
        until: datetime | None = None,
    ) -> tuple["Suppression", bool]:
        """Holds `address` back from now on. The row, and whether it was not held before.

        A reason that is there already stays, unless it was only for a time.
        """
        address = fold(address)
        said = {"reason": reason, "words": words[:300], "person": person, "by": by, "until": until}
        if cls.objects.filter(address=address, until=None).exists():
            return cls.objects.get(address=address), False
        row, _created = cls.objects.update_or_create(
            address=address, defaults=said | {"since": timezone.now()}
        )
        return row, True


def fold(address: str) -> str:
    """As addresses are compared here: without outer spaces, in small letters."""
    return address.strip().lower()
