"""What stands under every report: which days by which clock, what was set aside, how fresh."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from redis import Redis, RedisError

from campaigns.reach.period import zone
from campaigns.reach.report import Report
from campaigns.reach.tables import ratio
from campaigns.tracking.agents import RULES
from campaigns.tracking.letters import backlog
from campaigns.tracking.models import Click
from campaigns.tracking.stream import Spool

# Looked for no further back: older months lie in other partitions.
LOOKED_BACK = timedelta(days=7)
# Robots are recognised after the fact, and what waited on a disk is counted late.
REVISED_FOR = 72
# Clicks are counted within seconds; from here on a reader must know that some are missing.
LATE = timedelta(minutes=5)
# A report does not wait for Redis.
PATIENCE = 0.5


@dataclass(frozen=True)
class Foot:
    """set_aside: (what, how many, part of all clicks). last_click: None when none came lately.

    rules: the version of the rules clicks are told apart by. behind_since: since when clicks wait
    to be counted, where that is longer than LATE; else None.
    """

    set_aside: list[tuple[Any, int, float | None]]
    part_set_aside: float | None
    last_click: datetime | None
    behind_since: datetime | None
    rules: str = RULES
    zone: str = settings.TIME_ZONE
    hours: int = REVISED_FOR

    @classmethod
    def of(cls, report: Report) -> "Foot":
        three = report.three
        every = three.visits.now + three.set_aside_total
        return cls(
            set_aside=[(label, n, ratio(n, every)) for label, n in three.set_aside],
            part_set_aside=ratio(three.set_aside_total, every),
            last_click=last_click(),
            behind_since=behind_since(),
        )


def last_click() -> datetime | None:
    """When the last click that is counted came in, by the organisation's clock."""
    recent = Click.objects.filter(at__gte=timezone.now() - LOOKED_BACK)
    at = recent.order_by("-at").values_list("at", flat=True).first()
    return at and at.astimezone(zone())


def behind_since() -> datetime | None:
    """Since when clicks wait to be counted, if for longer than LATE; None while nobody can tell."""
    url, spool = settings.CLICKS_REDIS_URL, Spool(settings.CLICK_SPOOL)
    waits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    try:
        with closing(Redis.from_url(url, decode_responses=True, protocol=2, **waits)) as redis:
            since = backlog(redis, spool).since
    except RedisError:
        return None
    return since.astimezone(zone()) if since and since < timezone.now() - LATE else None
