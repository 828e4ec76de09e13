"""What to suggest to whom: a few items, spread so that colleagues do not all get the same."""

import hashlib
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.sharing.models import Share

# Three a week: who shares more than that is tired of it, and so are their contacts.
A_WEEK = 3


def of_interest_to(contents: QuerySet[Content], ambassador: Ambassador) -> QuerySet[Content]:
    """`contents` on topics the person follows, or on none at all; all when they follow none."""
    followed = set(ambassador.topics.values_list("pk", flat=True))
    if not followed:
        return contents
    about = Content.topics.through.objects.filter(content=OuterRef("pk"))
    return contents.filter(Exists(about.filter(topic__in=followed)) | ~Exists(about))


def not_answered_by(contents: QuerySet[Content], ambassador: Ambassador) -> QuerySet[Content]:
    """`contents` the person has neither posted nor put aside."""
    answered = Q(declared_at__isnull=False) | Q(dismissed_at__isnull=False)
    theirs = Share.objects.by(ambassador).filter(answered, link__content=OuterRef("pk"))
    return contents.exclude(Exists(theirs))


def suggestions_for(
    ambassador: Ambassador,
    *,
    now: datetime,
    most: int = A_WEEK,
    among: QuerySet[Content] | None = None,
) -> list[Content]:
    """At most `most` items for `ambassador` this week: the same all week, other ones next week.

    now: in the person's own time zone. among: what they may share, where the caller knows it.
    Each person's order is a lot of their own, so that a week's items are carried evenly.
    """
    among = Content.objects.shareable_by(ambassador.user) if among is None else among
    candidates = not_answered_by(of_interest_to(among, ambassador), ambassador)
    year, week, _day = now.isocalendar()
    pks = sorted(
        candidates.values_list("pk", flat=True),
        key=lambda pk: _lot(f"{ambassador.pk}:{year}-{week}:{pk}"),
    )[:most]
    found = Content.objects.select_related("campaign").prefetch_related("topics").in_bulk(pks)
    return [found[pk] for pk in pks]


def _lot(seed):
    return hashlib.blake2b(seed.encode(), digest_size=8).digest()
