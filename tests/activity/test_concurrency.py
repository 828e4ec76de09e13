"""Several workers at the same row at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from activity import expansion, tasks
from activity.hearing import KINDS
from activity.log import record
from activity.models import Notification, Outbox
from tests.factories import make_ambassador, make_campaign, make_notification, make_user

WORKERS = 6


def all_at_once(work):
    """Runs `work()` in several threads that start together; what it raised is raised here."""
    start = Barrier(WORKERS)

    def run(_number):
        try:
            start.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends(post_office):
    for _round in range(5):
        notification = make_notification()
        all_at_once(lambda pk=str(notification.pk): tasks.deliver(pk))
    assert len(post_office.mails) == 5
    assert set(Notification.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_expands():
    make_ambassador()
    entry = record("campaign.running", subject=make_campaign())
    all_at_once(lambda: tasks.expand(entry.pk))
    assert Notification.objects.count() == 2
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_write_a_message_once():
    person, kind = make_user().pk, KINDS["digest"]
    all_at_once(lambda: expansion.notify(kind, [expansion.Addressed(person, "digest:slot")]))
    assert Notification.objects.count() == 1
