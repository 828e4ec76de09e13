"""Whether the page of an item still answers: asked once a week, and daily while it does not.

A site that is away for an hour is nobody's worry. A page that is gone is, on the second day; one
that does not answer, on the third after.
"""

import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from activity import outside
from activity.log import record
from activity.models import Entry
from campaigns.content.models import Content

EVERY, AGAIN = timedelta(days=7), timedelta(hours=20)
# After how many days of failing its author is told.
GONE_DAYS, AWAY_DAYS = 1, 3
SECONDS_FOR_ALL, SECONDS_FOR_ONE = 240, 10
MOST_BYTES = 4096
TOLD = "content.link_dead"


def live():
    """Items whose links lead somewhere."""
    return Content.objects.filter(status__in=[Content.Status.APPROVED, Content.Status.PUBLISHED])


def dead():
    """Those whose page has failed more than once, on different days."""
    return live().filter(link_checked_at__gt=F("link_failing_since"))


def due(now: datetime):
    """What nobody has asked for long enough, longest first."""
    failing = Q(link_failing_since__isnull=False, link_checked_at__lte=now - AGAIN)
    old = Q(link_checked_at=None) | Q(link_checked_at__lte=now - EVERY)
    return live().filter(failing | old).order_by(F("link_checked_at").asc(nulls_first=True), "pk")


def check_due(now: datetime | None = None) -> int:
    """Asks for what is due, for four minutes at most; how many were asked."""
    begun, asked = time.monotonic(), 0
    for content in due(now or timezone.now()).iterator(chunk_size=200):
        if time.monotonic() - begun > SECONDS_FOR_ALL:
            break
        check(content, now)
        asked += 1
    return asked


def check(content: Content, now: datetime | None = None) -> None:
    """Asks for the page of `content` once, and writes down how it answered."""
    trouble = _trouble_with(content.url)
    _settle(content, trouble, now or timezone.now())


def _trouble_with(url):
    """An Unreachable, or None. Not by HEAD, which many sites answer otherwise than GET."""
    outside.wait_for_turn(urlsplit(url).hostname or "")
    try:
        outside.fetch(
            url,
            outside.ANYTHING,
            most=MOST_BYTES,
            cut=True,
            deadline=outside.Deadline(SECONDS_FOR_ONE),
            pause=outside.wait_for_turn,
        )
    except outside.Unreachable as error:
        return error
    return None


@transaction.atomic
def _settle(content, trouble, now):
    is_dead = trouble is not None and not _keeps_robots_out(trouble)
    since = (content.link_failing_since or now) if is_dead else None
    code = trouble.code if trouble else ""
    # The filter is the lock: of two that asked at once, one writes.
    here = live().filter(pk=content.pk, link_checked_at=content.link_checked_at)
    if not here.update(link_checked_at=now, link_failing_since=since, link_error=code):
        return
    if is_dead and _has_lasted(trouble, since, now) and not _is_told(content, since):
        record(TOLD, subject=content, error=code, since=since.isoformat())


def _keeps_robots_out(trouble):
    """A site that lets people in and us not: nothing is known of the page."""
    refused = isinstance(trouble, outside.Refused)
    return refused and not trouble.is_gone and trouble.status // 100 != 5


def _has_lasted(trouble, since, now):
    is_gone = isinstance(trouble, outside.Refused) and trouble.is_gone
    days = (timezone.localdate(now) - timezone.localdate(since)).days
    return days >= (GONE_DAYS if is_gone else AWAY_DAYS)


def _is_told(content, since):
    """The trail says so: once for each time it fails."""
    entries = Entry.objects.filter(verb=TOLD, subject_type=content._meta.label_lower)
    return entries.filter(subject_id=str(content.pk), data__since=since.isoformat()).exists()
