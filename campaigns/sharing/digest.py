"""The digest: at the start of a working day, up to three items nobody has shown this person yet.

Who gets it and what is in it is decided once per slot, for everybody of a time zone together. What
was decided stands in the notification's data, which is also how the next digest knows what this
one showed. At the moment of sending only what is still true is kept.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import Greatest, RowNumber

from activity.expansion import Addressed, already_told, key_around_pk
from activity.models import Notification, Preference
from activity.rhythm.releasing import hours_of
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Decline, Mute, Plan, Share
from campaigns.sharing.suggestions import NEWEST, seed_of

KIND = "digest"
ITEMS = 3
# So many digests in a row that led to nothing, and the next one comes once a month.
PATIENCE = 4
DONE = ("ambassador", "content")
CHUNK = 2000
# As long as a content lives unless its author says otherwise; older ones are in the feed.
FRESH = timedelta(days=60)

START, END = time(7, 30), time(18)
SATURDAY, TUESDAY, THURSDAY = 5, 1, 3
# A beat that was down on Tuesday makes up for it until Thursday morning.
LATE = timedelta(days=2)

Rhythm = Ambassador.Rhythm


# --- When --------------------------------------------------------------------------------------
def is_day_of(rhythm: str, day: date) -> bool:
    """daily: Monday to Friday; twice: Tuesdays and Thursdays; weekly: Tuesdays; monthly: the first
    Tuesday."""
    if rhythm == Rhythm.DAILY:
        return day.weekday() < SATURDAY
    if rhythm == Rhythm.TWICE:
        return day.weekday() in (TUESDAY, THURSDAY)
    tuesday = day.weekday() == TUESDAY
    return tuesday and (rhythm == Rhythm.WEEKLY or day.day <= 7)


def due_slot(rhythm: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment whose digests are to go out at `now`, or None.

    Only during the working day of `zone`: a digest that is late does not come at night.
    """
    local = now.astimezone(zone)
    if local.weekday() >= SATURDAY or not START <= local.time() < END:
        return None
    days = (local.date() - timedelta(days=n) for n in range(LATE.days + 1))
    slots = (datetime.combine(day, START, zone) for day in days if is_day_of(rhythm, day))
    latest = next(slots, None)
    return latest if latest and now - latest < LATE else None


def due_rounds(now: datetime) -> Iterator[tuple[datetime, QuerySet[Ambassador]]]:
    """(slot, those whose digest of that slot has not been decided yet), by time zone and rhythm."""
    zones = Ambassador.objects.active().values_list("user__time_zone", flat=True)
    for name in zones.order_by().distinct():
        for rhythm in (Rhythm.DAILY, Rhythm.TWICE, Rhythm.WEEKLY, Rhythm.MONTHLY):
            slot = due_slot(rhythm, ZoneInfo(name), now)
            if slot:
                yield slot, undecided(slot, name, rhythm)


def undecided(slot: datetime, zone: str, rhythm: str) -> QuerySet[Ambassador]:
    """Who joined after the slot waits for the next one: they have just seen the feed."""
    key = key_around_pk(f"{KIND}:", f":{slot:%Y-%m-%d}")
    refusing = Preference.objects.refusing(KIND, Notification.Channel.EMAIL)
    return (
        Ambassador.objects.active()
        .filter(user__time_zone=zone, rhythm=rhythm, joined_at__lte=slot)
        .exclude(user__in=refusing.values("person"))
        .annotate(key=key)
        .exclude(already_told("key", Notification.Channel.EMAIL))
    )


# --- What --------------------------------------------------------------------------------------
@dataclass
class Offer:
    """What could be in a digest today, and for whom. Read once, for everybody."""

    now: datetime

    @cached_property
    def contents(self) -> dict[int, tuple[int, set[int]]]:
        """{content: (campaign, topics)} of what has become shareable lately."""
        since = Greatest(F("published_at"), F("embargo_until"))
        fresh = (
            Content.objects.current(self.now)
            .filter(campaign__in=Campaign.objects.running())
            .annotate(since=since)
            .filter(since__gt=self.now - FRESH)
        )
        newest_first = fresh.order_by("-since", "-pk")
        found = {}
        for pk, campaign, topic in newest_first.values_list("pk", "campaign", "topics"):
            found.setdefault(pk, (campaign, set()))[1].update({topic} - {None})
        return found

    @cached_property
    def audiences(self) -> dict[int, QuerySet[Ambassador]]:
        campaigns = {campaign for campaign, _topics in self.contents.values()}
        found = Campaign.objects.select_related("audience").filter(pk__in=campaigns)
        return {campaign.pk: campaign.audience.ambassadors() for campaign in found}

    def addressed(self, slot: datetime, ambassadors: QuerySet[Ambassador]) -> Iterator[Addressed]:
        """One for each of `ambassadors` (annotated with their `key`), with what it is to show.

        Who has nothing new gets a row all the same, skipped: it says that this was decided.
        """
        rows = ambassadors.order_by("pk").values_list("pk", "key").iterator()
        while chunk := dict(islice(rows, CHUNK)):
            # Of who is away, or keeps a holiday, nothing is decided: their turn comes.
            there = [person for person, times in hours_of(chunk).items() if times.is_open(self.now)]
            picks = self._picks(slot, there)
            slow = unanswered_by(person for person in there if picks[person])
            for person in there:
                items = picks[person]
                told = {"items": items, "day": f"{slot:%Y-%m-%d}"}
                yield Addressed(
                    person=person,
                    key=chunk[person],
                    data=told | ({"slower": True} if person in slow else {}),
                    skipped="" if items else "nothing new",
                )

    def _picks(self, slot, people):
        """{person: up to three contents}, with one query per campaign and four more."""
        if not self.contents:
            return {person: [] for person in people}
        meant = self._meant_for(people)
        known = _known_to(people, since=self.now - FRESH)
        follows = _followed_by(people)
        return {
            person: sorted(
                islice(self._left_for(known[person], follows[person], meant, person), NEWEST),
                key=lambda pk: _lot(person, pk, slot),
            )[:ITEMS]
            for person in people
        }

    def _left_for(self, known, follows, meant, person):
        """What is new to the person and concerns them, newest first."""
        for pk, (campaign, topics) in self.contents.items():
            concerns = not follows or not topics or topics & follows
            if concerns and pk not in known and person in meant[campaign]:
                yield pk

    def _meant_for(self, people):
        """{campaign: those of `people` it is for, and who have not muted it}."""
        muted = Mute.objects.by_campaign(people)
        return {
            campaign: set(audience.filter(pk__in=people).values_list("pk", flat=True))
            - muted[campaign]
            for campaign, audience in self.audiences.items()
        }


