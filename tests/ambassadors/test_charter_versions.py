"""Versions of the charter: written, published, asked anew, and who accepted which."""

import hashlib

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from activity.models import Entry
from ambassadors.accounts.roles import Belonging
from ambassadors.enrolment.models import Published
from ambassadors.models import Ambassador, Charter, Consent
from tests.factories import (
    make_admin,
    make_ambassador,
    make_charter,
    make_content,
    make_manager,
    make_user,
)

pytestmark = pytest.mark.django_db
PATH = "/charters/employee/next/"
TEXTS = {
    "text_fr": "C’est volontaire.",
    "text_en": "It’s voluntary.",
    "working_time_fr": "Pendant vos heures.",
    "working_time_en": "During your hours.",
}
Purpose = Consent.Purpose


def test_a_draft_is_kept_and_asked_of_nobody(as_user):
    before = Charter.objects.current()
    as_user(make_admin()).post(PATH, TEXTS | {"action": "save"})
    assert Charter.objects.get(published_at=None).version == before.version + 1
    assert Charter.objects.current() == before


def test_reading_the_page_begins_nothing(as_user):
    assert as_user(make_admin()).get(PATH).status_code == 200
    assert not Charter.objects.filter(published_at=None).exists()


@pytest.mark.parametrize("missing", TEXTS)
def test_without_both_languages_and_working_time_nothing_is_published(as_user, missing):
    before = Charter.objects.current()
    answer = as_user(make_admin()).post(PATH, TEXTS | {missing: " ", "action": "publish"})
    assert answer.status_code == 422
    assert Charter.objects.current() == before


def test_a_published_version_is_asked_and_never_changed(as_user):
    admin = make_admin()
    as_user(admin).post(PATH, TEXTS | {"action": "publish"})
    charter = Charter.objects.current()
    assert charter.text_en == TEXTS["text_en"]
    assert Entry.objects.get(verb="charter.published").data["fingerprint"] == charter.fingerprint
    with pytest.raises(Published):
        charter.write(admin, **TEXTS)
    with pytest.raises(Published):
        charter.publish(admin)


def test_the_database_publishes_nothing_in_one_language_only():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_charter(text_en="")


def test_what_was_agreed_to_stands_until_the_new_version_is_answered(as_user):
    ambassador = make_ambassador()
    ambassador.accept(Charter.objects.current(), language="fr")
    make_charter()
    client, content = as_user(ambassador.user), make_content()
    assert client.get("/feed/").status_code == 200
    assert "/charter/" in client.get(f"/share/{content.pk}/")["Location"]
    assert Purpose.PARTICIPATION in Consent.objects.given_by(ambassador.user)


def test_the_page_says_voluntary_and_working_time_whatever_was_written(client):
    page = client.get("/charter/", headers={"accept-language": "en"}).content.decode()
    assert "Taking part is voluntary" in page
    assert "is working time" in page


def test_the_first_version_keeps_the_fingerprint_it_always_had():
    charter = make_charter(text_fr="un", text_en="one")
    assert charter.fingerprint == hashlib.sha256(b"un\0one").hexdigest()


def test_who_accepted_when_and_in_which_language_is_listed_and_exported(as_user):
    ambassador = make_ambassador(make_user(last_name="Ouellet"))
    charter = Charter.objects.current()
    ambassador.accept(charter, language="en")
    client = as_user(make_admin(language="en"))
    assert "Ouellet" in client.get(f"/charters/{charter.pk}/").content.decode()
    exported = client.get(f"/charters/{charter.pk}/export/").content.decode()
    assert "Ouellet" in exported
    assert charter.fingerprint in exported
    assert Entry.objects.filter(verb="charter.exported").count() == 1


def test_a_manager_sees_nothing_of_who_accepted(as_user):
    client = as_user(make_manager())
    for path in ("/charters/", PATH, f"/charters/{Charter.objects.current().pk}/"):
        assert client.get(path).status_code == 403


# --- The ledger ----------------------------------------------------------------------------------


def test_the_ledger_cannot_be_rewritten():
    consent = Consent.objects.give(make_user(), Purpose.LEADERBOARD)
    with pytest.raises((InternalError, IntegrityError, DatabaseError)), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(given=False)


def test_the_newest_word_on_each_purpose_counts():
    person = make_user()
    Consent.objects.give(person, Purpose.LEADERBOARD)
    Consent.objects.give(person, Purpose.MANAGER_VIEW)
    Consent.objects.take_back(person, Purpose.LEADERBOARD)
    assert Consent.objects.given_by(person) == {Purpose.MANAGER_VIEW}
    assert not Consent.objects.is_given(person, Purpose.LEADERBOARD)
    Consent.objects.give(person, Purpose.LEADERBOARD)
    assert Consent.objects.is_given(person, Purpose.LEADERBOARD)


def test_taking_back_what_was_never_given_writes_nothing():
    person = make_user()
    Consent.objects.take_back(person, Purpose.LEADERBOARD)
    assert not Consent.objects.exists()


def test_nothing_said_is_a_no():
    assert Consent.objects.given_by(make_user()) == set()


def test_a_no_to_one_purpose_leaves_the_others():
    ambassador = make_ambassador()
    ambassador.accept(Charter.objects.current(), language="fr")
    Consent.objects.give(ambassador.user, Purpose.CONVERSIONS)
    Consent.objects.take_back(ambassador.user, Purpose.CONVERSIONS)
    assert Consent.objects.given_by(ambassador.user) == {Purpose.PARTICIPATION}


def test_leaving_ends_every_purpose():
    ambassador = make_ambassador()
    ambassador.accept(Charter.objects.current(), language="fr")
    Consent.objects.give(ambassador.user, Purpose.MANAGER_VIEW)
    ambassador.leave()
    assert Consent.objects.given_by(ambassador.user) == set()


def test_customers_have_a_charter_of_their_own():
    customer = make_user(belonging=Belonging.CUSTOMER)
    theirs = Charter.objects.current_for(customer)
    assert "that you are our customer" in theirs.text_en
    assert theirs != Charter.objects.current()
    ambassador = make_ambassador(customer, state=Ambassador.State.JOINING)
    ambassador.accept(theirs, language="fr")
    assert ambassador.has_accepted(theirs)
