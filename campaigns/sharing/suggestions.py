"""What to suggest to whom: a few items, spread so that colleagues do not all get the same."""

from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.sharing.models import Decline, Share

# Three a week: who shares more than that is tired of it, and so are their contacts.
A_WEEK = 3
# The lot is drawn among the newest of what is left for a person: enough for everybody to get
# other ones, and as quick for a library of ten years as for one of ten weeks.
NEWEST = 100


def of_interest_to(contents: QuerySet[Content], ambassador: Ambassador) -> QuerySet[Content]:
    """`contents` on topics the person follows, or on none at all; all when they follow none."""
    followed = Ambassador.topics.through.objects.filter(ambassador=ambassador)
    about = Content.topics.through.objects.filter(content=OuterRef("pk"))
    mine = about.filter(topic__in=followed.values("topic"))
    return contents.filter(~Exists(followed) | Exists(mine) | ~Exists(about))


def not_declined_by(contents: QuerySet[Content], ambassador: Ambassador) -> QuerySet[Content]:
    """`contents` the person has not called "not for me"."""
    theirs = Decline.objects.filter(ambassador=ambassador, content=OuterRef("pk"))
    return contents.exclude(Exists(theirs))


def not_answered_by(contents: QuerySet[Content], ambassador: Ambassador) -> QuerySet[Content]:
    """`contents` the person has neither posted, nor put aside, nor declined."""
    answered = Q(declared_at__isnull=False) | Q(dismissed_at__isnull=False)
    theirs = Share.objects.by(ambassador).filter(answered, link__content=OuterRef("pk"))
    return not_declined_by(contents.exclude(Exists(theirs)), ambassador)


def suggested_to(
    ambassador: Ambassador,
    *,
    now: datetime,
    most: int = A_WEEK,
    among: QuerySet[Content] | None = None,
) -> QuerySet[Content]:
    """At most `most` items for `ambassador` this week: the same all week, other ones next week.

    now: in the person's own time zone. among: what they may share, where the caller knows it.
    Each person's order is a lot of their own, so that a week's items are carried evenly.
    """
    among = Content.objects.shareable_by(ambassador.user) if among is None else among
    left = not_answered_by(of_interest_to(among, ambassador), ambassador)
    newest = left.order_by("-published_at", "-pk")[:NEWEST]
    drawn = Content.objects.filter(pk__in=newest.values("pk")).annotate(lot=_lot(ambassador, now))
    return drawn.order_by("lot")[:most]


def suggestions_for(ambassador: Ambassador, **asked) -> list[Content]:
    """What suggested_to() finds, with campaigns and topics: two queries."""
    found = suggested_to(ambassador, **asked)
    return list(found.select_related("campaign").prefetch_related("topics"))


def seed_of(person: int, day: datetime) -> str:
    """What, before an item's number, makes a person's lot of the week. The digest draws alike."""
    year, week, _day = day.isocalendar()
    return f"{person}:{year}-{week}:"


def _lot(ambassador, now):
    text = Concat(
        Value(seed_of(ambassador.pk, now)), Cast("pk", CharField()), output_field=CharField()
    )
    return MD5(text)
