"""The switch that stops everything but what somebody asked for or is owed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity import tasks
from activity.desk import pausing
from activity.models import Entry, Notification, Pause
from activity.verify import breaches
from tests.activity.post_office import deliver_all
from tests.factories import make_notification, make_user

pytestmark = pytest.mark.django_db
State = Notification.State
BULK, OWED = "campaign.launched", "invitation"


@pytest.fixture
def admin():
    return make_user(role="admin")


def state_of(notification):
    notification.refresh_from_db()
    return notification.state


def test_a_pause_holds_back_what_is_bulk_and_nothing_else(admin, post_office):
    bulk, owed = make_notification(kind=BULK), make_notification(kind=OWED)
    pausing.pause(admin)
    for notification in (bulk, owed):
        tasks.deliver(str(notification.pk))
    assert (state_of(bulk), state_of(owed)) == (State.QUEUED, State.SENT)
    assert pausing.held_back() == 1


def test_what_waits_is_no_breach(admin):
    old = timezone.now() - timedelta(hours=2)
    make_notification(kind=BULK, not_before=old)
    assert any("nobody was woken" in breach for breach in breaches())
    pausing.pause(admin)
    assert not any("nobody was woken" in breach for breach in breaches())


def test_resuming_sends_what_is_in_time_and_drops_the_rest(admin, post_office):
    fresh = make_notification(kind=BULK)
    stale = make_notification(kind=BULK, not_before=timezone.now() - timedelta(days=4))
    owed = make_notification(kind=OWED, not_before=timezone.now() - timedelta(days=4))
    pausing.pause(admin)
    assert pausing.resume(admin) == 1
    deliver_all()
    assert (state_of(stale), state_of(owed)) == (State.SKIPPED, State.SENT)
    # In time: it was rendered, whatever came of it.
    assert state_of(fresh) != State.QUEUED


def test_there_is_one_pause_at_a_time(admin):
    pausing.pause(admin)
    with pytest.raises(pausing.AlreadyPaused):
        pausing.pause(admin)
    pausing.resume(admin)
    with pytest.raises(pausing.NotPaused):
        pausing.resume(admin)
    assert Pause.objects.count() == 1


def test_who_paused_and_resumed_is_in_the_trail(admin):
    pausing.pause(admin, "The mail server moves")
    pausing.resume(admin)
    said = Entry.objects.filter(verb__startswith="sending.").order_by("pk")
    assert [(e.verb, e.actor_id) for e in said] == [
        ("sending.paused", admin.pk),
        ("sending.resumed", admin.pk),
    ]
