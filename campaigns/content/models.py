from datetime import timedelta

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.enrolment.models import Topic, WrongState
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign

WEB_ONLY = URLValidator(schemes=["http", "https"])


def in_sixty_days():
    return timezone.now() + timedelta(days=60)


class OwnApproval(Exception):
    """Four eyes are asked for, and these two have written it."""


class NoteMissing(Exception):
    """Asking for changes without saying which helps nobody."""


class ContentQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=Content.Status.IN_REVIEW)

    def published(self):
        return self.filter(status=Content.Status.PUBLISHED)

    def current(self, now):
        """Published, its embargo over and its expiry still to come."""
        return self.published().filter(
            Q(embargo_until=None) | Q(embargo_until__lte=now),
            Q(expires_at=None) | Q(expires_at__gt=now),
        )

    def meant_for(self, user):
        """In a running campaign whose audience takes `user` in."""
        return self.filter(campaign__in=Campaign.objects.running().meant_for(user).values("pk"))

    def shareable_by(self, user):
        """What an ambassador may share now: the feed, and the only way into the share panel."""
        return self.current(timezone.now()).meant_for(user)

    def visible_to(self, user):
        if user.has_perm("campaigns.see_library"):
            return self
        return self.shareable_by(user)

    def on(self, topics):
        return self.filter(topics__in=topics).distinct()

    def due_to_publish(self, now):
        return self.filter(
            Q(status=Content.Status.APPROVED),
            Q(publish_at__lte=now),
            Q(campaign__state__in=[Campaign.State.RUNNING, Campaign.State.SCHEDULED]),
        )

    def due_to_expire(self, now):
        return self.published().filter(expires_at__lte=now)


