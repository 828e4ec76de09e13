from celery import shared_task

from ambassadors.privacy.retention import carry_out
from campaigns.conversions import settling


@shared_task(name="campaigns.tasks.settle_conversions")
def settle_conversions():
    """Those whose click has come in since."""
    settling.settle_all()


@shared_task(name="campaigns.tasks.drop_old_conversions")
def drop_old_conversions():
    """What has been kept long enough; the totals stay."""
    carry_out("conversions")
