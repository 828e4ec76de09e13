import secrets
import uuid

from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Link


class ClickKind(models.TextChoices):
    """Who or what clicked. Nothing is dropped: reports show people, and the rest on request."""

    HUMAN = "human", pgettext_lazy("click", "Person")
    REPEAT = "repeat", pgettext_lazy("click", "Same person again")
    SELF = "self", pgettext_lazy("click", "The ambassador’s own")
    BOT = "bot", pgettext_lazy("click", "Robot")
    PREVIEW = "preview", pgettext_lazy("click", "Link preview")
    SCANNER = "scanner", pgettext_lazy("click", "Mail scanner")
    PREFETCH = "prefetch", pgettext_lazy("click", "Loaded in advance")


class Click(models.Model):
    """One answered request for a link, as it came: append-only but for its classification.

    The table is partitioned by month, hence the composite key: PostgreSQL wants the time in it.
    `id` alone is the event's own number, minted where the click was answered.
    No foreign keys in the database: a click is a fact, never refused for what it points to.
    """

    pk = models.CompositePrimaryKey("at", "id")
    id = models.UUIDField(default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="clicks"
    )
    # Where the ambassador worked at that time, so that totals can be rebuilt later.
    department = models.ForeignKey(
        Department,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(max_length=10, choices=ClickKind)
    reason = models.CharField(max_length=60, blank=True)
    is_first = models.BooleanField(default=False)
    agent = models.CharField(max_length=400, blank=True)
    referrer = models.CharField(max_length=100, blank=True)
    purpose = models.CharField(max_length=60, blank=True)
    # Salted hash of address and agent, never the address; NULL when the browser asks not to be.
    visitor = models.BinaryField(max_length=16, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ClickKind.values), name="click_kind_known"),
            models.CheckConstraint(
                condition=Q(is_first=False) | Q(kind=ClickKind.HUMAN), name="click_first_is_human"
            ),
        ]
        indexes = [models.Index(fields=["link", "visitor", "at"], name="click_by_visitor")]

    def __str__(self):
        return f"{self.id} {self.kind}"


class TallyQuerySet(models.QuerySet):
    def human(self):
        return self.filter(kind=ClickKind.HUMAN)

    def between(self, first, last):
        """Both days included."""
        return self.filter(day__gte=first, day__lte=last)

    def totals(self):
        """{"clicks": …, "uniques": …}, zero where there is nothing."""
        return self.aggregate(clicks=Sum("clicks", default=0), uniques=Sum("uniques", default=0))


class Tally(models.Model):
    """How many clicks of a kind a link had on a day: the finest that is kept for good.

    A sum of Click rows, written in their transaction, that can be rebuilt from them at any time.
    """

    day = models.DateField()
    link = models.ForeignKey(Link, models.PROTECT, db_index=False, related_name="tallies")
    kind = models.CharField(max_length=10, choices=ClickKind)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    ambassador = models.ForeignKey(Ambassador, models.SET_NULL, null=True, related_name="tallies")
    content = models.ForeignKey(Content, models.PROTECT, related_name="tallies")
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="tallies")
    network = models.ForeignKey(Network, models.PROTECT, db_index=False, related_name="+")
    clicks = models.PositiveIntegerField(default=0)
    uniques = models.PositiveIntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "day", "kind", "department"],
                name="tally_one_per_link_day_kind_department",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(uniques__lte=F("clicks")), name="tally_uniques_within_clicks"
            ),
            models.CheckConstraint(
                condition=Q(uniques=0) | Q(kind=ClickKind.HUMAN), name="tally_uniques_are_human"
            ),
        ]
        indexes = [
            models.Index(fields=["day", "kind"], name="tally_by_day"),
            models.Index(fields=["campaign", "day"], name="tally_by_campaign"),
        ]

    def __str__(self):
        return f"{self.day} {self.link_id} {self.kind} {self.clicks}"


