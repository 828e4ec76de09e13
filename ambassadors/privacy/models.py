import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.accounts.models import LastAdmin, User

FOLDER = "exports"


class Gone(Exception):
    """The file was fetched already, or has waited for too long."""


def new_nonce():
    """32 characters, 192 bits from the system's random source."""
    return secrets.token_urlsafe(24)


class ExportQuerySet(models.QuerySet):
    def to_make(self):
        return self.filter(ready_at=None)

    def waiting(self, now):
        """Made, not fetched yet, and still to be had."""
        return self.filter(ready_at__isnull=False, fetched_at=None, expires_at__gt=now)

    def over(self, now):
        """With a file nobody may fetch any more."""
        return self.exclude(file="").filter(Q(expires_at__lte=now) | Q(fetched_at__isnull=False))


class Export(models.Model):
    """Everything held about a person, as a file for them: asked for, made, fetched once."""

    SALT = "porte-voix.export"
    LIFE = timedelta(hours=24)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    nonce = models.CharField(max_length=40, default=new_nonce, editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    file = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ready_at=None), name="export_one_being_made_per_person"
            ),
            models.CheckConstraint(
                condition=Q(ready_at=None) | Q(expires_at__isnull=False),
                name="export_ready_has_an_end",
            ),
        ]

    def __str__(self):
        return f"{self.pk} {self.asked_at:%Y-%m-%d}"

    @classmethod
    @transaction.atomic
    def ask(cls, user):
        """A person asks for theirs; one that is being made is enough."""
        export, is_new = cls.objects.get_or_create(user=user, ready_at=None)
        if is_new:
            record("export.asked", subject=user, actor=user)
        return export

    def keep(self, content: bytes) -> bool:
        """Takes the file that was made. False when another worker was faster."""
        name = storages["private"].save(f"{FOLDER}/{self.nonce}.zip", ContentFile(content))
        now = timezone.now()
        kept = {"ready_at": now, "expires_at": now + self.LIFE, "file": name, "size": len(content)}
        if type(self).objects.to_make().filter(pk=self.pk).update(**kept):
            for field, value in kept.items():
                setattr(self, field, value)
            return True
        storages["private"].delete(name)
        return False

    @property
    def token(self):
        return signing.Signer(salt=self.SALT).sign_object([self.pk, self.nonce])

    @property
    def url(self):
        return settings.BASE_URL + reverse("ambassadors:my-data-download", args=[self.token])

    @classmethod
    def from_token(cls, token, *, of):
        """The export behind a link, for the person it is about. Raises DoesNotExist."""
        try:
            pk, nonce = signing.Signer(salt=cls.SALT).unsign_object(token)
        except (signing.BadSignature, ValueError):
            raise cls.DoesNotExist from None
        return cls.objects.get(pk=pk, nonce=nonce, user=of)

    @property
    def is_there(self):
        return bool(self.ready_at and not self.fetched_at and self.expires_at > timezone.now())

    @transaction.atomic
    def fetch(self) -> bytes:
        """The file, once. Raises Gone."""
        now = timezone.now()
        if not type(self).objects.waiting(now).filter(pk=self.pk).update(fetched_at=now):
            raise Gone
        with storages["private"].open(self.file) as file:
            content = file.read()
        record("export.fetched", subject=self.user, actor=self.user)
        transaction.on_commit(self.drop, robust=True)
        return content

    def drop(self):
        """Deletes the file; that it was made stays for a while."""
        if self.file:
            storages["private"].delete(self.file)
        type(self).objects.filter(pk=self.pk).update(file="")


class Reason(models.TextChoices):
    ASKED = "asked", pgettext_lazy("erasure", "The person asked")
    LEFT = "left", pgettext_lazy("erasure", "Left the company")
    AGAIN = "again", pgettext_lazy("erasure", "Once more after a restore")


class ErasureRequestQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(due_at__lte=now)


class ErasureRequest(models.Model):
    """A person asked to be erased, and may still take it back."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="erasure_request"
    )
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField()

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]

    def __str__(self):
        return f"{self.user_id} {self.due_at:%Y-%m-%d}"

    @classmethod
    @transaction.atomic
    def ask(cls, user):
        """Gives the request. Asking twice changes no date. Raises LastAdmin."""
        if is_last_admin(user):
            raise LastAdmin
        days = timedelta(days=settings.ERASURE_UNDO_DAYS)
        request, is_new = cls.objects.get_or_create(
            user=user, defaults={"due_at": timezone.now() + days}
        )
        if is_new:
            record("erasure.asked", subject=user, actor=user)
        return request

    @classmethod
    @transaction.atomic
    def take_back(cls, user):
        """The person stays. Nothing happens where nothing was asked."""
        gone, _each = cls.objects.filter(user=user).delete()
        if gone:
            record("erasure.taken_back", subject=user, actor=user)


def is_last_admin(user) -> bool:
    return set(User.objects.active().admins().values_list("pk", flat=True)) == {user.pk}


class Erasure(models.Model):
    """The proof that somebody was erased: see marks.py. Nothing in it leads back to a person."""

    mark = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=5, choices=Reason)
    at = models.DateTimeField(default=timezone.now, editable=False)
    # What they had agreed to, and when: [[purpose, given, day, fingerprint of the text], …].
    consents = models.JSONField(default=list)
    # {table: rows} that are gone, and {table: rows} of others that still hold the name or address.
    removed = models.JSONField(default=dict)
    left_in = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return f"{self.mark[:8]} {self.at:%Y-%m-%d}"

    @property
    def rows_removed(self):
        return sum(self.removed.values())


class RetentionRun(models.Model):
    """What a rule removed on a day, and when it last ran then."""

    rule = models.CharField(_("kind of data"), max_length=30)
    day = models.DateField()
    at = models.DateTimeField()
    removed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "day"], name="retention_run_once_a_day")
        ]

    def __str__(self):
        return f"{self.rule} {self.day} {self.removed}"

    @classmethod
    def note(cls, rule, removed, now):
        """Adds to the day's line."""
        day = timezone.localdate(now, timezone.get_default_timezone())
        line, is_new = cls.objects.get_or_create(
            rule=rule, day=day, defaults={"at": now, "removed": removed}
        )
        if not is_new:
            cls.objects.filter(pk=line.pk).update(at=now, removed=F("removed") + removed)
