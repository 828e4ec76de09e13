"""The list that HR's system leaves every day: when it is fetched, from where, and what stops it."""

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from activity.outside import in_words
from ambassadors.accounts.sso.sealing import seal, unseal
from ambassadors.directory.imports.table import Refused

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class ImportSchedule(models.Model):
    """There is one, and it is off until an administrator says where the list is."""

    class Place(models.TextChoices):
        # Translators: fr: Le dossier d’import du serveur
        FOLDER = "folder", _("The server’s import folder")
        # Translators: fr: Une adresse https
        ADDRESS = "address", _("An https address")

    class Outcome(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("scheduled import", "Fetched")
        # Translators: fr: Le même fichier : rien à faire
        SAME = "same", pgettext_lazy("scheduled import", "The same file: nothing to do")
        # Translators: fr: Aucun fichier à prendre
        NO_FILE = "no_file", pgettext_lazy("scheduled import", "No file to take")
        UNREACHABLE = "unreachable", pgettext_lazy("scheduled import", "Not reached")
        REFUSED = "refused", pgettext_lazy("scheduled import", "File refused")
        # Translators: fr: Le secret doit être saisi de nouveau
        NO_SECRET = "no_secret", pgettext_lazy("scheduled import", "Secret to be entered again")
        # Translators: fr: La personne qui l’a réglé n’en a plus le droit
        NO_RIGHT = (
            "no_right",
            pgettext_lazy("scheduled import", "Whoever set it up may no longer import"),
        )

    is_on = models.BooleanField(_("fetch the list every day"), default=False)
    place = models.CharField(_("from"), max_length=7, choices=Place, default=Place.ADDRESS)
    pattern = models.CharField(_("name of the file"), max_length=100, blank=True, default="*.csv")
    url = models.CharField(_("address"), max_length=1000, blank=True)
    header_name = models.CharField(_("name of the header"), max_length=60, blank=True)
    sealed_header = models.TextField(blank=True, editable=False)
    at = models.TimeField(_("time of day"), default=dt.time(6))
    most_leaving = models.PositiveSmallIntegerField(
        # Translators: fr: s’arrêter quand plus de … % partiraient
        _("stop when more than this percentage would leave"),
        default=5,
        validators=PERCENT,
    )
    most_errors = models.PositiveSmallIntegerField(
        # Translators: fr: s’arrêter quand plus de … % des lignes sont en erreur
        _("stop when more than this percentage of lines is in error"),
        default=2,
        validators=PERCENT,
    )
    invite = models.BooleanField(_("invite the new people"), default=False)
    # Whose rights count: what this person may not do by hand, the list may not do either.
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    # [header, field] for each column, from the last list that somebody sent on its way.
    columns = models.JSONField(default=list, blank=True, editable=False)
    next_at = models.DateTimeField(null=True, editable=False)
    ran_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, editable=False)
    problem = models.JSONField(default=dict, blank=True, editable=False)
    last_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="import_schedule_only_one"),
            models.CheckConstraint(
                condition=Q(is_on=False) | Q(next_at__isnull=False),
                name="import_schedule_on_has_next",
            ),
        ]

    def __str__(self):
        return self.url if self.place == self.Place.ADDRESS else self.pattern

    def get_absolute_url(self):
        return reverse("ambassadors:import-schedule")

    @classmethod
    def the_one(cls):
        """The schedule, made on first sight."""
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def problem_text(self):
        """Why the last run brought nothing, where there is more to say than its outcome."""
        if self.outcome == self.Outcome.REFUSED:
            return str(Refused.from_code(self.problem["code"], self.problem["params"]))
        if self.outcome == self.Outcome.UNREACHABLE:
            return in_words(self.problem["code"])
        return ""

    @property
    def is_due(self):
        return self.is_on and self.next_at <= timezone.now()

    @property
    def _asked_of(self):
        """Who hears the secret, and how: another one must not hear it by a slip."""
        parts = urlsplit(self.url)
        return parts.scheme, parts.netloc, self.header_name

    @property
    def has_secret(self):
        return bool(self.sealed_header)

    @property
    def secret(self):
        """Raises Unreadable when the server's key is another one now."""
        return unseal(self.sealed_header)

    @transaction.atomic
    def set_up(self, *, by, secret=""):
        """Keeps what the form put on it; an empty `secret` leaves the one there is.

        Another place gets no secret of the old one: it would be sent to a stranger.
        """
        before = type(self).objects.select_for_update().get(pk=self.pk)
        if secret:
            self.sealed_header = seal(secret)
        elif before._asked_of != self._asked_of:
            self.sealed_header = ""
        self.set_by, self.next_at = by, self._next(timezone.now())
        self.save()
        record(
            "import_schedule.changed",
            subject=self,
            actor=by,
            on=self.is_on,
            place=self.place,
            at=self.at.isoformat("minutes"),
        )

    @transaction.atomic
    def ask_now(self, by):
        """The next sweep fetches it; the hour of every day stays."""
        changed = type(self).objects.filter(pk=self.pk, is_on=True).update(next_at=timezone.now())
        if changed:
            record("import_schedule.asked", subject=self, actor=by)
        return bool(changed)

    def _next(self, now):
        """The first moment after `now` at which it is `at`, where the company is."""
        zone = timezone.get_default_timezone()
        day = now.astimezone(zone).date()
        moments = (
            dt.datetime.combine(day + dt.timedelta(days), self.at, zone) for days in range(2)
        )
        return next(moment for moment in moments if moment > now)

    @transaction.atomic
    def close_run(self, outcome, **problem):
        """What became of today's; anything but a list, old or new, is told to HR."""
        now = timezone.now()
        self.outcome, self.problem, self.ran_at = outcome, problem, now
        self.next_at = self._next(now)
        self.save(update_fields=["outcome", "problem", "ran_at", "next_at"])
        if outcome not in {self.Outcome.TAKEN, self.Outcome.SAME}:
            record("import_schedule.failed", subject=self, actor=None, reason=outcome)

    def remember(self, headers: Iterable[str], mapping: Iterable[str | None], *, digest: str):
        """The list that was written: the next ones are read like it, and it is not taken twice."""
        self.columns = [list(pair) for pair in zip(headers, mapping, strict=True)]
        self.last_digest = digest
        self.save(update_fields=["columns", "last_digest"])

    def mapping_of(self, headers: list[str]) -> list[str | None] | None:
        """The fields of these columns, in any order; None when they are not those remembered."""
        if sorted(headers) != sorted(header for header, _field in self.columns):
            return None
        left = [tuple(pair) for pair in self.columns]
        mapping = []
        for header in headers:
            pair = next(pair for pair in left if pair[0] == header)
            left.remove(pair)
            mapping.append(pair[1])
        return mapping
