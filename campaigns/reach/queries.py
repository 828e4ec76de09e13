"""The report's figures, each set of them in one query, before any of them is hidden.

Nothing here may reach a page by itself: report.py decides what may be told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import TruncDate
from django.utils import timezone

from ambassadors.accounts.roles import Belonging
from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador, Topic
from campaigns.content.models import Caption, Content
from campaigns.networks.models import Network
from campaigns.planning.aimed import CUSTOMERS
from campaigns.planning.models import Campaign
from campaigns.reach.models import AudienceCount, PlaceTotal
from campaigns.reach.period import Period, zone
from campaigns.reach.scope import Scope, declared_in, on_days, opened_in
from campaigns.sharing.models import Share
from campaigns.tracking.models import ClickKind, DayTotal

State = Ambassador.State
TAKING_PART = [State.JOINING, State.ACTIVE, State.PAUSED]
SOON = timedelta(days=7)
# So many people make a network large.
MANY = 50
# The columns of PlaceTotal.
COLUMNS = {kind: "own" if kind == ClickKind.SELF else kind.value for kind in ClickKind}
# Periods whose active people are kept with each day's head count.
KEPT_WINDOWS = {7: "active_7", 28: "active_28"}
# From one owner of a link to the next, each found in the index: as many look-ups as people asked
# for, whatever the number of links.
OWNERS = """
WITH RECURSIVE owner (network, ambassador, number) AS (
    SELECT network.id, found.ambassador_id, 1
    FROM unnest(%(networks)s::bigint[]) AS network (id)
    CROSS JOIN LATERAL (
        SELECT ambassador_id FROM campaigns_link link
        WHERE link.network_id = network.id AND link.ambassador_id IS NOT NULL
        ORDER BY link.ambassador_id LIMIT 1
    ) found
    UNION ALL
    SELECT owner.network, found.ambassador_id, owner.number + 1
    FROM owner
    CROSS JOIN LATERAL (
        SELECT ambassador_id FROM campaigns_link link
        WHERE link.network_id = owner.network AND link.ambassador_id > owner.ambassador
        ORDER BY link.ambassador_id LIMIT 1
    ) found
    WHERE owner.number < %(enough)s
)
SELECT network, array_agg(ambassador) FROM owner GROUP BY network
"""
Place = tuple[int, int]  # network, content
Group = tuple[int | None, str]  # department, range of audience


class Clicks(NamedTuple):
    """Clicks of one kind; `before`, of people's only, is how many there were in the period
    compared with. A sum of daily uniques is called that, and never people.
    """

    now: int
    uniques: int
    before: int


class Members(NamedTuple):
    """How many people a network has, as far as it matters, and who (some) of them are."""

    size: int
    people: set[int]


class Item(NamedTuple):
    """What a report says of a content."""

    pk: int
    title: str
    language: str
    status: str
    campaign: Campaign

    @property
    def status_label(self):
        return Content.Status(self.status).label


class Shares(NamedTuple):
    declared: int
    before: int
    seen: int
    unanswered: int


def clicks_by_kind(scope: Scope) -> dict[str, Clicks]:
    now, before = on_days(scope.period), on_days(scope.compared)
    if not scope.department:
        return _clicks_of_all(scope, now, before)
    rows = (
        scope.totals.filter(now | before)
        .values_list("kind")
        .annotate(
            now=Sum("clicks", filter=now, default=0),
            uniques=Sum("uniques", filter=now, default=0),
            before=Sum("clicks", filter=before & Q(kind=ClickKind.HUMAN), default=0),
        )
        .order_by()
    )
    return {kind: Clicks(*figures) for kind, *figures in rows}


def _clicks_of_all(scope, now, before):
    names = ["uniques", *COLUMNS.values()]
    found = scope.places.filter(now).aggregate(**{f"n_{n}": Sum(n, default=0) for n in names})
    clicks = {kind: Clicks(found[f"n_{name}"], 0, 0) for kind, name in COLUMNS.items()}
    people = scope.places.filter(before).aggregate(n=Sum("human", default=0))["n"]
    clicks[ClickKind.HUMAN] = Clicks(found["n_human"], found["n_uniques"], people)
    return clicks


def shares(scope: Scope) -> Shares:
    # Two questions: declared and unanswered shares each have an index that answers by itself.
    now, before = declared_in(scope.period), declared_in(scope.compared)
    declared = scope.shares.filter(now | before, declared_at__isnull=False)
    unanswered = scope.shares.unanswered().filter(opened_in(scope.period))
    return Shares(
        **declared.aggregate(
            declared=Count("declared_at", filter=now),
            before=Count("declared_at", filter=before),
            seen=Count("seen_at", filter=now),
        ),
        unanswered=unanswered.count(),
    )


def active_people(scope: Scope, period: Period) -> QuerySet[Ambassador]:
    """Who declared a share in the period and was still enrolled at its end."""
    sharers = scope.shares.filter(declared_in(period)).exclude(link__ambassador=None)
    return (
        Ambassador.objects.filter(user__is_active=True, joined_at__lt=period.end)
        .exclude(state__in=[State.INVITED, State.DECLINED])
        .exclude(left_at__isnull=False, left_at__lt=period.end)
        .filter(pk__in=sharers.values("link__ambassador"))
    )


def active_groups(scope: Scope, period: Period) -> dict[Group, int]:
    """Active people by department and range of audience; "" for those who gave none."""
    told = ("user__person__department", "audience_band", "user__belonging")
    groups = active_people(scope, period).values_list(*told).annotate(Count("pk")).order_by()
    return {
        (CUSTOMERS if belonging == Belonging.CUSTOMER else department, band): number
        for department, band, belonging, number in groups
    }


def active_by_week(scope: Scope, weeks: Iterable[Period]) -> list[int]:
    """Distinct people with a declared share in each of the weeks, which are whole weeks apart."""
    weeks = list(weeks)
    span = Period(min(week.first for week in weeks), max(week.last for week in weeks))
    # Numbered and counted at once: to hold each share against each week takes twice as long.
    number = Func(
        TruncDate("declared_at", tzinfo=zone()),
        Value(span.first),
        template="((%(expressions)s) / 7)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
    shares = scope.shares.filter(declared_in(span)).annotate(week=number)
    counts = shares.values_list("week").annotate(Count("link__ambassador", distinct=True))
    found = dict(counts.order_by())
    return [found.get((week.first - span.first).days // 7, 0) for week in weeks]


def kept_bands(scope: Scope, period: Period) -> dict[str, int]:
    """How many active people gave each range of audience; "" for those who gave none.

    As kept on the last day, where the whole programme was counted over as many days; else nothing.
    """
    window = KEPT_WINDOWS.get(period.days)
    if not (window and scope.is_whole and period.is_over):
        return {}
    return dict(AudienceCount.objects.filter(day=period.last).values_list("band", window))


def shares_by_place(scope: Scope) -> dict[Place, int]:
    """Shares declared in the period, by network and content."""
    declared = scope.shares.filter(declared_in(scope.period))
    rows = declared.values_list("network", "content").annotate(n=Count("declared_at"))
    return {(network, content): n for network, content, n in rows.order_by()}


def visits_by_place(scope: Scope) -> dict[Place, int]:
    """People's clicks in the period, by network and content."""
    if scope.department:
        human = scope.totals.human().filter(on_days(scope.period))
        rows = human.values_list("network", "content").annotate(n=Sum("clicks"))
    else:
        human = scope.places.filter(on_days(scope.period), human__gt=0)
        rows = human.values_list("network", "content").annotate(n=Sum("human"))
    return {(network, content): n for network, content, n in rows.order_by()}


