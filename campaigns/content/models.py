from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.enrolment.models import Topic, WrongState
from campaigns.content.addresses import WEB_ONLY, validate_public
from campaigns.networks import composer, counting
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign, NoteMissing, OwnApproval

__all__ = ["Caption", "Content", "NoteMissing", "OwnApproval", "Review", "WrongState"]
# As long as a real one, for counting.
SAMPLE_LINK = f"{settings.LINK_BASE_URL}/xxxxxxxx"


def in_sixty_days():
    return timezone.now() + timedelta(days=60)


def opened_by(disclosure, text):
    """A text as it is posted: the disclosure line first, then the words."""
    return f"{disclosure}\n\n{text}" if disclosure else text


class TooManyVariants(Exception):
    """Five texts for one network and one language are enough to choose from."""


class TextTooLong(Exception):
    """A text is over its network’s limit; `networks` are the names of those."""

    def __init__(self, networks):
        super().__init__(networks)
        self.networks = networks


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

    def like(self, text):
        """Whose title, reason, link or suggested texts hold `text`, whatever its case."""
        fields = ("title", "why", "url", "captions__text")
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": text})
        return self.filter(anywhere).distinct()

    def on(self, topics):
        return self.filter(topics__in=topics).distinct()

    def due_to_publish(self, now):
        """Approved, its moment come, in a campaign that runs; a launch publishes its own."""
        return self.filter(
            Q(status=Content.Status.APPROVED),
            Q(publish_at__lte=now),
            Q(expires_at=None) | Q(expires_at__gt=now),
            Q(campaign__state=Campaign.State.RUNNING),
        )

    def publish_due(self, now):
        for content in self.due_to_publish(now):
            with suppress(WrongState):
                content.publish()

    def appearing(self, now, within):
        """Approved, and to be published before `within` has passed."""
        return self.filter(
            status=Content.Status.APPROVED,
            publish_at__gt=now,
            publish_at__lte=now + within,
            campaign__state__in=[Campaign.State.RUNNING, Campaign.State.SCHEDULED],
        )

    def expiring(self, now, within):
        """Published, and over before `within` has passed."""
        return self.published().filter(expires_at__gt=now, expires_at__lte=now + within)

    def sent_back_to(self, user):
        """Whose next move is `user`’s: a reviewer has asked for changes."""
        return self.filter(status=Content.Status.CHANGES_REQUESTED, author=user)

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

    # What its author fills in: the only fields a form may change.
    WRITTEN = (
        "campaign",
        "url",
        "language",
        "title",
        "why",
        "note",
        "image",
        "image_alt",
        "disclosure_fr",
        "disclosure_en",
        "publish_at",
        "embargo_until",
        "expires_at",
    )

    COPIED = ("url", "language", "title", "why", "note", "image", "image_alt")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="contents", verbose_name=_("campaign")
    )
    url = models.URLField(_("link"), max_length=2000, validators=[WEB_ONLY, validate_public])
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
    def host(self):
        """Where the link leads, as networks write it under a card."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @property
    def writer_ids(self):
        """Whose work it is: who wrote it, who changed it last, and whose captions wait."""
        # Filtered here and not by the database, so that a list may prefetch.
        writers = (caption.writer_id for caption in self.captions.all() if caption.is_waiting)
        return {self.author_id, self.changed_by_id, *writers}

    @property
    def is_waiting(self):
        return self.status == self.Status.IN_REVIEW

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

    @transaction.atomic
    def write(self, by):
        """Saves a new item, or what a form has changed in one that is still being written.

        Raises WrongState when it has left its author in the meantime.
        """
        self.changed_by, self.changed_at = by, timezone.now()
        if self._state.adding:
            self.author = by
            self.save(force_insert=True)
            record("content.created", subject=self, actor=by)
            return
        if not type(self).objects.select_for_update().get(pk=self.pk).is_editable:
            raise WrongState(f"content {self.pk} is no longer being written")
        self.save(update_fields=[*self.WRITTEN, "changed_by", "changed_at"])
        record("content.changed", subject=self, actor=by)

    @transaction.atomic
    def add_caption(self, by, *, network, language, text):
        """Adds a suggested text; to an item that is live, one that waits for its own approval.

        Raises WrongState while the item is in review or over, TooManyVariants from the sixth on.
        """
        if not (self.is_live or self.is_editable):
            raise WrongState(f"content {self.pk} cannot be changed now")
        siblings = self.captions.filter(network=network, language=language)
        if siblings.count() >= Caption.MAX_VARIANTS:
            raise TooManyVariants
        caption = self.captions.create(
            network=network,
            language=language,
            text=text,
            writer=by,
            position=self.captions.count(),
        )
        if self.is_live:
            record("caption.in_review", subject=caption, actor=by)
        return caption

    @transaction.atomic
    def copy_into(self, campaign, by):
        """The same page for another campaign: a draft with all its texts, to be approved anew."""
        copied = {name: getattr(self, name) for name in self.COPIED}
        copy = type(self)(campaign=campaign, **copied)
        copy.write(by)
        copy.topics.set(self.topics.all())
        copy.networks.set(self.networks.all())
        for caption in self.captions.select_related("network"):
            where = {"network": caption.network, "language": caption.language}
            copy.add_caption(by, **where, text=caption.text)
        return copy

    def submit(self, by):
        """Asks for an approval. Raises TextTooLong, WrongState."""
        captions = self.captions.select_related("network", "content__campaign")
        if long := [str(caption.network) for caption in captions if caption.is_too_long]:
            raise TextTooLong(long)
        self._move(
            [self.Status.DRAFT, self.Status.CHANGES_REQUESTED],
            self.Status.IN_REVIEW,
            by,
            submitted_at=timezone.now(),
        )

    def take_back(self, by):
        """Its author found a mistake before anybody decided."""
        self._move([self.Status.IN_REVIEW], self.Status.DRAFT, by, "taken_back")

    @transaction.atomic
    def approve(self, by, note="", version=None):
        """Approves the item and every caption in it; published at once where its moment has come.

        version: the `submitted_at` of what the reviewer had in front of them; what was submitted
        again since then is not approved unread. Raises OwnApproval where the campaign asks for
        four eyes, WrongState when it is no longer waiting (somebody was faster).
        """
        if not by.has_perm("campaigns.approve_content", self):
            raise OwnApproval
        self._move(
            [self.Status.IN_REVIEW], self.Status.APPROVED, by, where=_same(submitted_at=version)
        )
        self.captions.update(status=Caption.Status.APPROVED, approved_text=F("text"))
        self._reviewed(by, Review.Decision.APPROVED, note)
        # Later moments, and campaigns that do not run yet, are for move_due_content and launch().
        type(self).objects.filter(pk=self.pk).publish_due(timezone.now())
        self.refresh_from_db(fields=["status", "published_at"])

    @transaction.atomic
    def request_changes(self, by, note):
        """Sends it back to its author, saying what to change. Raises NoteMissing, WrongState."""
        if not note.strip():
            raise NoteMissing
        self._move([self.Status.IN_REVIEW], self.Status.CHANGES_REQUESTED, by, note_text=note)
        self._reviewed(by, Review.Decision.CHANGES_REQUESTED, note)

    def _reviewed(self, by, decision, note):
        Review.objects.create(
            content=self, reviewer=by, decision=decision, note=note, seen=snapshot(self)
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
    def _move(self, sources, target, by, verb="", *, where=None, note_text="", **fields):
        # The filter is the lock: of two concurrent moves, one updates no row.
        here = type(self).objects.filter(pk=self.pk, status__in=sources, **where or {})
        if not here.update(status=target, **fields):
            raise WrongState(f"content {self.pk} is not in {sources}")
        for name, value in (fields | {"status": target}).items():
            setattr(self, name, value)
        data = {"note": note_text} if note_text else {}
        record(f"content.{verb or target}", subject=self, actor=by, **data)


class CaptionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(content__in=Content.objects.visible_to(user))

    def approved(self):
        return self.filter(status=Caption.Status.APPROVED)

    def waiting(self):
        """Changed after their item was approved: only they go back to review."""
        return self.filter(
            status=Caption.Status.IN_REVIEW,
            content__status__in=[Content.Status.APPROVED, Content.Status.PUBLISHED],
        )


class Caption(models.Model):
    """A suggested text for one network in one language; up to five variants of each."""

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

    objects = CaptionQuerySet.as_manager()

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
        while the whole item is in review, and once it is over.
        """
        if not (self.content.is_live or self.content.is_editable):
            raise WrongState(f"content {self.content_id} cannot be changed now")
        if text == self.text:
            return
        same = self.content.is_live and text == self.approved_text
        self.status = self.Status.APPROVED if same else self.Status.IN_REVIEW
        self.text, self.writer, self.changed_at = text, by, timezone.now()
        self.save(update_fields=["text", "writer", "status", "changed_at"])
        if self.content.is_live:
            record(f"caption.{'restored' if same else 'in_review'}", subject=self, actor=by)

    @transaction.atomic
    def approve(self, by, note="", version=None):
        """Lets a changed caption back into the panel.

        version: the `changed_at` of the words that were read. Raises OwnApproval, WrongState.
        """
        if not by.has_perm("campaigns.approve_content", self):
            raise OwnApproval
        where = _same(changed_at=version)
        self._decide(self.Status.APPROVED, by, note, where, approved_text=F("text"))

    @transaction.atomic
    def request_changes(self, by, note):
        """Sends the changed words back, saying why. Raises NoteMissing, WrongState."""
        if not note.strip():
            raise NoteMissing
        self._decide(self.Status.CHANGES_REQUESTED, by, note, {})

    def _decide(self, target, by, note, where, **fields):
        # No join in the filter: PostgreSQL rechecks only this row when somebody was faster.
        waiting = type(self).objects.filter(pk=self.pk, status=self.Status.IN_REVIEW, **where)
        if not (self.content.is_live and waiting.update(status=target, **fields)):
            raise WrongState(f"caption {self.pk} is not in review")
        self.refresh_from_db(fields=["status", "text", "approved_text"])
        self.content.reviews.create(
            caption=self, reviewer=by, decision=target, note=note, seen={"text": self.text}
        )
        record(f"caption.{target}", subject=self, actor=by, **({"note": note} if note else {}))


def _same(**version):
    """A filter on the version that was read, or none where nobody says which one it was."""
    return {name: value for name, value in version.items() if value is not None}


def snapshot(content):
    """What a reviewer has in front of them, as plain JSON: what the next version differs from."""
    fields = ("url", "language", "title", "why", "disclosure_fr", "disclosure_en")
    captions = {str(caption.pk): caption.text for caption in content.captions.all()}
    return {name: getattr(content, name) for name in fields} | {"captions": captions}


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
    # The words that were decided on. They may change afterwards; the decision was on these.
    seen = models.JSONField(default=dict)
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
