from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from activity.outside import in_words
from ambassadors.enrolment.models import Topic
from campaigns.content.addresses import WEB_ONLY, validate_public
from campaigns.planning.models import Campaign


class SourceQuerySet(models.QuerySet):
    def due(self, now):
        """To be read now; a paused one never is."""
        return self.filter(is_active=True, next_read_at__lte=now)

    def failing(self):
        """Whose owner was told of it."""
        return self.filter(is_active=True, failures__gte=Source.TELL_AFTER)


class Source(models.Model):
    """A feed, or a page of the company's own, whose news come in as drafts held for review."""

    class Kind(models.TextChoices):
        FEED = "feed", pgettext_lazy("source", "Feed (RSS or Atom)")
        PAGE = "page", pgettext_lazy("source", "Page with links to articles")

    EVERY = timedelta(hours=1)
    # After the first failure, then twice as long each time.
    PAUSE, LONGEST_PAUSE = timedelta(minutes=30), timedelta(days=1)
    # How long a reading may take before another worker begins it anew.
    LEASE = timedelta(minutes=10)
    TELL_AFTER = 5

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    url = models.URLField(
        _("address"), max_length=2000, unique=True, validators=[WEB_ONLY, validate_public]
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="sources", verbose_name=_("campaign")
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))
    per_day = models.PositiveSmallIntegerField(_("drafts a day, at most"), default=5)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sources")
    is_active = models.BooleanField(_("read"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # What the last reading left: when, what to ask with next time, and why it failed.
    read_at = models.DateTimeField(null=True, editable=False)
    next_read_at = models.DateTimeField(default=timezone.now, editable=False)
    etag = models.CharField(max_length=250, blank=True, editable=False)
    last_modified = models.CharField(max_length=60, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    # The code of an Unreachable: each reader has the sentence in their own language.
    error = models.CharField(max_length=250, blank=True, editable=False)
    # How many articles were there, and how many entries that nobody could share.
    found = models.PositiveSmallIntegerField(default=0, editable=False)
    passed_over = models.PositiveSmallIntegerField(default=0, editable=False)
    # Where the site says that it now is.
    moved_to = models.URLField(max_length=2000, blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(per_day__gte=1, per_day__lte=50), name="source_brings_a_few_a_day"
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("campaigns:source-edit", args=[self.pk])

    @property
    def error_text(self):
        return in_words(self.error)

    @property
    def is_failing(self):
        return self.is_active and self.failures > 0

    # --- What people do with it --------------------------------------------------------------
    @transaction.atomic
    def write(self, by):
        """Saves a new source, or what a form has changed; it is read anew at once."""
        verb = "source.added" if self._state.adding else "source.changed"
        if self._state.adding:
            self.owner = by
        self.etag = self.last_modified = self.error = self.moved_to = ""
        self.failures, self.next_read_at = 0, timezone.now()
        self.save()
        record(verb, subject=self, actor=by)

    @transaction.atomic
    def pause(self, by):
        """It is no longer read; what it has brought stays."""
        if Source.objects.filter(pk=self.pk, is_active=True).update(is_active=False):
            record("source.paused", subject=self, actor=by)

    @transaction.atomic
    def resume(self, by):
        again = {"is_active": True, "failures": 0, "error": "", "next_read_at": timezone.now()}
        if Source.objects.filter(pk=self.pk, is_active=False).update(**again):
            record("source.resumed", subject=self, actor=by)

    @transaction.atomic
    def follow(self, by):
        """Takes the address the site has moved to. False when another source reads it already."""
        if not self.moved_to or Source.objects.filter(url=self.moved_to).exists():
            return False
        self.url = self.moved_to
        self.write(by)
        return True

    @transaction.atomic
    def remove(self, by):
        """Forgets the source and what it has shown. Its drafts stay in the library."""
        record("source.removed", subject=self, actor=by)
        self.delete()

    # --- What a reading does -----------------------------------------------------------------
    def claim(self, now: datetime) -> bool:
        """Takes its turn to be read. Of two workers at once, one does."""
        due = Source.objects.due(now).filter(pk=self.pk, next_read_at=self.next_read_at)
        self.next_read_at = now + self.LEASE
        return bool(due.update(next_read_at=self.next_read_at))

    def _settle(self, **fields):
        """Writes what a reading has brought, unless its turn was over."""
        mine = Source.objects.filter(pk=self.pk, next_read_at=self.next_read_at)
        settled = mine.update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)
        return bool(settled)

    @transaction.atomic
    def note_failure(self, code: str, now: datetime) -> None:
        """It could not be read: it is asked less and less often, and its owner told once."""
        failures = self.failures + 1
        pause = min(self.PAUSE * 2 ** min(failures - 1, 10), self.LONGEST_PAUSE)
        settled = self._settle(failures=failures, error=code, read_at=now, next_read_at=now + pause)
        if settled and failures == self.TELL_AFTER:
            record("source.failing", subject=self, error=code)

    def note_unchanged(self, now: datetime) -> None:
        """The site says that nothing is new."""
        self._settle(failures=0, error="", read_at=now, next_read_at=now + self.EVERY)

    @transaction.atomic
    def note_reading(self, found: Any, now: datetime) -> None:
        """Keeps what was there (reading.Found) in one go: what to ask with next time is written
        only together with what came this time."""
        settled = self._settle(
            failures=0,
            error="",
            read_at=now,
            next_read_at=now + self.EVERY,
            etag=found.etag,
            last_modified=found.last_modified,
            found=len(found.articles),
            passed_over=found.passed_over,
            moved_to=found.moved_to,
        )
        if settled:
            self.sightings.see(self, found.articles)

    def left_today(self, now: datetime) -> int:
        """How many more drafts it may bring on this day of the organisation."""
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        brought = self.sightings.filter(content__created_at__gte=midnight).count()
        return max(self.per_day - brought, 0)

    def topics_for(self, categories: Iterable[str]) -> list[Topic]:
        """Its own topics, then those an article names by either of their names; three at most."""
        named = {category.casefold() for category in categories}
        own = list(self.topics.all())
        found = [
            topic
            for topic in Topic.objects.all()
            if {topic.name.casefold(), topic.name_en.casefold()} & named and topic not in own
        ]
        return [*own, *found][:3]
