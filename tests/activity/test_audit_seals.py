"""Nobody rewrites the trail without being found out, not even whoever owns the database."""

import pytest
from django.db import connection
from django.utils import timezone

from activity import sealing
from activity.log import record
from activity.models import Entry, Seal
from tests.factories import make_manager, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail():
    """Five entries, sealed."""
    someone, manager = make_user(), make_manager()
    entries = [
        record("user.arrived", subject=someone, actor=manager, before=n, after="x")
        for n in range(5)
    ]
    sealing.seal()
    return entries


def tamper(statement, *parameters):
    """As the owner of the database may."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def found():
    return list(sealing.breaches())


def test_an_untouched_trail_holds(trail):
    assert found() == []
    assert [seal.number for seal in Seal.objects.order_by("number")] == [1, 2, 3, 4, 5]


def test_sealing_twice_seals_once(trail):
    assert sealing.seal() == 0


@pytest.mark.parametrize("column", ["verb", "subject_id", "network", "device", "data", "at"])
def test_an_entry_that_was_altered_is_named(trail, column):
    values = {"data": '\'{"after": "y"}\'', "at": "at + interval '1 second'"}
    tamper(
        f"UPDATE activity_entry SET {column} = {values.get(column, repr('x'))} WHERE id = %s",
        trail[2].pk,
    )
    assert found() == [f"audit trail: entry {trail[2].pk} (seal 3) was altered"]


def test_an_actor_that_was_exchanged_is_noticed(trail):
    tamper("UPDATE activity_entry SET actor_id = %s WHERE id = %s", make_user().pk, trail[0].pk)
    assert "was altered" in found()[0]


def test_an_entry_that_was_taken_out_is_missed(trail):
    tamper("DELETE FROM activity_entry WHERE id = %s", trail[1].pk)
    assert found() == [f"audit trail: entry {trail[1].pk} (seal 2) is missing"]


def test_an_entry_taken_out_with_its_seal_leaves_a_gap(trail):
    tamper("DELETE FROM activity_seal WHERE number = 2")
    tamper("DELETE FROM activity_entry WHERE id = %s", trail[1].pk)
    assert "seals 2 to 2 are missing" in found()[0]


def test_a_chain_forged_without_the_key_does_not_hold(trail, settings):
    tamper("UPDATE activity_entry SET verb = 'x' WHERE id = %s", trail[4].pk)
    tamper("DELETE FROM activity_seal WHERE number = 5")
    own, settings.SECRET_KEY = settings.SECRET_KEY, "a stranger's guess"
    sealing.seal()
    settings.SECRET_KEY = own
    assert "was altered" in found()[0]


def test_an_entry_that_was_slipped_in_late_is_told_by_its_seal(trail):
    """One that no request wrote has no seal before its minute comes, and says so."""
    an_hour_ago = timezone.now() - timezone.timedelta(hours=1)
    Entry.objects.create(verb="x", subject_type="x", subject_id="1", at=an_hour_ago)
    assert "have no seal" in found()[0]


def test_a_new_key_leaves_what_the_old_one_sealed_valid(trail, settings):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    settings.SECRET_KEY_FALLBACKS = [old]
    record("user.arrived", subject=make_user(), actor=None)
    sealing.seal()
    assert found() == []


def test_a_seal_can_be_neither_changed_nor_deleted(trail):
    from django.db import IntegrityError, transaction

    for rewrite in (lambda: Seal.objects.update(digest=b""), lambda: Seal.objects.all().delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rewrite()


def test_what_is_sealed_in_several_batches_is_one_chain(trail, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(5):
        record("user.arrived", subject=make_user(), actor=None)
    assert sealing.seal() == 5
    assert found() == []
