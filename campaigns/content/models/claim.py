from contextlib import suppress
from datetime import date, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.enrolment.models import WrongState
from campaigns.content.addresses import WEB_ONLY, validate_public
from campaigns.content.models.item import Content

# No place on earth is further ahead, or behind, of the day in UTC.
A_DAY = timedelta(days=1)


class ClaimQuerySet(models.QuerySet):
    def of_live(self):
        """Those of items that are, or will be, in the feed."""
        live = [Content.Status.APPROVED, Content.Status.PUBLISHED]
        return self.filter(content__status__in=live)

    def ending(self, now, within):
        """Those of live items that may be said for `within` at most. The day is each campaign's
        own, so a day more at either end: ask `is_over` and `days_left`."""
        today = now.date()
        return self.of_live().filter(
            Q(lapsed_at=None), Q(valid_until__gte=today - A_DAY, valid_until__lte=today + within)
        )

    def due_to_lapse(self, now):
        """Those whose last day may be over somewhere: ask `is_over`."""
        return self.of_live().filter(lapsed_at=None, valid_until__lt=now.date() + A_DAY)


class Claim(models.Model):
    """Something an item says is so: where that is written, who answers for it, and until when.

    Moving its date before that day needs no approval: the words stay as they were approved. Once
    the day is over the item leaves the feed, and comes back through the queue (Content.revive).
    """

    content = models.ForeignKey(Content, models.CASCADE, related_name="claims")
    text = models.CharField(_("what is claimed"), max_length=280)
    source = models.CharField(_("where it comes from"), max_length=200)
    source_url = models.URLField(
        _("link to the source"), max_length=2000, blank=True, validators=[WEB_ONLY, validate_public]
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims", verbose_name=_("owner")
    )
    # The last day it may be said. NULL: it does not go out of date.
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=models.Q(lapsed_at=None),
                name="claim_by_last_day",
            )
        ]

    def __str__(self):
        return self.text[:60]

    @property
    def in_words(self):
        """What is claimed, on whose word, and until when: what two versions are compared by."""
        until = self.valid_until.isoformat() if self.valid_until else ""
        return " · ".join(filter(None, [self.text, self.source, self.source_url, until]))

    def is_over(self, today: date) -> bool:
        """Whether it may no longer be said on the day `today`."""
        return self.valid_until is not None and self.valid_until < today

    @property
    def days_left(self):
        """From today where its campaign is; None without an end, negative once it is over."""
        return (self.valid_until - self.content.today).days if self.valid_until else None

    @transaction.atomic
    def renew(self, by, valid_until):
        """Moves its last day, or takes the end away (None): the source has been looked at again.

        Raises WrongState while the item waits for a decision, which is on the words as they are.
        """
        here = Content.objects.select_for_update().get(pk=self.content_id)
        if here.is_waiting or here.status == Content.Status.WITHDRAWN:
            raise WrongState(f"content {self.content_id} cannot be changed now")
        before = self.valid_until
        self.valid_until, self.lapsed_at = valid_until, None
        self.save(update_fields=["valid_until", "lapsed_at"])
        dates = {"before": _iso(before), "after": _iso(valid_until)}
        record("claim.renewed", subject=self, actor=by, **dates)

    @transaction.atomic
    def lapse(self):
        """Its last day is over: the item leaves the feed. False when another run was faster."""
        waiting = type(self).objects.filter(
            pk=self.pk, lapsed_at=None, valid_until=self.valid_until
        )
        now = timezone.now()
        if not waiting.update(lapsed_at=now):
            return False
        self.lapsed_at = now
        # Gone already for another reason, or by another claim of the same item.
        with suppress(WrongState), transaction.atomic():
            self.content.expire(claim=self)
        record("claim.lapsed", subject=self)
        return True

    def copy_to(self, content):
        """The same claim in another item."""
        kept = ("text", "source", "source_url", "owner", "valid_until")
        return content.claims.create(**{name: getattr(self, name) for name in kept})


def _iso(day):
    return day.isoformat() if day else ""
