from django.db import models
from django.db.models import F, Q

from ambassadors.directory.models import Department, Location


class HeadCountQuerySet(models.QuerySet):
    def between(self, first, last):
        """Both days included."""
        return self.filter(day__gte=first, day__lte=last)


class HeadCount(models.Model):
    """How many people a department had in the programme at a place, at the end of a day.

    Kept because it cannot be worked out later: people move, leave and are erased, and last year's
    adoption must stay what it was. No row means that nobody was there.
    """

    day = models.DateField()
    # NULL is "no department": customers, and people HR has not placed.
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    employed = models.PositiveIntegerField(default=0)
    # Everybody ever asked, whatever they answered: so that a refusal shows nowhere.
    invited = models.PositiveIntegerField(default=0)
    enrolled = models.PositiveIntegerField(default=0)
    # Enrolled once, and gone since: their posts may still bring visits.
    former = models.PositiveIntegerField(default=0)
    # Of the enrolled: who declared a share in the 7 or 28 days up to and with this one.
    active_7 = models.PositiveIntegerField(default=0)
    active_28 = models.PositiveIntegerField(default=0)

    objects = HeadCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "department", "location"],
                name="head_count_once_per_day_and_group",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(active_28__lte=F("enrolled"), active_7__lte=F("active_28")),
                name="head_count_active_are_enrolled",
            ),
            models.CheckConstraint(
                condition=Q(enrolled__lte=F("invited")), name="head_count_enrolled_were_invited"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.department_id} {self.enrolled}"
