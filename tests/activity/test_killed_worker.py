"""Real workers, one of them killed with its messages in hand, and Redis emptied beside it."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from activity import tasks
from activity.models import Notification
from launch.process import finish, wait_until
from tests.factories import make_notification


@pytest.fixture
def worker(post_office, tmp_path):
    """Starts a worker of this test's database; all are gone afterwards."""
    name = connection.settings_dict["NAME"]
    environ = os.environ | {
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/porte_voix?", f"/{name}?"),
        "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        "QUIET_HOURS": "",
    }
    command = [sys.executable, "-m", "celery", "-A", "bench.clocks", "worker", "-Q", "mail"]
    command += ["--concurrency", "1", "--without-gossip", "--without-mingle"]
    started = []

    def start():
        log = open(tmp_path / "worker.log", "ab")  # noqa: SIM115
        started.append(
            subprocess.Popen(command, env=environ, start_new_session=True, stdout=log, stderr=log)
        )
        return started[-1]

    yield start
    for process in started:
        finish(process, 0)


def under_way():
    return Notification.objects.filter(state__in=["queued", "sending"])


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_sends_no_digest_twice(worker, post_office):
    kinds = ["campaign.launched", "invitation"]
    rows = [make_notification(kind=kinds[n % 2]) for n in range(40)]
    first, _second = worker(), worker()
    tasks.wake_due()
    assert wait_until(lambda: len(post_office.mails) > 5, seconds=60)
    os.killpg(first.pid, signal.SIGKILL)
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()
    take_for_dead()
    assert wait_until(swept, seconds=60)
    copies = Counter(mail["Message-ID"] for mail in post_office.mails)
    for row in Notification.objects.filter(pk__in=[row.pk for row in rows]):
        assert row.state == "sent" or (row.state, row.kind) == ("unknown", "campaign.launched")
        assert copies[row.message_id] <= (2 if row.kind == "invitation" else 1)
        assert copies[row.message_id] or row.state == "unknown"


def take_for_dead():
    """Half a minute is over for what nobody is at: a living worker has gone on to the next."""
    held = list(Notification.objects.filter(state="sending").values_list("pk", flat=True))
    time.sleep(1.5)
    past = timezone.now() - timedelta(minutes=1)
    Notification.objects.filter(pk__in=held, state="sending").update(lease_until=past)


def swept():
    """True when all has come to its end."""
    Notification.objects.filter(state="queued").update(woken_at=None)
    tasks.sweep()
    time.sleep(0.5)
    return not under_way().exists()
