"""The browsers somebody logged in from, so that a login from elsewhere is noticed.

Kept is a mark of browser, system and network, from which none of them can be read.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from activity.origin import Origin

SALT = "ambassadors.accounts.devices"


class DeviceManager(models.Manager):
    def note(self, user, origin: Origin) -> bool:
        """Remembers where `user` logged in from; True when that is new, but not their very first.

        Whoever logs in for the first time has just been invited, and needs no warning.
        """
        mine = self.filter(user=user)
        had_any = mine.exists()
        kept = {"seen_at": timezone.now()}
        _row, is_new = self.update_or_create(user=user, mark=mark_of(user, origin), defaults=kept)
        return is_new and had_any


def mark_of(user, origin: Origin) -> str:
    words = f"{user.pk}:{origin.device}:{origin.network}"
    return salted_hmac(SALT, words, algorithm="sha256").hexdigest()


class Device(models.Model):
    """A browser on a network, as a mark."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices"
    )
    mark = models.CharField(max_length=64)
    seen_at = models.DateTimeField(_("last login"))

    objects = DeviceManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "mark"], name="device_once_per_person"),
        ]
        indexes = [models.Index(fields=["seen_at"], name="device_by_last_login")]

    def __str__(self):
        return self.mark[:8]
