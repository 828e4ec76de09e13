"""What has happened has happened: the database refuses to say otherwise."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from activity.log import record
from activity.models import Entry, Outbox
from tests.factories import make_manager, make_user


def an_entry():
    return record("user.arrived", subject=make_user(), actor=make_manager(), before="x")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rewrite",
    [
        lambda: Entry.objects.update(verb="nothing"),
        lambda: Entry.objects.all().delete(),
        lambda: Entry.objects.first().save(),
    ],
)
def test_an_entry_can_be_neither_changed_nor_deleted(rewrite):
    entry = an_entry()
    with (
        pytest.raises((IntegrityError, ProgrammingError), match="append-only"),
        transaction.atomic(),
    ):
        rewrite()
    assert Entry.objects.get() == entry


@pytest.mark.django_db
def test_the_trail_cannot_be_truncated_by_accident():
    an_entry()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL porte_voix.may_truncate = ''")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE activity_entry CASCADE")
    assert Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_tests_clear_the_trail_between_them_first():
    an_entry()


@pytest.mark.django_db(transaction=True)
def test_tests_clear_the_trail_between_them_second():
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_person_can_be_erased_and_the_trail_stays():
    actor = make_manager()
    record("user.arrived", subject=make_user(), actor=actor)
    pk = actor.pk
    actor.delete()
    assert Entry.objects.get().actor_id == pk


@pytest.mark.django_db
def test_what_nobody_hears_of_leaves_no_work():
    an_entry()
    assert not Outbox.objects.exists()
