from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from activity.log import record
from campaigns.content.models import Caption, Content
from campaigns.networks.models import Network
from campaigns.sharing.models.link import Link


class ShareQuerySet(models.QuerySet):
    def by(self, ambassador):
        return self.filter(link__ambassador=ambassador)

    def declared(self):
        return self.filter(declared_at__isnull=False)

    def unanswered(self):
        """Opened, and nobody has said yet whether it was posted."""
        return self.filter(declared_at=None, dismissed_at=None)


class Share(models.Model):
    """A person opened a network's composer with our text; then, perhaps, said "it is posted".

    Opening a window is never a share. `opened -> declared -> seen` are three times, not a status:
    a click may prove a post that nobody declared.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="shares")
    # Its link's, copied by the database whenever a share is written: reports count shares without
    # reading half a million links.
    content = models.ForeignKey(
        Content,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        editable=False,
        related_name="+",
    )
    network = models.ForeignKey(
        Network,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        editable=False,
        related_name="+",
    )
    caption = models.ForeignKey(Caption, models.SET_NULL, null=True, related_name="shares")
    is_own_words = models.BooleanField(default=False)
    disclosure = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    declared_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["link"],
                condition=Q(declared_at=None, dismissed_at=None),
                name="share_one_unanswered_per_link",
            ),
            models.CheckConstraint(
                condition=Q(declared_at=None) | Q(dismissed_at=None),
                name="share_declared_or_dismissed",
            ),
        ]
        indexes = [
            # All that a report asks of a declared share, so that it need not read the share.
            models.Index(
                fields=["declared_at"],
                include=["content", "network", "caption", "is_own_words", "seen_at"],
                condition=Q(declared_at__isnull=False),
                name="share_declared",
            ),
            models.Index(
                fields=["opened_at"],
                include=["content", "network"],
                condition=Q(declared_at=None, dismissed_at=None),
                name="share_unanswered",
            ),
        ]

    def __str__(self):
        return f"{self.link_id} {self.state}"

    @property
    def state(self):
        """The furthest it is known to have come."""
        if self.seen_at:
            return "seen"
        return "declared" if self.declared_at else "opened"

    @transaction.atomic
    def declare(self, by):
        """The person says "it is posted". A second time changes nothing."""
        if self._answer(declared_at=timezone.now()):
            record("share.declared", subject=self, actor=by)

    def dismiss(self, by):
        """The person says "not this time"."""
        self._answer(dismissed_at=timezone.now())

    def _answer(self, **answer):
        answered = type(self).objects.unanswered().filter(pk=self.pk).update(**answer)
        self.refresh_from_db()
        return answered
