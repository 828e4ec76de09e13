"""Erasing a person: what goes, what stays, and what proves it."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from activity.log import record
from activity.models import Entry
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import LastAdmin, Role, User
from ambassadors.directory.imports.models import Import
from ambassadors.models import Erasure, ErasureRequest, Identity, Invitation, SignUp
from ambassadors.privacy import erasing, marks
from ambassadors.privacy.models import Reason
from campaigns.models import Content, Decline, Link, Review, Share, Tally, Version
from tests.factories import (
    confirm,
    make_admin,
    make_ambassador,
    make_content,
    make_invitation,
    make_link,
    make_manager,
    make_notification,
    make_person,
    make_proposal,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
NUMBER = 987_654_321
EMAIL = "zebulon.canari@orvaly.example"
LIST = "email,first_name,last_name,manager\nneuf@orvaly.example,Ana,Roy,{email}\n"


@pytest.fixture(autouse=True)
def _a_log_of_its_own(settings, tmp_path):
    settings.ERASURE_LOG = tmp_path / "erased.jsonl"


@pytest.fixture
def canary():
    """Somebody of whom there is a row in most tables."""
    user = make_user(
        pk=NUMBER, email=EMAIL, first_name="Zébulon", last_name="Canari", role=Role.MANAGER
    )
    make_person(user, employee_id="E-CANARI-77", job_title="Volière")
    ambassador = make_ambassador(user)
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    Identity.objects.create(user=user, user_name=EMAIL, external_id="canari-ext")
    _shares(ambassador)
    _works(user)
    make_notification(user)
    make_invitation(user, message="Bonjour Zébulon Canari")
    SignUp.objects.create(
        email=EMAIL, first_name="Zébulon", last_name="Canari", language="fr",
        state="approved", decided_at=timezone.now(),
    )  # fmt: skip
    Import.receive(
        SimpleUploadedFile("e.csv", LIST.format(email=EMAIL).encode()), by=make_manager()
    )
    return user


def _shares(ambassador):
    link = make_link(ambassador)
    make_share(link)
    make_tally(link, clicks=7)
    Decline.objects.create(content=make_content(), ambassador=ambassador, reason="other")


def _works(user):
    content = make_content(author=user)
    Review.objects.create(content=content, reviewer=user, decision="approve")
    Version.objects.create(content=content, number=1, by=user, words={"title": "Un titre"})
    make_proposal(proposer=user)
    note_look(make_manager(), [user.pk], Look.What.PEOPLE)
    note_look(user, [make_user().pk], Look.What.PEOPLE)


def tables_that_hold(word):
    """{table: rows}: every table there is, as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name} r WHERE r::text ILIKE %s", [f"%{word}%"])
            if n := cursor.fetchone()[0]:
                found[table] = n
    return found


def test_nothing_is_left_of_a_person_but_a_number_in_the_trail(canary):
    assert len(tables_that_hold(EMAIL)) >= 5
    assert len(tables_that_hold(NUMBER)) >= 15
    erasing.erase(canary, reason=Reason.ASKED)
    for word in (EMAIL, "Canari", "Zébulon", "E-CANARI-77", "canari-ext"):
        assert tables_that_hold(word) == {}, word
    assert set(tables_that_hold(NUMBER)) == {"activity_entry"}


def test_what_was_counted_stays(canary):
    erasing.erase(canary, reason=Reason.ASKED)
    assert Share.objects.count() == 1
    assert Link.objects.get().ambassador is None
    tally = Tally.objects.get()
    assert (tally.clicks, tally.ambassador) == (7, None)


def test_what_was_published_has_an_author_who_is_nobody(canary, in_english):
    erasing.erase(canary, reason=Reason.ASKED)
    author = Content.objects.get(versions__number=1).author
    assert str(author) == "Former colleague"
    assert not author.is_active
    assert not author.has_usable_password()
    assert Review.objects.get().reviewer == Version.objects.get().by == author


