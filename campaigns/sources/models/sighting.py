from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import Truncator

from activity.log import record
from ambassadors.enrolment.models import WrongState
from campaigns.content.addresses import page_key, validate_public
from campaigns.content.models import Content
from campaigns.planning.models import NoteMissing
from campaigns.sources.models.source import Source

TITLE, WHY = Content._meta.get_field("title"), Content._meta.get_field("why")


class InTheLibrary(Exception):
    """The page is there already, under this or another address."""


class SightingQuerySet(models.QuerySet):
    def to_answer(self):
        """Whose draft nobody has taken up or declined yet."""
        drafts = Content.objects.filter(status=Content.Status.DRAFT)
        return self.filter(answered_at=None, content__in=drafts)

    def held(self):
        """Not a draft yet, newest first: the day was full, or it is old."""
        newest = Coalesce("published_at", "seen_at").desc()
        return self.filter(is_held=True, content=None).order_by(newest, "pk")

    def coming(self, now):
        """Held, and young enough to become a draft by itself on a day that has room."""
        return (
            self.held()
            .filter(seen_at__gte=now - Sighting.YOUNG)
            .exclude(published_at__lt=now - Sighting.YOUNG)
        )

    def see(self, source: Source, articles: Iterable[Any]) -> None:
        """Writes down the articles nobody has seen yet; those of the library only so that they
        are known."""
        articles = {page_key(article.url): article for article in articles}
        seen = set(
            Sighting.objects.filter(page_key__in=articles).values_list("page_key", flat=True)
        )
        there = Content.objects.filter(page_key__in=articles)
        there = set(there.values_list("page_key", flat=True))
        # One moment for all of them: then they stay in the order they were shown in.
        now = timezone.now()
        rows = [
            Sighting(
                source=source,
                seen_at=now,
                page_key=key,
                title=article.title,
                url=article.url,
                published_at=article.published,
                is_held=key not in there,
                said=article.said,
            )
            for key, article in articles.items()
            if key not in seen
        ]
        # Another source may show the same article at this moment.
        Sighting.objects.bulk_create(rows, ignore_conflicts=True)


class Sighting(models.Model):
    """An article a source has shown, by its canonical address: it comes in once, or never."""

    YOUNG = timedelta(days=30)

    source = models.ForeignKey(Source, models.CASCADE, related_name="sightings")
    page_key = models.CharField(max_length=32)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=2000)
    published_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    # What the source says of it besides: summary, image, language, categories.
    said = models.JSONField(default=dict)
    # NULL: over the day's cap for now, or in the library already.
    content = models.ForeignKey(Content, models.SET_NULL, null=True, related_name="sightings")
    is_held = models.BooleanField(default=False)
    # Whether the draft was wanted: by whom, when, and in a sentence where it was not.
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = SightingQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at"]
        constraints = [models.UniqueConstraint(fields=["page_key"], name="sighting_once_per_page")]

    def __str__(self):
        return self.title[:60]

    @transaction.atomic
    def bring_in(self, page: Any, *, by: Any = None, now: Any = None) -> Content:
        """Makes a draft of it, with what its page says (intake.Page), held for review.

        by: who asked for it; the source itself, when nobody did, and then within the day's cap.
        Raises WrongState when it is no longer held or the day is full, InTheLibrary.
        """
        # One at a time for each source, or two would both find room for the last of the day.
        source = Source.objects.select_for_update().get(pk=self.source_id)
        if not Sighting.objects.held().filter(pk=self.pk).exists():
            raise WrongState(f"sighting {self.pk} is not held")
        if by is None and not source.left_today(now or timezone.now()):
            raise WrongState(f"source {source.pk} has brought enough today")
        url = self._address(page)
        others = Sighting.objects.exclude(pk=self.pk).filter(page_key=page_key(url))
        if others.exists() or Content.objects.filter(page_key=page_key(url)).exists():
            raise InTheLibrary
        draft = self._draft(source, page, url)
        Sighting.objects.filter(pk=self.pk).update(content=draft, is_held=False)
        self.content, self.is_held = draft, False
        record("content.brought_in", subject=draft, actor=by, source=source.pk)
        return draft

    def _address(self, page):
        """Where the site says the article has moved to, or where the source says it is."""
        try:
            validate_public(page.moved_to)
        except ValidationError:
            return self.url
        return page.moved_to or self.url

    def _draft(self, source, page, url):
        title = page.title_for(source.kind, self.title) or url
        draft = Content(
            campaign=source.campaign,
            url=url,
            title=Truncator(title).chars(TITLE.max_length),
            why=Truncator(page.description or self.said.get("summary", "")).chars(WHY.max_length),
            language=page.language or self.said.get("language") or source.language,
            image=page.picture,
            # Its title, where nobody says what the picture shows: whoever takes it up will.
            image_alt=(page.picture_alt or title)[:250] if page.picture else "",
            author=source.owner,
            changed_by=source.owner,
        )
        draft.save(force_insert=True)
        draft.topics.set(source.topics_for(self.said.get("categories", [])))
        return draft

    def let_go(self):
        """The page turned out to be in the library: it is known, and held no longer."""
        Sighting.objects.filter(pk=self.pk, content=None).update(is_held=False)

    @transaction.atomic
    def take_up(self, by):
        """Makes the draft `by`’s own, to be finished and submitted. Raises WrongState."""
        self._answer(by, "")
        drafts = Content.objects.filter(pk=self.content_id, status=Content.Status.DRAFT)
        if not drafts.update(author=by, changed_by=by, changed_at=timezone.now()):
            raise WrongState(f"the draft of sighting {self.pk} is gone")
        self.content.refresh_from_db()
        record("sighting.taken_up", subject=self, actor=by)
        return self.content

    @transaction.atomic
    def decline(self, by, answer):
        """Puts the draft aside, saying why; the page does not come in again.

        Raises NoteMissing, WrongState.
        """
        if not answer.strip():
            raise NoteMissing
        self._answer(by, answer)
        self.content.put_aside(by, answer)
        record("sighting.declined", subject=self, actor=by)

    def _answer(self, by, answer):
        # The filter is the lock: of two answers at once, one updates no row.
        given = {"answer": answer, "answered_by": by, "answered_at": timezone.now()}
        if not Sighting.objects.to_answer().filter(pk=self.pk).update(**given):
            raise WrongState(f"sighting {self.pk} is answered")
        for name, value in given.items():
            setattr(self, name, value)
