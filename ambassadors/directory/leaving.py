"""People whose last day has passed, as the directory said it would."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from activity.log import acting
from ambassadors.accounts.models import LastAdmin, User

PIECE = 500


@shared_task(name="ambassadors.tasks.close_leavers")
def close_leavers():
    """Closes the accounts of who left before today; a second run finds nobody.

    What they did in the programme stays as it is, like for anybody whose account is closed.
    """
    gone = User.objects.active().filter(person__leaves_on__lt=timezone.localdate())
    with acting(via="directory"):
        for user in gone.order_by("pk").iterator(chunk_size=PIECE):
            with suppress(LastAdmin):
                user.deactivate(by=None)
