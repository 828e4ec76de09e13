from celery import shared_task

from ambassadors.privacy.retention import carry_out
from campaigns.conversions import landing, settling


@shared_task(name="campaigns.tasks.settle_conversions")
def settle_conversions():
    """Those whose click has come in since; and what this machine put aside."""
    settling.settle_all()
    landing.take_up()


@shared_task(name="campaigns.tasks.drop_old_conversions")
def drop_old_conversions():
    """What has been kept long enough; the totals stay."""
    carry_out("conversions")
