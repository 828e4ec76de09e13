"""Whether two campaigns may be meant for the same people."""

from collections.abc import Iterable
from dataclasses import dataclass

from ambassadors.directory.models import Department
from campaigns.planning.models import Audience, Campaign

Ids = frozenset[int]


@dataclass(frozen=True)
class Reached:
    """Whom an audience takes in. Empty is everybody; departments come with all beneath them."""

    departments: Ids = frozenset()
    excluded: Ids = frozenset()
    locations: Ids = frozenset()
    languages: frozenset[str] = frozenset()

    def may_meet(self, other: "Reached") -> bool:
        """False where no one person can be in both. Tags part nobody: one may have several."""
        pairs = [(self.locations, other.locations), (self.languages, other.languages)]
        if any(mine and theirs and not mine & theirs for mine, theirs in pairs):
            return False
        mine, theirs = self.departments - other.excluded, other.departments - self.excluded
        if self.departments and other.departments:
            return bool(mine & theirs)
        return bool(mine or not self.departments) and bool(theirs or not other.departments)


def reached_by(campaigns: Iterable[Campaign]) -> dict[int, Reached]:
    """{campaign key: whom it reaches}; one without an audience reaches everybody."""
    reached = {campaign.pk: Reached() for campaign in campaigns}
    audiences = Audience.objects.filter(campaign__in=reached).prefetch_related(
        "departments", "excluded_departments", "locations"
    )
    beneath = _Beneath()
    for audience in audiences:
        reached[audience.campaign_id] = Reached(
            beneath.all_of(audience.departments.all()),
            beneath.all_of(audience.excluded_departments.all()),
            frozenset(place.pk for place in audience.locations.all()),
            frozenset(audience.languages),
        )
    return reached


class _Beneath:
    """The tree of departments, read once."""

    def __init__(self):
        self.parents = dict(Department.objects.values_list("pk", "parent_id"))

    def all_of(self, departments) -> Ids:
        tops = {department.pk for department in departments}
        return frozenset(pk for pk in self.parents if tops and self._is_under(pk, tops))

    def _is_under(self, pk, tops):
        while pk is not None:
            if pk in tops:
                return True
            pk = self.parents.get(pk)
        return False
