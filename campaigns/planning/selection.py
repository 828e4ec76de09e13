"""Who is meant: places in the company, languages and tags, turned into people."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.models import User
from ambassadors.accounts.roles import Belonging
from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador

Ids = frozenset[int]


class Who(models.TextChoices):
    EMPLOYEES = "employees", _("Employees")
    CUSTOMERS = "customers", _("Customers")
    BOTH = "both", _("Employees and customers")

    @property
    def belongings(self) -> list[str]:
        """As in User.belonging."""
        if self == self.BOTH:
            return Belonging.values
        return [Belonging.CUSTOMER if self == self.CUSTOMERS else Belonging.EMPLOYEE]

    @classmethod
    def taking_in(cls, belonging: str) -> list[str]:
        return [who for who in cls if belonging in who.belongings]


@dataclass(frozen=True)
class Selection:
    """What an audience says, saved or not. An empty set means everybody; exclusions win.

    who: employees, customers or both. A customer has no department, place or tag: these choose
    among employees, and languages and exclusions among all.

    departments, excluded_departments, locations and excluded_people hold primary keys. A
    department stands for everything beneath it.
    """

    departments: Ids = frozenset()
    locations: Ids = frozenset()
    languages: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    excluded_departments: Ids = frozenset()
    excluded_people: Ids = frozenset()
    who: str = Who.EMPLOYEES

    def people(self) -> QuerySet[User]:
        """The users it takes in, today. The mirror of CampaignQuerySet.meant_for()."""
        people = User.objects.active().filter(belonging__in=Who(self.who).belongings)
        works = Q()
        if self.departments:
            works &= _works_in(self.departments)
        if self.locations:
            works &= Q(person__location__in=self.locations)
        if self.tags:
            works &= Q(person__tags__overlap=sorted(self.tags))
        if works:
            people = people.filter(works | Q(belonging=Belonging.CUSTOMER))
        if self.languages:
            people = people.filter(language__in=self.languages)
        # Not `exclude(department in …)`: NULL departments must stay in.
        kept_out = User.objects.filter(_works_in(self.excluded_departments))
        return people.exclude(pk__in=kept_out.values("pk")).exclude(pk__in=self.excluded_people)

    def ambassadors(self) -> QuerySet[Ambassador]:
        """The active ambassadors it takes in, today: whoever a campaign writes to."""
        return Ambassador.objects.active().filter(user__in=self.people())


def _works_in(departments):
    within = beneath(departments)
    return Q(person__department__in=within) | Q(person__team__in=within)


def beneath(departments: Iterable[int]) -> set[int]:
    """The departments given and all their teams, at any depth."""
    return Department.objects.beneath(departments)


ABOVE = """
WITH RECURSIVE up (department) AS (
    SELECT unnest(%s::bigint[])
    UNION
    SELECT parent_id FROM up JOIN ambassadors_department ON id = department
    WHERE parent_id IS NOT NULL
)
SELECT department FROM up
"""


def above(departments: Iterable[int]) -> RawSQL:
    """For `…__in`: the departments given and all those they belong to, up to the top."""
    return RawSQL(ABOVE, [sorted(departments)])  # noqa: S611 — no words of anybody's in it
