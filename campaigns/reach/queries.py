"""The report's figures, each set of them in one query, before any of them is hidden.

Nothing here may reach a page by itself: report.py decides what may be told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador, Topic
from campaigns.content.models import Caption, Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.reach.period import Period
from campaigns.reach.scope import Scope, declared_in, on_days, opened_in
from campaigns.sharing.models import Link, Share
from campaigns.tracking.models import ClickKind, Tally

State = Ambassador.State
TAKING_PART = [State.JOINING, State.ACTIVE, State.PAUSED]
SOON = timedelta(days=7)
# So many links make a network large.
MANY = 2000
Place = tuple[int, int]  # network, content


class Clicks(NamedTuple):
    """Clicks of one kind. A sum of daily uniques is called that, and never people."""

    now: int
    uniques: int
    before: int


class Members(NamedTuple):
    """How many people a network has, as far as it matters, and who (some) of them are."""

    size: int
    people: set[int]


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


def shares_by_place(scope: Scope) -> dict[Place, int]:
    """Shares declared in the period, by network and content."""
    declared = scope.shares.filter(declared_in(scope.period))
    rows = declared.values_list("link__network", "link__content").annotate(n=Count("pk"))
    return {(network, content): n for network, content, n in rows.order_by()}


def visits_by_place(scope: Scope) -> dict[Place, int]:
    """People's clicks in the period, by network and content."""
    human = scope.tallies.filter(on_days(scope.period), kind=ClickKind.HUMAN)
    rows = human.values_list("network", "content").annotate(n=Sum("clicks"))
    return {(network, content): n for network, content, n in rows.order_by()}


def most_used_wording(scope: Scope) -> dict[int, int]:
    """By content: declared shares that carried the suggested text used most, word for word."""
    used = scope.shares.filter(
        declared_in(scope.period), is_own_words=False, caption__isnull=False
    ).values_list("link__content", "caption")
    most: Counter[int] = Counter()
    for content, _caption, number in used.annotate(Count("pk")).order_by():
        most[content] = max(most[content], number)
    return dict(most)


def network_members() -> dict[int, Members]:
    """By network, the last offered first: who ever opened its composer with a link of theirs.

    Only networks where links are somebody's: the programme's own are nobody to hide.
    Nobody, where not a share was declared nor a visit counted: then there is nothing to hide.
    Links are read no further than needed. More of them than that are the minimum of people in any
    case, since nobody has two links to one item on one network; all networks with so many count
    as equally large, so that the answer does not depend on which links were read.
    """
    enough = max(MANY, settings.MINIMUM_GROUP * Content.objects.count())
    members = {
        pk: Members(enough if len(owners) == enough else len(set(owners)), set(owners))
        for pk, owners in _owners(enough).items()
    }
    few = [pk for pk, network in members.items() if 0 < network.size < settings.MINIMUM_GROUP]
    nothing = dict.fromkeys(set(few) - _with_figures(few), Members(0, set()))
    return {pk: nothing.get(pk, network) for pk, network in members.items()}


def _owners(enough):
    """By network, the owners of its links, no more of them than `enough`."""
    # "From it to it, in order" rather than "equal": else PostgreSQL, which expects a few links of
    # every network on every page, reads the whole table to find that one has none.
    there = Q(network_id__gte=OuterRef("pk"), network_id__lte=OuterRef("pk"))
    links = Link.objects.filter(there, ambassador__isnull=False).order_by("network_id")
    owners = ArraySubquery(links.values("ambassador")[:enough])
    networks = Network.objects.of_people().annotate(owners=owners).order_by("-position", "-pk")
    return dict(networks.values_list("pk", "owners"))


def _with_figures(networks):
    """Which of some small networks ever had a declared share or a visit."""
    if not networks:
        return set()
    shared = Share.objects.declared().filter(link__network__in=networks)
    visited = Tally.objects.human().filter(link__network__in=networks)
    shared, visited = (found.order_by().values_list("link__network") for found in (shared, visited))
    return {pk for (pk,) in shared.union(visited)}


def networks(keys: Iterable[int]) -> Mapping[int, Network]:
    return Network.objects.in_bulk(list(keys))


def contents(keys: Iterable[int]) -> Mapping[int, Content]:
    return Content.objects.select_related("campaign").in_bulk(list(keys))


def topics_of(contents: Iterable[int]) -> dict[int, list[int]]:
    """By content (key): its topics (keys)."""
    topics: dict[int, list[int]] = {}
    rows = Content.topics.through.objects.filter(content__in=list(contents))
    for content, topic in rows.values_list("content", "topic"):
        topics.setdefault(content, []).append(topic)
    return topics


def topics() -> Mapping[int, Topic]:
    return Topic.objects.in_bulk()


def starved_topics() -> list[tuple[Topic, int]]:
    """Topics that enough people follow and nothing can be shared on; with how many follow them."""
    fed = Content.objects.published().exclude(topics=None).values("topics")
    number = Count("followers", filter=Q(followers__state__in=TAKING_PART))
    starved = Topic.objects.exclude(pk__in=fed).annotate(number=number)
    told = starved.filter(number__gte=settings.MINIMUM_GROUP).order_by("-number", "name")
    return [(topic, topic.number) for topic in told]


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
