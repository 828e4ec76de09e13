"""The figures of single people, for whom they let see them: their manager, and their HR managers.

Nothing is shown of anybody else, also not by subtraction: where a department has not enough people
who keep theirs to themselves, taking those shown away from its total would tell the others'.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum

from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import User
from ambassadors.enrolment.models import Ambassador, Consent
from campaigns.home.effect import today
from campaigns.reach.period import midnight
from campaigns.sharing.models import Share
from campaigns.tracking.models import Tally

DAYS = 28
PAGE = 50


@dataclass(frozen=True)
class Given:
    ambassador: Ambassador
    posts: int
    visits: int


class GivenFigures:
    """What `viewer` may see of single people, over the last 28 whole days."""

    def __init__(self, viewer: User, page: str | None = None):
        self.viewer = viewer
        self.last = today() - timedelta(days=1)
        self.first = self.last - timedelta(days=DAYS - 1)
        self.page = Paginator(self.people, PAGE).get_page(page)

    @property
    def minimum(self) -> int:
        return settings.MINIMUM_GROUP

    @cached_property
    def people(self):
        """Those whose figures are shown, by name."""
        told = self._theirs.exclude(self._too_few_beside)
        names = ("user__last_name", "user__first_name", "pk")
        return told.select_related("user__person__department").order_by(*names)

    @cached_property
    def held_back(self) -> int:
        """How many said yes and are not shown, for the sake of their colleagues."""
        return self._theirs.filter(self._too_few_beside).count()

    @cached_property
    def lines(self) -> list[Given]:
        """The people of the page, each with their declared posts and measured visits."""
        keys = [each.pk for each in self.page]
        declared = Share.objects.declared().filter(
            link__ambassador__in=keys,
            declared_at__gte=midnight(self.first),
            declared_at__lt=midnight(self.last + timedelta(days=1)),
        )
        posts = dict(declared.values_list("link__ambassador").annotate(n=Count("pk")).order_by())
        human = Tally.objects.human().between(self.first, self.last).filter(ambassador__in=keys)
        visits = dict(human.values_list("ambassador").annotate(n=Sum("clicks")).order_by())
        return [Given(each, posts.get(each.pk, 0), visits.get(each.pk, 0)) for each in self.page]

    def note(self) -> None:
        """Each person can read on “My data” that it was looked at, and by whom."""
        note_look(self.viewer, [each.user_id for each in self.page], Look.What.FIGURES)

    @property
    def _theirs(self):
        """Who said yes, and has the viewer for a manager."""
        managed = Q(user__person__manager=self.viewer)
        if self.viewer.has_perm("ambassadors.see_people"):
            managed |= Q(user__in=User.objects.overseen_by(self.viewer))
        others = _enrolled().exclude(user=self.viewer)
        return others.filter(managed, user__in=_said_yes())

    @cached_property
    def _too_few_beside(self) -> Q:
        """Of departments whose other members are fewer than the minimum."""
        silent = Count("pk", filter=~Q(user__in=_said_yes()))
        departments = _enrolled().values_list("user__person__department").annotate(n=silent)
        few = {pk for pk, n in departments.order_by() if n < self.minimum}
        query = Q(user__person__department__in=few - {None})
        return query | Q(user__person__department=None) if None in few else query


def _enrolled():
    return Ambassador.objects.enrolled().filter(user__in=User.objects.active().employees())


def _said_yes():
    return Consent.objects.filter(purpose=Consent.Purpose.MANAGER_VIEW).standing().values("user")
