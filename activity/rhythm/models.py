from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activity import calendar
from activity.calendar import Times


class Via(models.TextChoices):
    """Where what may wait goes: by one way, never by both."""

    EMAIL = "email", _("By e-mail")
    PUSH = "push", _("As a notification on my devices")


class HoursQuerySet(models.QuerySet):
    def of(self, people):
        """{person id: Hours} of those among `people` (ids) who said anything."""
        return {hours.person_id: hours for hours in self.filter(person__in=people)}

    def told_by_push(self, people):
        """Those among `people` (ids) who chose it, and have a browser that takes it."""
        chose = self.filter(person__in=people, via=Via.PUSH, person__browsers__isnull=False)
        return set(chose.values_list("person", flat=True))


class Hours(models.Model):
    """A person's word on when, and by which way, they are written to. No row: the company's."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="hours"
    )
    via = models.CharField(
        _("where we write to you"), max_length=10, choices=Via, default=Via.EMAIL
    )
    quiet_from = models.TimeField(_("quiet from"), default=calendar.QUIET_FROM)
    quiet_until = models.TimeField(_("until"), default=calendar.QUIET_UNTIL)
    weekends = models.BooleanField(_("write to me on weekends too"), default=False)
    # Blank: those of the time zone.
    region = models.CharField(_("public holidays"), max_length=8, blank=True)
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("to"), null=True, blank=True)

    objects = HoursQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(away_from=None, away_until=None)
                | Q(away_from__isnull=False, away_until__gte=models.F("away_from")),
                name="hours_leave_has_two_ends",
            )
        ]

    def __str__(self):
        return f"{self.quiet_from:%H:%M}-{self.quiet_until:%H:%M}"

    def times(self, zone: str) -> Times:
        return Times(
            zone=zone,
            quiet_from=self.quiet_from,
            quiet_until=self.quiet_until,
            weekends=self.weekends,
            region=self.region or calendar.region_of(zone),
            away=(self.away_from, self.away_until) if self.away_from else None,
        )


def times_of(hours: Hours | None, zone: str) -> Times:
    """When somebody in `zone` may be written to, who said `hours`, or nothing."""
    if hours:
        return hours.times(zone)
    quiet = calendar.quiet_hours()
    if quiet is None:
        # A company that works around the clock: it says so once, for everybody who says nothing.
        return Times(zone, quiet_from=time(), quiet_until=time(), weekends=True)
    return Times(zone, quiet_from=quiet[0], quiet_until=quiet[1], region=calendar.region_of(zone))


def times_of_person(person) -> Times:
    """person: a User; what they said is read unless it came along (`recipient__hours`)."""
    return times_of(getattr(person, "hours", None), person.time_zone)
