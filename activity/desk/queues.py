"""What waits at the broker, and whether anybody takes it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from redis import Redis

# As kombu spells the lists of a queue's lesser priorities.
PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")
UNACKNOWLEDGED = "unacked"
# Beat sends one a minute into each queue: two may be late.
PULSE_SECONDS = 60
SILENT_AFTER = timedelta(minutes=3)
# Workers that have been silent for so long are forgotten.
REMEMBERED = timedelta(days=1)
PATIENCE = 2


def names() -> list[str]:
    """Every queue a task may be put into."""
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values() if "queue" in route}
    return sorted({settings.CELERY_TASK_DEFAULT_QUEUE} | routed)


@dataclass(frozen=True)
class Queue:
    """waiting: tasks at the broker. last: when a worker last took a sign of life from it, None for
    never. workers: names of those that did lately."""

    name: str
    waiting: int
    last: datetime | None
    workers: tuple[str, ...]

    @property
    def is_served(self) -> bool:
        return self.last is not None and timezone.now() - self.last < SILENT_AFTER


def note_pulse(queue: str, worker: str) -> None:
    """A worker is there and takes tasks from `queue`. Kept at the broker, beside what it tells of:
    no row in the database a minute, and gone with it. Raises redis.RedisError."""
    key = _pulses(queue)
    with _broker() as redis:
        redis.hset(key, worker, int(timezone.now().timestamp()))
        redis.expire(key, REMEMBERED)


def read() -> tuple[list[Queue], int]:
    """Each queue, and how many tasks workers hold unfinished. Raises redis.RedisError."""
    with _broker() as redis:
        pipeline = redis.pipeline(transaction=False)
        for name in names():
            pipeline.hgetall(_pulses(name))
            for priority in PRIORITIES:
                pipeline.llen(f"{name}{priority}")
        pipeline.hlen(UNACKNOWLEDGED)
        *answers, held = pipeline.execute()
    each = 1 + len(PRIORITIES)
    parts = [answers[start : start + each] for start in range(0, len(answers), each)]
    rows = zip(names(), parts, strict=True)
    return [_queue(name, pulses, sum(lengths)) for name, (pulses, *lengths) in rows], held


def _queue(name, pulses, waiting):
    seen = {worker: datetime.fromtimestamp(int(at), UTC) for worker, at in pulses.items()}
    since = timezone.now() - SILENT_AFTER
    workers = tuple(sorted(worker for worker, at in seen.items() if at > since))
    return Queue(name, waiting, max(seen.values(), default=None), workers)


def _pulses(queue):
    return f"pulse:{queue}"


def _broker():
    return Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
    )