def most_used_wording(scope: Scope) -> dict[int, int]:
    """By content: declared shares that carried the suggested text used most, word for word."""
    used = scope.shares.filter(
        declared_in(scope.period), is_own_words=False, caption__isnull=False
    ).values_list("content", "caption")
    most: Counter[int] = Counter()
    for content, _caption, number in used.annotate(Count("declared_at")).order_by():
        most[content] = max(most[content], number)
    return dict(most)


def network_members() -> dict[int, Members]:
    """By network, the last offered first: who ever opened its composer with a link of theirs.

    Only networks where links are somebody's: the programme's own are nobody to hide.
    Nobody, where not a share was declared nor a visit counted: then there is nothing to hide.
    Read no further than needed: all networks with so many people count as equally large, so that
    the answer does not depend on which were read.
    """
    enough = max(MANY, settings.MINIMUM_GROUP)
    members = {pk: Members(len(owners), owners) for pk, owners in _owners(enough).items()}
    few = [pk for pk, network in members.items() if 0 < network.size < settings.MINIMUM_GROUP]
    nothing = dict.fromkeys(set(few) - _with_figures(few), Members(0, set()))
    return {pk: nothing.get(pk, network) for pk, network in members.items()}


def _owners(enough):
    """By network, the owners of its links, no more of them than `enough`."""
    networks = Network.objects.of_people().order_by("-position", "-pk")
    keys = list(networks.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(OWNERS, {"networks": keys, "enough": enough})
        found = dict(cursor.fetchall())
    return {pk: set(found.get(pk, ())) for pk in keys}


def _with_figures(networks):
    """Which of some small networks ever had a declared share or a visit."""
    if not networks:
        return set()
    shared = Share.objects.declared().filter(network__in=networks)
    visited = PlaceTotal.objects.filter(network__in=networks, human__gt=0)
    shared, visited = (found.order_by().values_list("network") for found in (shared, visited))
    return {pk for (pk,) in shared.union(visited)}


def networks(keys: Iterable[int]) -> Mapping[int, Network]:
    return Network.objects.in_bulk(list(keys))


class Among(Func):
    """A condition: whether the first is one of the second, which is handed over as one array.
    As many parameters as keys take longer to write and to read than the rows to find.
    """

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, keys: Iterable[int]):
        super().__init__(F(column), Value(list(keys), ArrayField(BigIntegerField())))


