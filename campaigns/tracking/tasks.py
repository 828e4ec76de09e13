from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from ambassadors.privacy.retention import carry_out
from campaigns.tracking import partitions, visitors
from campaigns.tracking.classify import local_day
from campaigns.tracking.consumer import connect
from campaigns.tracking.reclassify import reclassify

MONTHS_AHEAD = 2


@shared_task(name="campaigns.tasks.drop_old_salts")
def drop_old_salts():
    """Within 48 hours nobody can tell any more which address a visitor's hash was made of."""
    with connect() as redis:
        visitors.drop_old_salts(redis)


@shared_task(name="campaigns.tasks.ensure_partitions")
def ensure_partitions():
    """This month's table for clicks, the one before and those to come."""
    months = [partitions.month_of(timezone.now())]
    for _ in range(MONTHS_AHEAD):
        months.append(partitions.next_month(months[-1]))
    partitions.ensure(partitions.with_the_one_before(months))


@shared_task(name="campaigns.tasks.recheck_clicks")
def recheck_clicks():
    """Yesterday once more, now that late clicks are in and bursts can be seen whole."""
    yesterday = local_day(timezone.now()) - timedelta(days=1)
    reclassify(yesterday, yesterday)


@shared_task(name="campaigns.tasks.drop_old_clicks")
def drop_old_clicks():
    """Raw clicks past their time; totals stay."""
    carry_out("clicks")
