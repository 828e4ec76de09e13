from celery import shared_task
from django.core.management import call_command


@shared_task
def clear_sessions():
    """Forgets the sessions that have run out, and with them what they held."""
    call_command("clearsessions")
