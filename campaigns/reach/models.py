from django.db import models
from django.db.models import F, Q

from ambassadors.directory.models import Department, Location
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign


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
    is_customers = models.BooleanField(default=False, db_default=False)
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
                fields=["day", "department", "location", "is_customers"],
                name="head_count_once_per_day_group_and_kind",
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


class AudienceCount(models.Model):
    """How many active people had given a range of audience, at the end of a day.

    Of the whole programme only: what people said of themselves is never told by department. Kept
    with the head count of that day, and like it never worked out again.
    """

    day = models.DateField()
    band = models.CharField(max_length=10, choices=Ambassador.Band, blank=True)
    active_7 = models.PositiveIntegerField(default=0)
    active_28 = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "band"], name="audience_count_once_per_day"),
            models.CheckConstraint(
                condition=Q(active_7__lte=F("active_28")), name="audience_count_7_within_28"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.band} {self.active_28}"


class PlaceTotal(models.Model):
    """How many clicks an item had on a day on a network; each kind of click in its own column.

    A sum of DayTotal rows over departments and kinds, written together with those
    (campaigns.tracking.rollups): a tenth of their number, whatever the programme's size.
    Without foreign keys in the database: DayTotal has them, and nothing else writes here.
    """

    day = models.DateField()
    content = models.ForeignKey(
        Content, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    network = models.ForeignKey(
        Network, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    campaign = models.ForeignKey(
        Campaign, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    uniques = models.IntegerField(default=0)
    # Named after ClickKind, but for `own`: Python has a meaning for self.
    human = models.IntegerField(default=0)
    repeat = models.IntegerField(default=0)
    own = models.IntegerField(default=0)  # ClickKind.SELF
    bot = models.IntegerField(default=0)
    preview = models.IntegerField(default=0)
    scanner = models.IntegerField(default=0)
    prefetch = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "content", "network"], name="place_total_one_per_day_and_place"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.content_id} {self.network_id}"