def contents(keys: Iterable[int]) -> dict[int, Item]:
    """Hundreds, of which a page names twelve: plain values, and one campaign for all its items."""
    found = Content.objects.filter(Among("pk", keys)).order_by()
    names = (f"campaign__{name}" for name in ("pk", "name_fr", "name_en"))
    items, campaigns = {}, {}
    for *told, pk, fr, en in found.values_list("pk", "title", "language", "status", *names):
        if pk not in campaigns:
            campaigns[pk] = Campaign(pk=pk, name_fr=fr, name_en=en)
        items[told[0]] = Item(*told, campaigns[pk])
    return items


def topics_of(contents: Iterable[int]) -> dict[int, list[int]]:
    """By content (key): its topics (keys)."""
    topics: dict[int, list[int]] = {}
    rows = Content.topics.through.objects.filter(Among("content_id", contents))
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
    if scope.seen is not None:
        launched = launched.filter(pk__in=scope.seen)
    if scope.campaign:
        launched = launched.filter(pk=scope.campaign.pk)
    if scope.kind:
        launched = launched.filter(kind=scope.kind)
    told = launched.only("slug", "name_fr", "name_en", "launched_at")
    return list(told.order_by("launched_at"))


def endings(scope: Scope) -> tuple[int, int]:
    """Published items that end within a week from now, and those that do not."""
    now = timezone.now()
    soon = Q(expires_at__gt=now, expires_at__lte=now + SOON)
    later = Q(expires_at=None) | Q(expires_at__gt=now + SOON)
    found = scope.contents.published().order_by()
    counts = found.aggregate(soon=Count("pk", filter=soon), later=Count("pk", filter=later))
    return counts["soon"], counts["later"]


def waiting_for_approval(scope: Scope) -> int:
    """Items and changed texts that somebody must read."""
    items, texts = Content.objects.waiting(), Caption.objects.waiting()
    if scope.seen is not None:
        items = items.filter(campaign__in=scope.seen)
        texts = texts.filter(content__campaign__in=scope.seen)
    return items.count() + texts.count()


def anything_yet() -> bool:
    """Whether anybody ever shared, or clicked."""
    return Share.objects.declared().exists() or DayTotal.objects.exists()
