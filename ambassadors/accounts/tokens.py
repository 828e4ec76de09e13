"""What another system shows to be let in: a token of one scope, made by an administrator.

    token, secret = ApiToken.issue("Entra ID", ApiToken.Scope.SCIM, by=admin)
    ApiToken.objects.holding(secret, ApiToken.Scope.SCIM)      the token, or None
    bearer_of(request)                                         what the request shows, or ""

The secret is shown once; only its SHA-256 is kept. A token is no user: it opens the addresses of
its scope and nothing else, and no page asks whose it is.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.models import User

# One write a minute is enough to see whether a token is still in use.
USE_IS_NOTED_EVERY = timedelta(minutes=1)
MARK = "pv"
SHOWN = 12  # characters of a secret by which people recognise it


def digest_of(secret: str) -> str:
    """SHA-256, hexadecimal. No salt and no stretching: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bearer_of(request: HttpRequest) -> str:
    """The secret in `Authorization: Bearer …`, "" when there is none."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


class ApiTokenQuerySet(models.QuerySet):
    def good(self, now):
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def of(self, scope):
        return self.filter(scope=scope)

    def holding(self, secret: str, scope: str) -> "ApiToken | None":
        """The good token of this scope that `secret` is, or None. Notes that it was used."""
        now = timezone.now()
        token = self.good(now).of(scope).filter(digest=digest_of(secret)).first()
        if token is not None:
            token.note_use(now)
        return token


class ApiToken(models.Model):
    """A named secret that opens one scope to another system."""

    class Scope(models.TextChoices):
        SCIM = "scim", _("Provisioning (SCIM)")
        CONVERSIONS = "conversions", _("Conversions")

    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(max_length=20, choices=Scope)
    beginning = models.CharField(max_length=SHOWN)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires on"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.name

    @classmethod
    @transaction.atomic
    def issue(
        cls, name: str, scope: str, *, by: User, expires_at: datetime | None = None
    ) -> tuple["ApiToken", str]:
        """A new token, and its secret: the only time anybody sees it."""
        secret = f"{MARK}_{scope}_{secrets.token_urlsafe(32)}"
        token = cls.objects.create(
            name=name,
            scope=scope,
            beginning=secret[:SHOWN],
            digest=digest_of(secret),
            created_by=by,
            expires_at=expires_at,
        )
        record("token.issued", subject=token, actor=by, scope=scope)
        return token, secret

    @transaction.atomic
    def revoke(self, by: User) -> None:
        """From the next request on it opens nothing; revoking twice changes nothing."""
        now = timezone.now()
        if type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now):
            self.revoked_at = now
            record("token.revoked", subject=self, actor=by, scope=self.scope)

    def note_use(self, now: datetime) -> None:
        """Writes down that it was used, once a minute at most."""
        before = now - USE_IS_NOTED_EVERY
        if self.last_used_at is None or self.last_used_at < before:
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)

    @property
    def is_good(self) -> bool:
        now = timezone.now()
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