def test_a_version_still_refuses_every_other_change(canary):
    from django.db import IntegrityError, InternalError, transaction

    for change in ({"number": 9}, {"by": make_user()}):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            Version.objects.update(**change)


def test_the_list_they_stand_in_as_a_manager_is_forgotten_with_its_file(canary):
    source = Import.objects.get()
    erasing.erase(canary, reason=Reason.ASKED)
    source.refresh_from_db()
    assert source.forgotten_at
    assert not source.rows.exists()
    assert not source.upload


def test_their_sessions_end_wherever_they_are(canary):
    client = Client()
    client.force_login(canary, backend=settings.AUTHENTICATION_BACKENDS[0])
    confirm(client, canary)
    UserSession.objects.create(
        user=canary, ip="10.1.2.3", user_agent="Zz", session_key=client.session.session_key
    )
    erasing.erase(canary, reason=Reason.ASKED)
    assert client.get("/my-data/").status_code == 302
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_the_proof_says_what_was_agreed_to_and_names_nobody(canary):
    canary.consents.create(purpose="participation", given=True, language="fr", fingerprint="f" * 64)
    mark = marks.mark_of(canary)
    proof = erasing.erase(canary, reason=Reason.ASKED)
    assert proof.mark == mark
    assert len(mark) == 64
    assert proof.consents == [["participation", True, timezone.now().date().isoformat(), "f" * 64]]
    assert proof.removed["ambassadors.User"] == 1
    assert proof.left_in == {}


def test_the_proof_tells_where_somebody_else_wrote_the_name(canary):
    make_content(note="Demandez à Zébulon Canari.")
    assert erasing.erase(canary, reason=Reason.ASKED).left_in == {"campaigns_content": 1}


def test_the_trail_says_that_it_was_done_and_to_which_number(canary):
    record("user.deactivated", subject=canary, actor=canary)
    erasing.erase(canary, reason=Reason.ASKED)
    done = Entry.objects.get(verb="erasure.done")
    assert (done.subject_id, done.data["reason"]) == (str(NUMBER), "asked")


def test_the_last_admin_is_not_erased():
    admin = make_admin()
    with pytest.raises(LastAdmin):
        ErasureRequest.ask(admin)
    with pytest.raises(LastAdmin):
        erasing.erase(admin, reason=Reason.LEFT)
    assert User.objects.filter(pk=admin.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_who_is_back_from_a_backup_is_erased_again():
    user = make_user(email=EMAIL)
    row = User.objects.filter(pk=user.pk).values().get()
    erasing.erase(user, reason=Reason.ASKED)
    # The backup is older than the proof, too.
    Erasure.objects.all().delete()
    User.objects.create(**row)
    stranger = make_user()
    assert erasing.again() == 1
    assert erasing.again() == 0
    assert not User.objects.filter(email=EMAIL).exists()
    assert User.objects.filter(pk=stranger.pk).exists()
    assert Erasure.objects.get().reason == Reason.AGAIN


@pytest.mark.django_db(transaction=True)
def test_a_later_person_with_the_same_number_is_left_alone():
    user = make_user(pk=NUMBER)
    erasing.erase(user, reason=Reason.ASKED)
    make_user(pk=NUMBER, password=make_password("x"))
    assert erasing.again() == 0


@pytest.mark.django_db(transaction=True)
def test_marks_made_by_an_older_key_are_still_known(settings):
    user = make_user()
    row = User.objects.filter(pk=user.pk).values().get()
    erasing.erase(user, reason=Reason.ASKED)
    User.objects.create(**row)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    assert erasing.again() == 1


def test_two_who_decided_on_one_item_stay_two():
    content, now = make_content(), timezone.now()
    people = [make_manager(), make_manager()]
    for person in people:
        Review.objects.create(
            content=content, reviewer=person, decision="approve", handed_in_at=now
        )
    for person in people:
        erasing.erase(person, reason=Reason.ASKED)
    assert Review.objects.values("reviewer").distinct().count() == 2
    assert Invitation.objects.count() == 0
