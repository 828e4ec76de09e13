from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.models import validate_time_zone


class TwoNames(models.Model):
    """Something with a French name, and an English one where the company uses one."""

    name = models.CharField(_("name"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150, blank=True)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name


class DepartmentQuerySet(models.QuerySet):
    def open(self):
        """Those that are there today; closed ones stay for what was counted of them."""
        return self.filter(closed_on=None)

    def beneath(self, departments) -> set[int]:
        """The keys given and those of all their teams, at any depth."""
        found = set(departments)
        if not found:
            return found
        tree = list(self.exclude(parent=None).values_list("pk", "parent_id"))
        while added := {pk for pk, parent in tree if parent in found} - found:
            found |= added
        return found

    def by_full_name(self) -> list[tuple[int, str]]:
        """(key, name with all that it is beneath), so that two teams of one name differ."""
        by_key = {department.pk: department for department in self.model.objects.open()}

        def full_name(department):
            parent = by_key.get(department.parent_id)
            return f"{full_name(parent)} › {department}" if parent else str(department)

        return sorted(((pk, full_name(d)) for pk, d in by_key.items()), key=lambda each: each[1])

    def overseen_by(self, user):
        return self.filter(pk__in=user.overseen_ids) if user.is_limited else self


class Department(TwoNames):
    """A department, or one of its teams: the tree has as many levels as the company has."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    # Names it had, and those of what was merged into it: the HR system may go on writing them.
    former_names = ArrayField(models.CharField(max_length=150), default=list, blank=True)
    # A closed one is never deleted: figures of earlier days are about it.
    closed_on = models.DateField(null=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged"
    )

    objects = DepartmentQuerySet.as_manager()

    class Meta(TwoNames.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["name", "parent"],
                condition=Q(closed_on=None),
                name="department_name_once_per_parent",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(closed_on__isnull=False),
                name="department_merged_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="department_not_its_own_parent"
            ),
        ]

    @property
    def top(self) -> "Department":
        """Itself, or the one at the head of all it is beneath."""
        return self.parent.top if self.parent else self

    @property
    def is_closed(self):
        return self.closed_on is not None


class Location(TwoNames):
    """A place of work. It knows what time it is there."""

    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default=settings.TIME_ZONE,
        validators=[validate_time_zone],
    )

    class Meta(TwoNames.Meta):
        constraints = [models.UniqueConstraint(fields=["name"], name="location_name_once")]


class Person(models.Model):
    """Where somebody works, as the HR system says. Only a user who is an employee has one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="person", primary_key=True
    )
    # An empty number is "unknown", and any number of people may lack one: hence NULL, not "".
    employee_id = models.CharField(_("employee number"), max_length=40, null=True, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people"
    )
    team = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="team_people"
    )
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="people"
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_people",
    )
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    hire_date = models.DateField(_("hire date"), null=True, blank=True)
    leaves_on = models.DateField(_("leaves on"), null=True, blank=True)
    tags = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, verbose_name=_("tags")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employee_id"], name="person_employee_id_once"),
            models.CheckConstraint(
                condition=~Q(employee_id=""), name="person_employee_id_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=F("user")), name="person_not_own_manager"
            ),
        ]

    def __str__(self):
        return str(self.user)
