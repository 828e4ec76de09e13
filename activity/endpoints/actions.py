"""What an administrator does with an endpoint, each written into the trail."""

from typing import Any

from django.db import transaction

from activity.endpoints import sending
from activity.endpoints.models import Delivery, Endpoint
from activity.endpoints.queueing import begin_test, wake_for
from activity.log import record


@transaction.atomic
def make(endpoint: Endpoint, *, by: Any) -> str:
    """Saves a new one. The secret of a webhook, which is shown this once; "" of a channel."""
    secret = "" if endpoint.is_channel else endpoint.rotate()
    endpoint.save()
    record("endpoint.made", subject=endpoint, actor=by, kind=endpoint.kind)
    return secret


@transaction.atomic
def change(endpoint: Endpoint, what: list[str], *, by: Any) -> None:
    """Saves it. what: the names of the fields that were changed."""
    endpoint.save()
    record("endpoint.changed", subject=endpoint, actor=by, fields=what)


@transaction.atomic
def switch_off(endpoint: Endpoint, *, by: Any) -> None:
    if endpoint.switch_off():
        record("endpoint.off", subject=endpoint, actor=by)


@transaction.atomic
def switch_on(endpoint: Endpoint, *, by: Any) -> None:
    if endpoint.switch_on():
        record("endpoint.on", subject=endpoint, actor=by)


@transaction.atomic
def remove(endpoint: Endpoint, *, by: Any) -> None:
    record("endpoint.removed", subject=endpoint, actor=by, kind=endpoint.kind)
    endpoint.delete()


@transaction.atomic
def exchange_secret(endpoint: Endpoint, *, by: Any) -> str:
    """The new secret, shown this once. The one before it goes on signing beside it."""
    record("endpoint.secret_exchanged", subject=endpoint, actor=by)
    return endpoint.rotate()


@transaction.atomic
def retire_secret(endpoint: Endpoint, *, by: Any) -> None:
    if endpoint.retire_former_secret():
        record("endpoint.secret_retired", subject=endpoint, actor=by)


def send_test(endpoint: Endpoint, *, by: Any) -> Delivery:
    """Sends a trial at once, and says how it went. 15 s at most."""
    with transaction.atomic():
        delivery = begin_test(endpoint)
        record("endpoint.tested", subject=endpoint, actor=by)
    sending.attempt(delivery)
    return delivery


def send_again(delivery: Delivery, *, by: Any) -> bool:
    """Under the same id. False where it is on its way already, or its endpoint is stopped."""
    with transaction.atomic():
        if not delivery.send_again():
            return False
        record(
            "endpoint.sent_again", subject=delivery.endpoint, actor=by, delivery=str(delivery.pk)
        )
    wake_for(delivery.endpoint_id)
    return True