def _known_to(people: Iterable[int], since: datetime) -> dict[int, set[int]]:
    """{person: contents an earlier digest showed them, or they have answered to}."""
    known = defaultdict(set)
    earlier = Notification.objects.filter(kind=KIND, recipient__in=people, created_at__gte=since)
    state = Notification.State
    unseen = [state.SKIPPED, state.FAILED, state.HELD, state.MERGED]
    shown = earlier.exclude(state__in=unseen).values_list("recipient", "data__items")
    for person, items in shown:
        known[person].update(items)
    answered = Share.objects.filter(
        Q(declared_at__isnull=False) | Q(dismissed_at__isnull=False), link__ambassador__in=people
    )
    declined = Decline.objects.filter(ambassador__in=people).values_list("ambassador", "content")
    answered = answered.order_by().values_list("link__ambassador", "link__content")
    for person, content in answered.union(declined):
        known[person].add(content)
    return known


def _lot(person, content, slot):
    """Each person's order is their own, so that colleagues do not all post the same one morning."""
    seed = f"{seed_of(person, slot)}{content}"
    return hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()


def _followed_by(people):
    follows = defaultdict(set)
    followers = Ambassador.topics.through.objects.filter(ambassador__in=people)
    for person, topic in followers.values_list("ambassador", "topic"):
        follows[person].add(topic)
    return follows


# --- Whether anybody looks at it --------------------------------------------------------------
def unanswered_by(people: Iterable[int]) -> set[int]:
    """Those of `people` whose last four digests were sent and led to nothing.

    A digest is answered by a press on one of its buttons, or by whatever the person did with one
    of its items since: share it, put it off, decline it. Nothing tells whether a mail was opened.
    """
    people = list(people)
    sent = Notification.objects.filter(kind=KIND, recipient__in=people).exclude(sent_at=None)
    lately = defaultdict(list)
    rows = sent.order_by("recipient", "-sent_at").annotate(
        place=Window(RowNumber(), partition_by="recipient", order_by=F("sent_at").desc())
    )
    for row in rows.filter(place__lte=PATIENCE):
        lately[row.recipient_id].append(row)
    suspects = {p for p, rows in lately.items() if len(rows) == PATIENCE and not _read(rows)}
    acts = _acts_of(suspects)
    return {p for p in suspects if not any(_led_to(acts[p], row) for row in lately[p])}


def _read(rows):
    return any(row.read_at or row.data.get("slower") for row in rows)


def _led_to(acts, row):
    items = set(row.data["items"])
    return any(content in items and at >= row.sent_at for content, at in acts)


def _acts_of(people):
    """{person: [(content, when)]} of what they did with items."""
    acts = defaultdict(list)
    shares = Share.objects.filter(link__ambassador__in=people).order_by()
    shares = shares.values_list("link__ambassador", "link__content", "opened_at")
    declines = Decline.objects.filter(ambassador__in=people).values_list(*DONE, "at")
    plans = Plan.objects.filter(ambassador__in=people).order_by().values_list(*DONE, "created_at")
    for person, content, at in [*shares, *declines, *plans]:
        acts[person].append((content, at))
    return acts


# --- What it brought ---------------------------------------------------------------------------
def effect_of(ambassador: Ambassador, first: date, last: date) -> int:
    """Visits the person's links brought on those days, both included. Measured: people's clicks."""
    # Through the relation: the slice that counts clicks comes after this one.
    tallies = ambassador.tallies.filter(kind="human", day__gte=first, day__lte=last)
    return tallies.aggregate(visits=Sum("clicks", default=0))["visits"]


def period_before(rhythm: str, day: date) -> tuple[date, date]:
    """Yesterday, the days since the last of two, the last full week or the last full month before
    `day`: first and last day."""
    if rhythm == Rhythm.DAILY:
        return day - timedelta(days=1), day - timedelta(days=1)
    if rhythm == Rhythm.TWICE:
        back = 2 if day.weekday() == THURSDAY else 5
        return day - timedelta(days=back), day - timedelta(days=1)
    if rhythm == Rhythm.MONTHLY:
        last = day.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    monday = day - timedelta(days=day.weekday() + 7)
    return monday, monday + timedelta(days=6)
