from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.content.models.item import Content


class ComposerDraftQuerySet(models.QuerySet):
    def of(self, person):
        """What `person` has typed and not saved, latest first. Nobody sees another's."""
        return self.filter(person=person, done_at=None)

    def stale(self, now):
        """What nobody came back for, and what was saved or thrown away long enough ago that no
        late request can bring it back."""
        kept = now - ComposerDraft.KEPT
        return self.filter(Q(at__lt=kept) | Q(done_at__lt=now - ComposerDraft.LATEST))


class ComposerDraft(models.Model):
    """What somebody has typed into the composer and not saved, valid or not.

    One for each time the composer was opened, so that two windows never write over each other.
    """

    KEPT = timedelta(days=30)
    LATEST = timedelta(days=1)

    key = models.UUIDField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # NULL: an item that does not exist yet.
    content = models.ForeignKey(Content, models.CASCADE, null=True, related_name="+")
    # The item's `changed_at` when the composer was opened: what was typed is a change of that.
    base = models.DateTimeField(null=True)
    # The posted fields, each with all its values.
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    # Saved or thrown away.
    done_at = models.DateTimeField(null=True)

    objects = ComposerDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(
                fields=["person", "-at"], condition=Q(done_at=None), name="composer_draft_open"
            )
        ]

    def __str__(self):
        return f"{self.person_id} {self.at:%Y-%m-%d %H:%M}"

    @property
    def title(self):
        """What tells it from others: its title, or its address."""
        return next(filter(None, (self.first(name) for name in ("title", "url"))), "")

    def first(self, name):
        return next(iter(self.data.get(name, [])), "")

    @classmethod
    def keep(cls, key, *, by, content, base, data):
        """Writes down what `by` has typed. False when it was saved or thrown away meanwhile, or is
        somebody else's."""
        written = {"data": data, "at": timezone.now()}
        row, is_new = cls.objects.get_or_create(
            key=key, defaults={"person": by, "content": content, "base": base, **written}
        )
        mine = cls.objects.of(by).filter(key=row.key)
        return is_new or bool(mine.update(**written))

    @classmethod
    def finish(cls, key, *, by):
        """Saved, or thrown away: what still arrives for it is late."""
        done = {"data": {}, "done_at": timezone.now()}
        mine, is_new = cls.objects.get_or_create(key=key, defaults={"person": by, **done})
        if not is_new:
            cls.objects.of(by).filter(key=mine.key).update(**done)
