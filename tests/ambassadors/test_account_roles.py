from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from activity.models import Entry
from ambassadors.models import LastAdmin, Role, User
from tests.factories import make_admin, make_manager, make_user

pytestmark = pytest.mark.django_db


def test_an_address_belongs_to_one_person_whatever_its_case():
    make_user(email="Maelle.Tessier@Orvaly.example")
    assert User.objects.get().email == "maelle.tessier@orvaly.example"
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(email="MAELLE.TESSIER@orvaly.example")


def test_a_change_of_role_is_written_down_with_before_and_after():
    admin, person = make_admin(), make_user()
    person.change_role(Role.MANAGER, by=admin)
    entry = Entry.objects.get(verb="user.role_changed")
    assert (entry.actor_id, entry.data) == (admin.pk, {"before": "ambassador", "after": "manager"})


def test_giving_the_role_someone_has_writes_nothing():
    admin, person = make_admin(), make_manager()
    person.change_role(Role.MANAGER, by=admin)
    assert not Entry.objects.exists()


def test_nobody_changes_their_own_role():
    admin = make_admin()
    assert not admin.has_perm("ambassadors.change_role", admin)
    assert admin.has_perm("ambassadors.change_role", make_user())


def test_the_last_admin_can_be_neither_demoted_nor_deactivated():
    admin = make_admin()
    with pytest.raises(LastAdmin):
        admin.change_role(Role.MANAGER, by=make_user())
    with pytest.raises(LastAdmin):
        admin.deactivate(by=make_user())
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)


@pytest.mark.django_db(transaction=True)
def test_of_two_demotions_at_once_one_is_refused():
    admins, start, refused = [make_admin(), make_admin()], Barrier(2), []

    def demote(admin):
        start.wait()
        try:
            admin.change_role(Role.MANAGER, by=admin)
        except LastAdmin:
            refused.append(admin)
        finally:
            connection.close()

    threads = [Thread(target=demote, args=[admin]) for admin in admins]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(refused) == 1
    assert User.objects.admins().count() == 1


def test_a_deactivated_person_is_out_at_the_next_request(as_user):
    person = make_user()
    client = as_user(person)
    person.deactivate(by=make_admin())
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


def test_an_inactive_person_may_do_nothing():
    admin = make_admin(is_active=False)
    assert not admin.has_perm("campaigns.see_reach")


def test_a_permission_that_is_not_in_the_table_is_refused():
    assert not make_admin().has_perm("campaigns.invent_figures")
