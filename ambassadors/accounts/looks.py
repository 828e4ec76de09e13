"""Who looked at whom. Written by every page that shows people by name to those who run things."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """Somebody with a role saw a person’s data: once a day for each page. The person reads it."""

    class What(models.TextChoices):
        PEOPLE = "people", _("Saw you in the list of people")
        IMPORT = "import", _("Saw your line in an import")
        EXPORT = "export", _("Downloaded a list with your name")
        TRAIL = "trail", _("Asked the audit trail about you")
        ROLES = "roles", _("Saw your role in the list of roles")
        FIGURES = "figures", _("Saw your own figures, as you allow")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="looks")
    # Empty once whoever looked has been erased themselves.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    day = models.DateField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "by", "what", "day"], name="look_once_a_day_for_each_page"
            )
        ]
        indexes = [models.Index(fields=["day"], name="look_by_day")]

    def __str__(self):
        return f"{self.what} {self.day}"


def note_look(by, people: Iterable[int], what: Look.What) -> None:
    """Writes down that `by` (a User) saw the data of `people` (ids of users)."""
    day = timezone.localdate(timezone=timezone.get_default_timezone())
    seen = {person for person in people if person != by.pk}
    rows = [Look(person_id=person, by=by, what=what, day=day) for person in sorted(seen)]
    Look.objects.bulk_create(rows, ignore_conflicts=True)
