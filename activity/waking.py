"""Telling a worker that there is something to do, without ever waiting for the broker.

A wake-up is only a wake-up: what is to be done stands in the database, and the sweep finds it. So
a broker that is away costs a web request one second at most, then nothing for a while, and never
an error. (Celery's own `delay` waits 50 seconds for a Redis that accepts and does not answer.)
"""

import logging
import time
from typing import Any

from celery import Task
from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers
from redis import RedisError

log = logging.getLogger(__name__)

PATIENCE = 1
PAUSE = 10
# Redis keeps a list for each; a worker empties the first before it looks at the second.
URGENT, PATIENT = 0, 6

_broker = Connection(
    settings.CELERY_BROKER_URL,
    connect_timeout=PATIENCE,
    transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS
    | {
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
)
_away_until = 0.0


def wake(task: Task, *args: str | int, urgent: bool = True, **options: Any) -> bool:
    """Puts `task(*args)` into its queue. False, and a line in the log, when the broker is away.

    Only for tasks whose work is found by a sweep as well. args: row ids. options: of apply_async.
    """
    priority = URGENT if urgent else PATIENT

    def publish(producer):
        task.apply_async(args, producer=producer, retry=False, priority=priority, **options)

    return _reach_broker(task, publish)


def wake_one(task: Task, *args: str | int, queue: str) -> bool:
    """Has one worker take `task(*args)` from `queue`, unless a message waits there already.

    So the queue never holds more of them than one, or one per process that asks at the same moment.
    """

    def publish(producer):
        if not producer.channel.client.llen(queue):
            task.apply_async(args, producer=producer, retry=False, priority=URGENT, queue=queue)

    return _reach_broker(task, publish)


def _reach_broker(task, publish):
    global _away_until
    if time.monotonic() < _away_until:
        return False
    try:
        with producers[_broker].acquire(block=True, timeout=PATIENCE) as producer:
            publish(producer)
    except (KombuError, RedisError, OSError) as error:
        _away_until = time.monotonic() + PAUSE
        log.warning("The broker is away, the sweep will find %s: %s", task.name, error)
        return False
    return True
