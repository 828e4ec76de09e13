import imaplib
import logging

from celery import shared_task
from django.conf import settings

from activity.mailing import mailbox

log = logging.getLogger(__name__)


@shared_task(soft_time_limit=240, time_limit=270)
def read_returns() -> None:
    """Fetches what came back. A mailbox that is away is asked again in five minutes."""
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        taken = mailbox.read_new(mailbox.Place.of(settings.BOUNCE_MAILBOX))
    except (OSError, imaplib.IMAP4.error) as error:
        # Its words may hold the address one logs in with.
        log.warning("The mailbox of returned mail cannot be read: %s", type(error).__name__)
    else:
        log.info("Reports of returned mail taken in: %d", taken)
