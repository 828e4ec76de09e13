from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.enrolment.models import WrongState
from campaigns.content.models.agreement import Agreement
from campaigns.content.models.item import Content
from campaigns.content.models.phrase import check_words
from campaigns.content.models.review import Review
from campaigns.networks import composer, counting
from campaigns.networks.models import Network
from campaigns.planning.models import NoteMissing

# As long as a real one, for counting.
SAMPLE_LINK = f"{settings.LINK_BASE_URL}/xxxxxxxx"


def opened_by(disclosure, text):
    """A text as it is posted: the disclosure line first, then the words."""
    return f"{disclosure}\n\n{text}" if disclosure else text


class TooManyVariants(Exception):
    """Five texts for one network and one language are enough to choose from."""


class CaptionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(content__in=Content.objects.visible_to(user))

    def overseen_by(self, user):
        if not user.is_limited:
            return self
        return self.filter(content__in=Content.objects.overseen_by(user))

    def approved(self):
        return self.filter(status=Caption.Status.APPROVED)

    def approve_all(self):
        """The texts of an item that has just been approved as a whole."""
        self.update(status=Caption.Status.APPROVED, approved_text=F("text"))

    def waiting(self):
        """Changed after their item was approved: only they go back to review."""
        return self.filter(
            status=Caption.Status.IN_REVIEW,
            content__status__in=[Content.Status.APPROVED, Content.Status.PUBLISHED],
        )


class CaptionManager(models.Manager.from_queryset(CaptionQuerySet)):
    # Not a queryset's method: only a manager knows whose captions it stands for.
    def add_variant(self, *, network, language, **fields):
        """One more text among those of an item. Raises TooManyVariants from the sixth on."""
        if self.filter(network=network, language=language).count() >= Caption.MAX_VARIANTS:
            raise TooManyVariants
        return self.create(network=network, language=language, position=self.count(), **fields)


class Caption(Agreement, models.Model):
    """A suggested text for one network in one language; up to five variants of each."""

    HANDED_IN = "changed_at"
    ASKED_OF_ALL = ("content__campaign__approvers",)
    MAX_VARIANTS = 5

    class Status(models.TextChoices):
        IN_REVIEW = "in_review", pgettext_lazy("caption", "In review")
        CHANGES_REQUESTED = "changes_requested", pgettext_lazy("caption", "Changes requested")
        APPROVED = "approved", pgettext_lazy("caption", "Approved")

    content = models.ForeignKey(Content, models.CASCADE, related_name="captions")
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    text = models.TextField(_("text"), max_length=3000)
    # What was approved last: what a changed text is compared with, and may return to.
    approved_text = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.IN_REVIEW)
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    # As of an item: how often those who decide were reminded of these words.
    reminders = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = CaptionManager()

    class Meta:
        ordering = ["network__position", "language", "position", "pk"]

    def __str__(self):
        return self.text[:60]

    @property
    def campaign(self):
        return self.content.campaign

    @property
    def writer_ids(self):
        """Who wrote these words. The rest of the item has been approved already."""
        return {self.writer_id}

    @property
    def is_waiting(self):
        return self.status == self.Status.IN_REVIEW

    @property
    def own_reviews(self):
        return self.reviews.all()

    @property
    def as_posted(self):
        """What the network counts: disclosure, words, and the link where it counts too."""
        text = opened_by(self.content.disclosure(self.language), self.text)
        return composer.full_text(self.network, text, SAMPLE_LINK)

    @property
    def is_too_long(self):
        left = counting.remaining(self.as_posted, self.network)
        return left is not None and left < 0

    @transaction.atomic
    def rewrite(self, text, by):
        """Changes the words. Once the item is approved, the caption alone goes back to review.

        Going back to the words that were approved needs no second approval. Raises WrongState
        while the whole item is in review, and once it is over; Forbidden for words that must not
        go out, where the item is live.
        """
        if not (self.content.is_live or self.content.is_editable):
            raise WrongState(f"content {self.content_id} cannot be changed now")
        if text == self.text:
            return
        if self.content.is_live:
            check_words(text, url=self.content.url)
        same = self.content.is_live and text == self.approved_text
        self.status = self.Status.APPROVED if same else self.Status.IN_REVIEW
        self.text, self.writer = text, by
        self.changed_at, self.reminders = timezone.now(), 0
        self.save(update_fields=["text", "writer", "status", "changed_at", "reminders"])
        if self.content.is_live:
            record(f"caption.{'restored' if same else 'in_review'}", subject=self, actor=by)

    @transaction.atomic
    def approve(self, by, note="", version=None):
        """Lets a changed caption back into the panel, once everybody asked has said yes.

        version: the `changed_at` of the words that were read. Raises OwnApproval, NotApprover,
        WrongState.
        """
        with self._held(by, version):
            self._check_live()
            if not self._agree(by, note):
                record("caption.agreed", subject=self, actor=by, **self.tally)
                return
            self._move(self.Status.APPROVED, by, approved_text=self.text)

    @transaction.atomic
    def request_changes(self, by, note):
        """Sends the changed words back, saying why.

        Raises NoteMissing, OwnApproval, NotApprover, WrongState.
        """
        if not note.strip():
            raise NoteMissing
        with self._held(by):
            self._check_live()
            self._reviewed(by, Review.Decision.CHANGES_REQUESTED, note)
            self._move(self.Status.CHANGES_REQUESTED, by, note=note)

    def _check_live(self):
        if not self.content.is_live:
            raise WrongState(f"content {self.content_id} is decided on as a whole")

    def _move(self, target, by, *, note="", **fields):
        waiting = type(self).objects.filter(pk=self.pk, status=self.Status.IN_REVIEW)
        if not waiting.update(status=target, **fields):
            raise WrongState(f"caption {self.pk} is not in review")
        for name, value in (fields | {"status": target}).items():
            setattr(self, name, value)
        record(f"caption.{target}", subject=self, actor=by, **({"note": note} if note else {}))

    def _reviewed(self, by, decision, note):
        self.content.reviews.create(
            caption=self,
            reviewer=by,
            decision=decision,
            note=note,
            seen={"text": self.text},
            handed_in_at=self.handed_in_at,
        )
