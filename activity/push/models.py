"""The browsers people asked to be told in, and the key by which a push service knows us."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from activity.push import crypto
from activity.vault import seal, unseal

PURPOSE = "push"


class PushKey(models.Model):
    """One row, made when it is first needed: a browser takes messages signed with it alone."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=100)
    sealed_private = models.TextField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="push_key_only_one")]

    def __str__(self):
        return self.public

    @classmethod
    def current(cls) -> "PushKey":
        if found := cls.objects.first():
            return found
        public, private = crypto.new_key()
        # Of two processes that start together the second takes the first one's.
        made = cls(public=public, sealed_private=seal(private, PURPOSE))
        cls.objects.bulk_create([made], ignore_conflicts=True)
        return cls.objects.get()

    @property
    def private(self) -> str:
        """Raises Unreadable: the server's own key was lost, and people have to ask anew."""
        return unseal(self.sealed_private, PURPOSE)


class BrowserQuerySet(models.QuerySet):
    def of(self, person):
        return self.filter(person=person)

    def reaching(self, people):
        """Which of `people` (ids) have asked for it in some browser."""
        return set(self.filter(person__in=people).values_list("person", flat=True))


class Browser(models.Model):
    """One browser of one person. `address` is where its push service takes messages for it."""

    # A person who asks in an eleventh loses the one asked in longest ago.
    MOST = 10

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="browsers")
    address = models.CharField(max_length=1000)
    key = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    device = models.CharField(max_length=40, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    reached_at = models.DateTimeField(null=True, editable=False)

    objects = BrowserQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["address"], name="browser_address_once")]

    def __str__(self):
        return self.device or "?"

    @classmethod
    @transaction.atomic
    def add(cls, person, *, address, key, auth, device) -> "Browser":
        """The person's from now on, whoever used this browser before."""
        told = {"person": person, "key": key, "auth": auth, "device": device}
        browser, _made = cls.objects.update_or_create(
            address=address, defaults=told | {"added_at": timezone.now()}
        )
        kept = cls.objects.of(person).values("pk")[: cls.MOST]
        cls.objects.of(person).exclude(pk__in=kept).delete()
        return browser

    def mark_reached(self):
        type(self).objects.filter(pk=self.pk).update(reached_at=timezone.now())
