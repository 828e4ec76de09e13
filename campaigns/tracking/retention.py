"""Raw clicks are kept for so many days and not one longer; what they were counted to stays."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from campaigns.tracking import partitions
from campaigns.tracking.classify import day_bounds, local_day
from campaigns.tracking.ingest import take_turns
from campaigns.tracking.models import Click, Horizon, HourTally

# Dropping a month waits for whoever reads it; all other readers wait behind.
PATIENCE = "5s"


def drop_old_clicks() -> int:
    """Drops the months that are over, and single clicks and hours of the days that are, in one
    transaction; how many tables and rows that were. Raises OperationalError when a reader holds a
    month for too long: the next run does it.
    """
    day = local_day(timezone.now()) - timedelta(days=settings.RAW_CLICKS_DAYS)
    start, _ = day_bounds(day)
    with transaction.atomic():
        take_turns()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        months = partitions.drop(partitions.ended_before(start))
        # What is left of the month that the day lies in, and what a clock gone wrong had sent.
        clicks = Click.objects.filter(at__lt=start)._raw_delete("default")
        hours = HourTally.objects.filter(hour__lt=start)._raw_delete("default")
        Horizon.objects.advance(day)
    return months + clicks + hours
