from datetime import timedelta

from celery import shared_task

from campaigns.reach.headcount import count_days, missing
from campaigns.reach.models import HeadCount
from campaigns.reach.period import DAY, today

CATCH_UP = timedelta(days=60)


@shared_task(name="campaigns.tasks.count_heads")
def count_heads():
    """Counts today, once more yesterday (now that it is over), and days that were missed."""
    now = today()
    started = HeadCount.objects.order_by("day").values_list("day", flat=True).first()
    gaps = missing(max(started, now - CATCH_UP), now) if started else []
    count_days(sorted({*gaps, now - DAY, now}))
