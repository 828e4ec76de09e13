from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activity.log import record
from activity.outside import in_words
from ambassadors.enrolment.models import Topic, WrongState
from campaigns.content.addresses import WEB_ONLY, page_key, validate_public
from campaigns.content.models.agreement import Agreement
from campaigns.content.models.findable import narrow_to
from campaigns.content.models.phrase import check_words
from campaigns.content.models.review import Review, snapshot
from campaigns.content.models.version import Version
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign, NoteMissing


def in_sixty_days():
    return timezone.now() + timedelta(days=60)


class TextTooLong(Exception):
    """A text is over its network’s limit; `networks` are the names of those."""

    def __init__(self, networks):
        super().__init__(networks)
        self.networks = networks


class ChangedMeanwhile(WrongState):
    """Somebody has saved the item since it was opened: `content` as it now stands."""

    def __init__(self, content):
        super().__init__(f"content {content.pk} was changed at {content.changed_at}")
        self.content = content


class OutOfDate(WrongState):
    """Something the item claims may no longer be said; `claims` are those."""

    def __init__(self, claims):
        super().__init__([claim.pk for claim in claims])
        self.claims = claims


def customer_line(language: str) -> str:
    """What a customer's post opens with, in its own language."""
    with override(language):
        # Translators: fr: Je suis client de %(organisation)s.
        return gettext("I am a customer of %(organisation)s.") % {
            "organisation": settings.ORGANISATION
        }


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

    def featured(self, now):
        """First in the feed, until the day that was said."""
        return self.filter(featured_until__gt=now)

    def meant_for(self, user):
        """In a running campaign whose audience takes `user` in."""
        return self.filter(campaign__in=Campaign.objects.running().meant_for(user).values("pk"))

    def shareable_by(self, user):
        """What an ambassador may share now: the feed, and the only way into the share panel."""
        return self.current(timezone.now()).meant_for(user)

    def visible_to(self, user):
        if user.has_perm("campaigns.see_library"):
            return self.overseen_by(user)
        return self.shareable_by(user)

    def overseen_by(self, user):
        """Of a limited manager: what they wrote, and all of the campaigns they oversee."""
        if not user.is_limited:
            return self
        campaigns = Campaign.objects.overseen_by(user).values("pk")
        return self.filter(Q(author=user) | Q(campaign__in=campaigns))

    def like(self, text):
        """With the words of `text` in what is written of it, the best first."""
        return narrow_to(self, text)

    def offered_like(self, text):
        """The same in what an ambassador reads of it: a text in review is nobody's to find."""
        return narrow_to(self, text, parts="abc")

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