class Content(models.Model):
    """Something an ambassador may share, once a second person has approved it."""

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("content", "Draft")
        IN_REVIEW = "in_review", pgettext_lazy("content", "In review")
        CHANGES_REQUESTED = "changes_requested", pgettext_lazy("content", "Changes requested")
        APPROVED = "approved", pgettext_lazy("content", "Approved")
        PUBLISHED = "published", pgettext_lazy("content", "Published")
        EXPIRED = "expired", pgettext_lazy("content", "Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("content", "Withdrawn")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="contents", verbose_name=_("campaign")
    )
    url = models.URLField(_("link"), max_length=2000, validators=[WEB_ONLY])
    language = models.CharField(
        _("language of the page"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
    )
    title = models.CharField(_("title"), max_length=150)
    why = models.CharField(_("why share it"), max_length=140)
    note = models.TextField(_("internal note"), blank=True)
    image = models.ImageField(_("image"), upload_to="content/", blank=True)
    image_alt = models.CharField(_("what the image shows"), max_length=250, blank=True)
    topics = models.ManyToManyField(
        Topic, related_name="contents", blank=True, verbose_name=_("topics")
    )
    networks = models.ManyToManyField(
        Network, related_name="+", blank=True, verbose_name=_("networks")
    )
    disclosure_fr = models.CharField(_("disclosure line in French"), max_length=120, blank=True)
    disclosure_en = models.CharField(_("disclosure line in English"), max_length=120, blank=True)
    publish_at = models.DateTimeField(_("publish from"), default=timezone.now)
    embargo_until = models.DateTimeField(_("embargo until"), null=True, blank=True)
    # NULL is "evergreen": it has no end.
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, default=in_sixty_days)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contents")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ContentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(image="") | ~Q(image_alt=""), name="content_image_has_alt_text"
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="content_published_has_date",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("publish_at")),
                name="content_expires_after_it_is_published",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-published_at"], name="content_by_status"),
            models.Index(fields=["campaign", "status"], name="content_by_campaign"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("campaigns:content-detail", args=[self.pk])

    @property
    def writer_ids(self):
        """Whose work it is: who wrote it, who changed it last, and whose captions wait."""
        waiting = self.captions.filter(status=Caption.Status.IN_REVIEW)
        return {self.author_id, self.changed_by_id, *waiting.values_list("writer_id", flat=True)}

    @property
    def is_editable(self):
        return self.status in {self.Status.DRAFT, self.Status.CHANGES_REQUESTED}

    @property
    def is_live(self):
        return self.status in {self.Status.APPROVED, self.Status.PUBLISHED}

    def disclosure(self, language):
        """The line a post must open with: this item's own, or its campaign's."""
        own = self.disclosure_en if language == "en" else self.disclosure_fr
        return own or self.campaign.disclosure(language)

    def submit(self, by):
        self._move(
            [self.Status.DRAFT, self.Status.CHANGES_REQUESTED],
            self.Status.IN_REVIEW,
            by,
            submitted_at=timezone.now(),
        )

    @transaction.atomic
    def approve(self, by):
        """Approves the item and every caption in it.

        Raises OwnApproval where the campaign asks for four eyes, WrongState when it is no longer
        waiting (somebody was faster).
        """
        if not by.has_perm("campaigns.approve_content", self):
            raise OwnApproval
        self._move([self.Status.IN_REVIEW], self.Status.APPROVED, by)
        self.captions.update(status=Caption.Status.APPROVED)
        Review.objects.create(content=self, reviewer=by, decision=Review.Decision.APPROVED)

    @transaction.atomic
    def request_changes(self, by, note):
        """Sends it back to its author, saying what to change. Raises NoteMissing, WrongState."""
        if not note.strip():
            raise NoteMissing
        self._move([self.Status.IN_REVIEW], self.Status.CHANGES_REQUESTED, by, note_text=note)
        Review.objects.create(
            content=self, reviewer=by, decision=Review.Decision.CHANGES_REQUESTED, note=note
        )

    def publish(self, by=None):
        self._move([self.Status.APPROVED], self.Status.PUBLISHED, by, published_at=timezone.now())

    def expire(self, by=None):
        self._move([self.Status.PUBLISHED], self.Status.EXPIRED, by)

    def withdraw(self, by, note):
        """Takes it back at once: its links answer 451 from the next click on."""
        if not note.strip():
            raise NoteMissing
        self._move(
            [self.Status.APPROVED, self.Status.PUBLISHED, self.Status.EXPIRED],
            self.Status.WITHDRAWN,
            by,
            note_text=note,
        )

    @transaction.atomic
    def _move(self, sources, target, by, *, note_text="", **fields):
        # The filter is the lock: of two concurrent moves, one updates no row.
        moved = (
            type(self)
            .objects.filter(pk=self.pk, status__in=sources)
            .update(status=target, **fields)
        )
        if not moved:
            raise WrongState(f"content {self.pk} is not in {sources}")
        for name, value in (fields | {"status": target}).items():
            setattr(self, name, value)
        data = {"note": note_text} if note_text else {}
        record(f"content.{target}", subject=self, actor=by, **data)


class CaptionQuerySet(models.QuerySet):
    def approved(self):
        return self.filter(status=Caption.Status.APPROVED)

    def waiting(self):
        """Changed after their item was approved: only they go back to review."""
        return self.filter(
            status=Caption.Status.IN_REVIEW,
            content__status__in=[Content.Status.APPROVED, Content.Status.PUBLISHED],
        )

    def for_network(self, network):
        return self.filter(network=network)


class Caption(models.Model):
    """A suggested text for one network in one language; up to five variants of each."""

    MAX_VARIANTS = 5

    class Status(models.TextChoices):
        IN_REVIEW = "in_review", pgettext_lazy("caption", "In review")
        APPROVED = "approved", pgettext_lazy("caption", "Approved")

    content = models.ForeignKey(Content, models.CASCADE, related_name="captions")
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    text = models.TextField(_("text"), max_length=3000)
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_REVIEW)
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    objects = CaptionQuerySet.as_manager()

    class Meta:
        ordering = ["network__position", "language", "position", "pk"]

    def __str__(self):
        return self.text[:60]

    @transaction.atomic
    def rewrite(self, text, by):
        """Changes the words. Once the item is approved, the caption alone goes back to review."""
        if text == self.text:
            return
        self.text, self.writer, self.status = text, by, self.Status.IN_REVIEW
        self.save(update_fields=["text", "writer", "status"])
        if self.content.is_live:
            record("caption.in_review", subject=self, actor=by)

    @transaction.atomic
    def approve(self, by):
        """Lets a changed caption back into the panel. Raises OwnApproval, WrongState."""
        if not by.has_perm("campaigns.approve_content", self.content):
            raise OwnApproval
        waiting = type(self).objects.filter(pk=self.pk, status=self.Status.IN_REVIEW)
        if not waiting.update(status=self.Status.APPROVED):
            raise WrongState(f"caption {self.pk} is not in review")
        self.status = self.Status.APPROVED
        Review.objects.create(
            content=self.content, caption=self, reviewer=by, decision=Review.Decision.APPROVED
        )
        record("caption.approved", subject=self, actor=by)


class Review(models.Model):
    """A decision, by whom, when, and why: append-only."""

    class Decision(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("review", "Approved")
        CHANGES_REQUESTED = "changes_requested", pgettext_lazy("review", "Changes requested")

    content = models.ForeignKey(Content, models.CASCADE, related_name="reviews")
    caption = models.ForeignKey(Caption, models.CASCADE, null=True, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, choices=Decision)
    note = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="changes_requested") | ~Q(note=""),
                name="review_request_has_a_note",
            )
        ]

    def __str__(self):
        return f"{self.decision} {self.content_id}"
