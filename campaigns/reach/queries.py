"""The report's figures, each set of them in one query, before any of them is hidden.

Nothing here may reach a page by itself: report.py decides what may be told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Caption, Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.reach.period import Period
from campaigns.reach.scope import Scope, declared_in, on_days, opened_in
from campaigns.sharing.models import Share
from campaigns.tracking.models import Tally

State = Ambassador.State
SOON = timedelta(days=7)
# So many people make a network large, whatever others are: no need to count further.
MANY = 500


class Clicks(NamedTuple):
    """Clicks of one kind. A sum of daily uniques is called that, and never people."""

    now: int
    uniques: int
    before: int


class Shares(NamedTuple):
    declared: int
    before: int
    seen: int
    unanswered: int


def clicks_by_kind(scope: Scope) -> dict[str, Clicks]:
    now, before = on_days(scope.period), on_days(scope.compared)
    rows = (
        scope.tallies.filter(now | before)
        .values_list("kind")
        .annotate(
            now=Sum("clicks", filter=now, default=0),
            uniques=Sum("uniques", filter=now, default=0),
            before=Sum("clicks", filter=before, default=0),
        )
        .order_by()
    )
    return {kind: Clicks(*figures) for kind, *figures in rows}


def shares(scope: Scope) -> Shares:
    now, before = declared_in(scope.period), declared_in(scope.compared)
    open_question = opened_in(scope.period) & Q(declared_at=None, dismissed_at=None)
    counts = scope.shares.filter(now | before | open_question).aggregate(
        declared=Count("pk", filter=now),
        before=Count("pk", filter=before),
        seen=Count("pk", filter=now & Q(seen_at__isnull=False)),
        unanswered=Count("pk", filter=open_question),
    )
    return Shares(**counts)


def active_people(scope: Scope, period: Period) -> QuerySet[Ambassador]:
    """Who declared a share in the period and was still enrolled at its end."""
    sharers = scope.shares.filter(declared_in(period)).exclude(link__ambassador=None)
    return (
        Ambassador.objects.filter(user__is_active=True, joined_at__lt=period.end)
        .exclude(state__in=[State.INVITED, State.DECLINED])
        .exclude(left_at__isnull=False, left_at__lt=period.end)
        .filter(pk__in=sharers.values("link__ambassador"))
    )


def active_by_department(scope: Scope, period: Period) -> dict[int | None, int]:
    people = active_people(scope, period).values_list("user__person__department")
    return dict(people.annotate(Count("pk")).order_by())


def active_by_week(scope: Scope, weeks: Iterable[Period]) -> list[int]:
    """Distinct people with a declared share in each of the weeks."""
    weeks = list(weeks)
    span = Period(min(week.first for week in weeks), max(week.last for week in weeks))
    counts = {
        f"week_{n}": Count("link__ambassador", distinct=True, filter=declared_in(week))
        for n, week in enumerate(weeks)
    }
    found = scope.shares.filter(declared_in(span)).aggregate(**counts)
    return [found[f"week_{n}"] for n in range(len(weeks))]


def bands(scope: Scope, period: Period) -> dict[str, int]:
    """How many active people gave each range of audience; "" for those who gave none."""
    people = active_people(scope, period).values_list("audience_band")
    return dict(people.annotate(Count("pk")).order_by())


def shares_by(scope: Scope, field: str) -> dict[int, int]:
    """Shares declared in the period by "network" or "content" (keys)."""
    declared = scope.shares.filter(declared_in(scope.period)).values_list(f"link__{field}")
    return dict(declared.annotate(Count("pk")).order_by())


def visits_by(scope: Scope, field: str) -> dict[int, int]:
    """People's clicks in the period by "network" or "content" (keys)."""
    tallies: QuerySet[Tally] = scope.tallies.filter(on_days(scope.period), kind="human")
    return dict(tallies.values_list(field).annotate(Sum("clicks")).order_by())


def most_used_wording(scope: Scope) -> dict[int, int]:
    """By content: declared shares that carried the suggested text used most, word for word."""
    used = scope.shares.filter(
        declared_in(scope.period), is_own_words=False, caption__isnull=False
    ).values_list("link__content", "caption")
    most: Counter[int] = Counter()
    for content, _caption, number in used.annotate(Count("pk")).order_by():
        most[content] = max(most[content], number)
    return dict(most)


def network_members() -> dict[int, set[int]]:
    """By network, the last offered first: who has ever declared a share there, up to MANY."""
    there = Share.objects.declared().filter(
        link__network=OuterRef(OuterRef("pk")), link__ambassador=OuterRef("pk")
    )
    some = Ambassador.objects.filter(Exists(there)).order_by().values("pk")[:MANY]
    networks = Network.objects.annotate(members=ArraySubquery(some)).order_by("-position", "-pk")
    return {pk: set(members) for pk, members in networks.values_list("pk", "members")}


def networks(keys: Iterable[int]) -> Mapping[int, Network]:
    return Network.objects.in_bulk(list(keys))


def contents(keys: Iterable[int]) -> Mapping[int, Content]:
    return Content.objects.select_related("campaign").in_bulk(list(keys))


def departments() -> Mapping[int, Department]:
    return Department.objects.in_bulk()


def launches(scope: Scope) -> list[Campaign]:
    """Campaigns that started within the trend, oldest first."""
    launched = Campaign.objects.filter(
        launched_at__gte=scope.weeks[0].start, launched_at__lt=scope.period.end
    ).exclude(pk__in=scope.left_out)
    if scope.campaign:
        launched = launched.filter(pk=scope.campaign.pk)
    if scope.kind:
        launched = launched.filter(kind=scope.kind)
    return list(launched.order_by("launched_at"))


def ending_soon(scope: Scope) -> int:
    """Published items that end within a week from now."""
    now = timezone.now()
    return scope.contents.published().filter(expires_at__gt=now, expires_at__lte=now + SOON).count()


def still_open(scope: Scope) -> int:
    """Published items that do not end within a week from now."""
    later = Q(expires_at=None) | Q(expires_at__gt=timezone.now() + SOON)
    return scope.contents.published().filter(later).count()


def waiting_for_approval() -> int:
    """Items and changed texts that somebody must read."""
    return Content.objects.waiting().count() + Caption.objects.waiting().count()


def anything_yet() -> bool:
    """Whether anybody ever shared, or clicked."""
    return Share.objects.declared().exists() or Tally.objects.exists()
