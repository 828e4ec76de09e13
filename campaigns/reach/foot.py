"""What stands under every report: which days by which clock, what was set aside, how fresh."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from campaigns.reach.period import zone
from campaigns.reach.report import Report
from campaigns.reach.tables import ratio
from campaigns.tracking.models import Click

# Looked for no further back: older months lie in other partitions.
LOOKED_BACK = timedelta(days=7)
# Robots are recognised after the fact, and what waited on a disk is counted late.
REVISED_FOR = 72


@dataclass(frozen=True)
class Foot:
    """set_aside: (what, how many, part of all clicks). last_click: None when none came lately."""

    set_aside: list[tuple[Any, int, float | None]]
    part_set_aside: float | None
    last_click: datetime | None
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
        )


def last_click() -> datetime | None:
    """When the last click that is counted came in, by the organisation's clock."""
    recent = Click.objects.filter(at__gte=timezone.now() - LOOKED_BACK)
    at = recent.order_by("-at").values_list("at", flat=True).first()
    return at and at.astimezone(zone())