class Content(Agreement, models.Model):
    """Something an ambassador may share, once a second person has approved it."""

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("content", "Draft")
        IN_REVIEW = "in_review", pgettext_lazy("content", "In review")
        CHANGES_REQUESTED = "changes_requested", pgettext_lazy("content", "Changes requested")
        APPROVED = "approved", pgettext_lazy("content", "Approved")
        PUBLISHED = "published", pgettext_lazy("content", "Published")
        EXPIRED = "expired", pgettext_lazy("content", "Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("content", "Withdrawn")

    HANDED_IN = "submitted_at"
    ASKED_OF_ALL = ("captions", "campaign__approvers")

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
    # First in the feed until then.
    featured_until = models.DateTimeField(_("featured until"), null=True, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    # The page whatever its spelling (addresses.page_key): what makes two items one.
    page_key = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    # How the page answered last: NULL when nobody has asked, or when it was well.
    link_checked_at = models.DateTimeField(null=True, editable=False)
    link_failing_since = models.DateTimeField(null=True, editable=False)
    link_error = models.CharField(max_length=200, blank=True, editable=False)
    # How often those who decide were reminded of this version: 0, 1, then 2 for escalated.
    reminders = models.PositiveSmallIntegerField(default=0, editable=False)
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
            models.Index(
                fields=["featured_until"],
                condition=Q(featured_until__isnull=False),
                name="content_featured",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, update_fields=None, **kwargs):
        """Keeps the key of the page beside its address, whoever changes the address."""
        self.page_key = page_key(self.url)
        if update_fields is not None and "url" in update_fields:
            update_fields = {*update_fields, "page_key"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_absolute_url(self):
        return reverse("campaigns:content-detail", args=[self.pk])

    @property
    def host(self):
        """Where the link leads, as networks write it under a card."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @property
    def is_link_dead(self):
        """Its page has failed more than once, on different days."""
        return bool(self.link_failing_since and self.link_checked_at > self.link_failing_since)

    @property
    def link_trouble(self):
        """How its page answered last, as a sentence; "" when it was well."""
        return in_words(self.link_error)

    @property
    def writer_ids(self):
        """Whose work it is: who wrote it, who changed it last, and whose captions wait."""
        # Filtered here and not by the database, so that a list may prefetch.
        writers = (caption.writer_id for caption in self.captions.all() if caption.is_waiting)
        return {self.author_id, self.changed_by_id, *writers}

    @property
    def is_featured(self):
        return bool(self.featured_until and self.featured_until > timezone.now())

    @property
    def is_waiting(self):
        return self.status == self.Status.IN_REVIEW

    @property
    def own_reviews(self):
        """The decisions on the item as a whole."""
        return [review for review in self.reviews.all() if review.caption_id is None]

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

    def disclosure_for(self, user, language):
        """The same as `user` posts it: a customer says that they are one, whatever else is said."""
        return customer_line(language) if user.is_customer else self.disclosure(language)

    @property
    def today(self):
        """The day it is where its campaign is."""
        return timezone.localdate(timezone=self.campaign.zone)

    @property
    def stale_claims(self):
        """What it claims and may no longer be said."""
        # Filtered here and not by the database, so that a list may prefetch.
        return [claim for claim in self.claims.all() if claim.is_over(self.today)]

    @transaction.atomic
    def write(self, by, base=None):
        """Saves a new item, or what a form has changed in one that is still being written.

        base: the `changed_at` of what the form began with. Raises WrongState when it has left its
        author in the meantime, ChangedMeanwhile when somebody has saved it since.
        """
        if not self._state.adding:
            self._check_unchanged(base)
        self.changed_by, self.changed_at = by, timezone.now()
        if self._state.adding:
            self.author = by
            self.save(force_insert=True)
            record("content.created", subject=self, actor=by)
            return
        self.save(update_fields=[*self.WRITTEN, "changed_by", "changed_at"])
        record("content.changed", subject=self, actor=by)

    def _check_unchanged(self, base):
        here = type(self).objects.select_for_update(of=["self"]).select_related("changed_by")
        here = here.get(pk=self.pk)
        if not here.is_editable:
            raise WrongState(f"content {self.pk} is no longer being written")
        if base is not None and here.changed_at != base:
            raise ChangedMeanwhile(here)

    @transaction.atomic
    def add_caption(self, by, *, network, language, text):
        """Adds a suggested text; to an item that is live, one that waits for its own approval.

        Raises WrongState while the item is in review or over, TooManyVariants from the sixth on,
        Forbidden for words that must not go out.
        """
        if not (self.is_live or self.is_editable):
            raise WrongState(f"content {self.pk} cannot be changed now")
        if self.is_live:
            check_words(text, url=self.url)
        caption = self.captions.add_variant(
            network=network, language=language, text=text, writer=by
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
        for claim in self.claims.all():
            claim.copy_to(copy)
        return copy

    @transaction.atomic
    def submit(self, by):
        """Asks for an approval, and keeps what it is asked for.

        Raises TextTooLong, Forbidden for words that must not go out, OutOfDate for a claim that is
        over, WrongState.
        """
        captions = self.captions.select_related("network", "content__campaign")
        if long := [str(caption.network) for caption in captions if caption.is_too_long]:
            raise TextTooLong(long)
        check_words(self.title, self.why, *(caption.text for caption in captions), url=self.url)
        if stale := self.stale_claims:
            raise OutOfDate(stale)
        now = timezone.now()
        self._move(
            [self.Status.DRAFT, self.Status.CHANGES_REQUESTED],
            self.Status.IN_REVIEW,
            by,
            submitted_at=now,
            reminders=0,
            **self._taken_up(by, now),
        )
        # The move holds the row: nobody else counts at the same time.
        number = (self.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        Version.objects.create(content=self, number=number, by=by, at=now, words=snapshot(self))

    def _taken_up(self, by, now):
        """Nobody wrote a draft that a source brought: who hands it in unasked answers for it, and
        somebody else approves it."""
        taken = self.sightings.filter(answered_at=None).update(answered_by=by, answered_at=now)
        return {"author": by, "changed_by": by} if taken else {}

    def take_back(self, by):
        """Its author found a mistake before anybody decided."""
        self._move([self.Status.IN_REVIEW], self.Status.DRAFT, by, "taken_back")

    def put_aside(self, by, note):
        """A draft that a source brought, and nobody wants. Raises NoteMissing, WrongState."""
        if not note.strip():
            raise NoteMissing
        self._move([self.Status.DRAFT], self.Status.WITHDRAWN, by, "put_aside", note_text=note)

    @transaction.atomic
    def approve(self, by, note="", version=None):
        """Says yes to the item and every caption in it.

        Where the campaign wants every approver to agree, it stays in review until the last of
        them has. Then it is approved, and published at once where its moment has come.
        version: the `submitted_at` of what the reviewer had in front of them; what was submitted
        again since then is not approved unread. Raises OwnApproval where the campaign asks for
        four eyes, NotApprover where it names others, OutOfDate for a claim that is over, WrongState
        when it is no longer waiting (somebody was faster), or no longer for `by`.
        """
        with self._held(by, version):
            if stale := self.stale_claims:
                raise OutOfDate(stale)
            if not self._agree(by, note):
                record("content.agreed", subject=self, actor=by, **self.tally)
                return
            self._move([self.Status.IN_REVIEW], self.Status.APPROVED, by)
            self.captions.approve_all()
            # Later moments, and campaigns that do not run yet: move_due_content and launch().
            type(self).objects.filter(pk=self.pk).publish_due(timezone.now())

    @transaction.atomic
    def request_changes(self, by, note):
        """Sends it back to its author at once, whoever has approved it already.

        Raises NoteMissing, OwnApproval, NotApprover, WrongState.
        """
        if not note.strip():
            raise NoteMissing
        with self._held(by):
            self._move([self.Status.IN_REVIEW], self.Status.CHANGES_REQUESTED, by, note_text=note)
            self._reviewed(by, Review.Decision.CHANGES_REQUESTED, note)

    def _reviewed(self, by, decision, note):
        self.reviews.create(
            reviewer=by,
            decision=decision,
            note=note,
            seen=snapshot(self),
            handed_in_at=self.handed_in_at,
        )

    def publish(self, by=None):
        self._move([self.Status.APPROVED], self.Status.PUBLISHED, by, published_at=timezone.now())

    def expire(self, by=None, claim=None):
        """Takes it out of the feed; its links go on leading there.

        claim: what may no longer be said, where that is why; then an item that has not been
        published yet goes too.
        """
        if claim is None:
            self._move([self.Status.PUBLISHED], self.Status.EXPIRED, by)
            return
        live = [self.Status.APPROVED, self.Status.PUBLISHED]
        self._move(live, self.Status.EXPIRED, by, data={"reason": "claim", "claim": claim.text})

    def revive(self, by):
        """Makes an expired item a draft again: put right, it goes through the queue once more.

        One whose own end is past gets another sixty days. Whoever asks for it is not who approves
        it where four eyes are asked for: its claims may have been renewed, and by them alone.
        """
        over = self.expires_at is not None and self.expires_at <= timezone.now()
        end = {"expires_at": in_sixty_days()} if over else {}
        mine = {"changed_by": by, "changed_at": timezone.now()}
        self._move([self.Status.EXPIRED], self.Status.DRAFT, by, "revived", **end, **mine)

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
    def _move(self, sources, target, by, verb="", *, where=None, data=None, note_text="", **fields):
        # The filter is the lock: of two concurrent moves, one updates no row.
        here = type(self).objects.filter(pk=self.pk, status__in=sources, **where or {})
        if not here.update(status=target, **fields):
            raise WrongState(f"content {self.pk} is not in {sources}")
        for name, value in (fields | {"status": target}).items():
            setattr(self, name, value)
        data = (data or {}) | ({"note": note_text} if note_text else {})
        record(f"content.{verb or target}", subject=self, actor=by, **data)
