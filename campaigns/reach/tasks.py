from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from ambassadors.privacy.retention import carry_out
from campaigns.reach import notices
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


@shared_task(name="campaigns.tasks.send_due_reports")
def send_due_reports():
    """Freezes and mails the reports that are due; a second run finds them frozen."""
    notices.send_due(timezone.now())
    wake_due()


@shared_task(name="campaigns.tasks.drop_old_snapshots")
def drop_old_snapshots():
    """Forgets what was frozen 25 months ago."""
    carry_out("snapshots")