class HourTally(models.Model):
    """The same by the hour, for as long as raw clicks are kept.

    hour: its start, on the organisation's clock. Written far more often than anything else that
    points to a link, hence no foreign keys in the database: its clicks have none either.
    """

    hour = models.DateTimeField()
    link = models.ForeignKey(
        Link, models.PROTECT, db_constraint=False, db_index=False, related_name="hour_tallies"
    )
    kind = models.CharField(max_length=10, choices=ClickKind)
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    ambassador = models.ForeignKey(
        Ambassador,
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="hour_tallies",
    )
    content = models.ForeignKey(
        Content, models.PROTECT, db_constraint=False, db_index=False, related_name="hour_tallies"
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_constraint=False, db_index=False, related_name="hour_tallies"
    )
    network = models.ForeignKey(
        Network, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    clicks = models.PositiveIntegerField(default=0)
    uniques = models.PositiveIntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "link", "kind", "department"],
                name="hour_tally_one_per_hour_link_kind_department",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(uniques__lte=F("clicks")), name="hour_tally_uniques_within_clicks"
            ),
            models.CheckConstraint(
                condition=Q(uniques=0) | Q(kind=ClickKind.HUMAN), name="hour_tally_uniques_human"
            ),
        ]

    def __str__(self):
        return f"{self.hour} {self.link_id} {self.kind} {self.clicks}"


class DayTotal(models.Model):
    """How many clicks of a kind a content had on a day, on a network, from a department.

    What reports read: a sum of Tally rows over links, so that its size does not follow the number
    of ambassadors. uniques are daily and per link, as there.
    """

    day = models.DateField()
    content = models.ForeignKey(Content, models.PROTECT, related_name="day_totals")
    network = models.ForeignKey(Network, models.PROTECT, db_index=False, related_name="+")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=ClickKind)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="day_totals"
    )
    clicks = models.PositiveIntegerField(default=0)
    uniques = models.PositiveIntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "content", "network", "department", "kind"],
                name="day_total_one_per_day_content_network_department_kind",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(uniques__lte=F("clicks")), name="day_total_uniques_within_clicks"
            ),
            models.CheckConstraint(
                condition=Q(uniques=0) | Q(kind=ClickKind.HUMAN), name="day_total_uniques_are_human"
            ),
        ]
        indexes = [
            models.Index(fields=["day", "kind"], name="day_total_by_day"),
            models.Index(fields=["department", "day"], name="day_total_by_department"),
            models.Index(fields=["campaign", "day"], name="day_total_by_campaign"),
        ]

    def __str__(self):
        return f"{self.day} {self.content_id} {self.kind} {self.clicks}"


class HorizonQuerySet(models.QuerySet):
    def whole_from(self):
        """The day before which raw clicks were dropped; None when none ever were."""
        return self.values_list("day", flat=True).first()

    def advance(self, day):
        """To `day`, never back."""
        Horizon.objects.update_or_create(
            pk=1, defaults={"day": max(filter(None, [day, self.whole_from()]))}
        )


class Horizon(models.Model):
    """One row: raw clicks of earlier days are gone, and totals of those days are final.

    Kept, because it cannot be seen from the clicks: a late one may bring an old month back, and
    a total rebuilt from that one alone would forget all the others.
    """

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    day = models.DateField()

    objects = HorizonQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="horizon_is_one_row")]

    def __str__(self):
        return f"{self.day}"


def new_salt():
    return secrets.token_bytes(16)


class SaltQuerySet(models.QuerySet):
    def older_than(self, day):
        return self.filter(day__lt=day)


class Salt(models.Model):
    """What makes a visitor's hash of one day unlike that of any other. Gone within 48 hours."""

    day = models.DateField(primary_key=True)
    value = models.BinaryField(max_length=16, default=new_salt)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SaltQuerySet.as_manager()

    def __str__(self):
        return f"{self.day}"
