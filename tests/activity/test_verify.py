from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from activity import sealing
from activity.log import record
from activity.models import Entry, Notification
from activity.verify import breaches
from tests.activity.post_office import work
from tests.factories import make_content, make_manager, make_notification

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(hours=1)


def test_all_is_well_after_the_work_is_done(post_office):
    make_notification()
    record("content.approved", subject=make_content(), actor=make_manager())
    work()
    assert list(breaches()) == []


def test_a_message_on_its_way_is_no_breach():
    Notification.objects.claim(make_notification().pk)
    assert list(breaches()) == []


def test_a_lease_nobody_swept_is_a_breach():
    notification = make_notification()
    Notification.objects.claim(notification.pk)
    Notification.objects.update(lease_until=LONG_AGO)
    [breach] = breaches()
    assert str(notification.pk) in breach


def test_an_entry_nobody_turned_into_messages_is_a_breach():
    entry = record("content.approved", subject=make_content(), actor=make_manager())
    assert list(breaches()) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_entry DISABLE TRIGGER activity_entry_append_only")
    Entry.objects.update(at=LONG_AGO)
    sealing.seal()
    [breach] = breaches()
    assert str(entry.pk) in breach


def test_a_message_nobody_was_woken_for_is_a_breach():
    notification = make_notification(not_before=LONG_AGO)
    [breach] = breaches()
    assert str(notification.pk) in breach


def test_a_key_that_stands_twice_is_a_breach():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_notification DROP CONSTRAINT notification_once")
    make_notification(key="twice")
    make_notification(key="twice")
    assert list(breaches()) == ["notification key twice stands 2 times"]
