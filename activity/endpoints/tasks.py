"""What workers do for endpoints. As with notifications: rows say what is to be done."""

import time

from celery import shared_task
from django.utils import timezone

from activity.desk.models import paused
from activity.endpoints import sending
from activity.endpoints.models import Delivery, Endpoint
from activity.endpoints.queueing import wake_for

# How long a worker stays with one endpoint before it looks after the others.
SECONDS = 20


@shared_task(soft_time_limit=60, time_limit=70)
def send_to(endpoint_id: int) -> None:
    """Sends what is due at one endpoint, oldest first."""
    until = time.monotonic() + SECONDS
    while not paused() and sending.send_next(endpoint_id):
        if time.monotonic() > until:
            return wake_for(endpoint_id)


@shared_task
def sweep() -> None:
    """Finds what is due, what a broker lost, and what a dead worker held."""
    Delivery.objects.release_stranded()
    if paused():
        return
    waiting = Endpoint.objects.active().to_wake(timezone.now())
    for endpoint_id in waiting.values_list("pk", flat=True):
        wake_for(endpoint_id)
