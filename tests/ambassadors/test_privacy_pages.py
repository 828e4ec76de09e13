"""My data: what it says, the file, the choices, the request; and what administrators see."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from activity.models import Entry, Notification
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import User
from ambassadors.models import Charter, Consent, Erasure, ErasureRequest, Export
from ambassadors.privacy import export, optins
from campaigns.models import Credit
from tests.activity.conftest import post_office  # noqa: F401 — what is ready is also told
from tests.factories import (
    make_admin,
    make_ambassador,
    make_link,
    make_manager,
    make_person,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
PAGE = "/my-data/"


@pytest.fixture(autouse=True)
def _a_log_of_its_own(settings, tmp_path):
    settings.ERASURE_LOG = tmp_path / "erased.jsonl"


def member(**fields):
    return make_ambassador(make_user(language="en", **fields))


# --- The page ---------------------------------------------------------------------------------
def test_the_page_says_what_is_held_why_how_long_and_who_sees_it(as_user):
    ambassador = member()
    make_share(make_link(ambassador))
    page = as_user(ambassador.user).get(PAGE).content.decode()
    for words in ("Your account", "Your shares", "What for", "By which right", "For how long"):
        assert words in page


def test_a_role_without_a_part_in_the_programme_has_the_page_too(as_user):
    page = as_user(make_admin(language="en")).get(PAGE).content.decode()
    assert "Ask for my file" in page
    assert "Your choices" not in page


def test_a_stranger_is_sent_to_the_log_in(client):
    for path in (PAGE, f"{PAGE}export/", f"{PAGE}erase/", "/privacy/", "/privacy/assessment/"):
        assert client.get(path).status_code == 302


# --- Who looked -------------------------------------------------------------------------------
def test_hr_looking_at_the_list_is_seen_by_those_on_it(as_user):
    ambassador = member()
    make_person(ambassador.user)
    looker = make_manager(first_name="Solange", last_name="Arsenault", language="en")
    as_user(looker).get("/people/")
    page = as_user(ambassador.user).get(PAGE).content.decode()
    assert "Solange Arsenault" in page
    assert "Saw you in the list of people" in page


def test_asking_the_trail_by_name_and_reading_who_agreed_are_seen_too(as_user):
    asked = member(last_name="Canari").user
    asked.ambassador.accept(Charter.objects.current(), language="en")
    client = as_user(make_admin())
    client.get("/audit/", {"who": "Canari"})
    client.get(f"/charters/{Charter.objects.current().pk}/")
    client.get(f"/charters/{Charter.objects.current().pk}/export/")
    seen = Look.objects.filter(person=asked).values_list("what", flat=True)
    assert {*seen} == {"trail", "people", "export"}


def test_looking_twice_a_day_is_one_line_and_oneself_is_none():
    looker, seen = make_manager(), make_user()
    for _ in range(2):
        note_look(looker, [seen.pk, looker.pk], Look.What.PEOPLE)
    assert list(Look.objects.values_list("person", "by")) == [(seen.pk, looker.pk)]


# --- The file ---------------------------------------------------------------------------------
def test_the_file_holds_everything_in_both_languages_and_nobody_elses():
    ambassador, other = member(first_name="Zoé"), member(first_name="Ulysse")
    for each in (ambassador, other):
        make_share(make_link(each))
    archive = zipfile.ZipFile(io.BytesIO(export.zip_of(ambassador.user)))
    said = json.loads(archive.read("my-data.json"))
    tables = {t["name"]: t for part in said["held"] for t in part["tables"]}
    assert len(tables["share-link__ambassador".replace("__", "-")]["rows"]) == 1
    assert tables["user-pk"]["rows"][0]["first_name"] == "Zoé"
    assert set(tables["user-pk"]["label"]) == {"fr", "en"}
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Ulysse" not in everything
    assert b"argon2" not in everything
    header = archive.read("csv/user-pk.csv").decode("utf-8-sig").splitlines()[0]
    assert " / " in header


def test_a_cell_that_would_be_a_formula_is_text_in_the_csv():
    user = make_user(first_name="=1+1")
    archive = zipfile.ZipFile(io.BytesIO(export.zip_of(user)))
    assert "'=1+1" in archive.read("csv/user-pk.csv").decode()


def test_asking_twice_makes_one_file(as_user, django_capture_on_commit_callbacks):
    client = as_user(member().user)
    for _ in range(2):
        assert client.post(f"{PAGE}export/").status_code == 302
    assert Export.objects.count() == 1


def test_the_person_is_told_once_however_often_the_worker_comes():
    asked = Export.ask(make_user())
    export.make(asked)
    export.make(Export.objects.get())
    mails = Notification.objects.filter(kind="export.ready", channel="email")
    assert mails.count() == 1


def test_the_file_is_fetched_once_by_its_owner_alone(as_user):
    person = make_user(language="en")
    asked = Export.ask(person)
    export.make(asked)
    path = f"{PAGE}export/{Export.objects.get().token}/"
    assert as_user(make_admin()).get(path).status_code == 404
    client = as_user(person)
    assert client.get(path).status_code == 200
    answer = client.post(path)
    assert answer["Content-Type"] == "application/zip"
    assert answer.content[:2] == b"PK"
    assert client.post(path).status_code == client.get(path).status_code == 410


def test_after_a_day_the_file_is_gone(as_user):
    person = make_user()
    export.make(Export.ask(person))
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert as_user(person).post(f"{PAGE}export/{Export.objects.get().token}/").status_code == 410


def test_the_file_and_the_erasure_ask_who_it_is_once_more(client):
    user = make_user(password="a-long-password-2026")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    for path in (f"{PAGE}export/", f"{PAGE}erase/"):
        for answer in (client.get(path), client.post(path)):
            assert "reauthenticate" in answer["Location"]
    assert not Export.objects.exists()
    assert not ErasureRequest.objects.exists()


# --- Choices ----------------------------------------------------------------------------------
def test_everything_optional_is_off_to_begin_with():
    ambassador = member()
    assert [key for key, each in optins.OPT_INS.items() if each.is_on(ambassador)] == []
    assert {"leaderboard", "manager_view", "audience_band", "credit"} <= set(optins.OPT_INS)


@pytest.mark.parametrize("key", ["leaderboard", "manager_view", "credit"])
def test_a_yes_and_a_no_hold_at_once(as_user, key):
    ambassador = member()
    client = as_user(ambassador.user)
    for answer, held in (("yes", True), ("no", False)):
        client.post(f"{PAGE}choice/", {"key": key, "answer": answer})
        assert optins.OPT_INS[key].is_on(ambassador) is held


def test_a_choice_stands_in_the_ledger(as_user):
    ambassador = member()
    for answer in ("yes", "yes", "no"):
        as_user(ambassador.user).post(f"{PAGE}choice/", {"key": "leaderboard", "answer": answer})
    said = Consent.objects.filter(purpose="leaderboard").order_by("pk")
    assert [each.given for each in said] == [True, False]


def test_the_size_of_the_audience_is_erased_by_a_no_and_never_guessed_by_a_yes(as_user):
    ambassador = member(email="band@orvaly.example")
    ambassador.share_on(["linkedin"], band="200-500")
    client = as_user(ambassador.user)
    client.post(f"{PAGE}choice/", {"key": "audience_band", "answer": "no"})
    ambassador.refresh_from_db()
    assert (ambassador.audience_band, ambassador.networks) == ("", ["linkedin"])
    assert (
        client.post(f"{PAGE}choice/", {"key": "audience_band", "answer": "yes"}).status_code == 404
    )


def test_who_does_not_take_part_has_nothing_to_choose(as_user):
    user = make_user()
    said = {"key": "credit", "answer": "yes"}
    assert as_user(user).post(f"{PAGE}choice/", said).status_code == 404
    assert not Credit.objects.exists()


# --- Being erased -----------------------------------------------------------------------------
def test_asking_waits_seven_days_and_the_person_may_take_it_back(as_user):
    ambassador = member()
    client = as_user(ambassador.user)
    client.post(f"{PAGE}erase/")
    asked = ErasureRequest.objects.get()
    assert asked.due_at - asked.asked_at > timedelta(days=6, hours=23)
    assert Notification.objects.filter(kind="erasure.asked", recipient=ambassador.user).exists()
    assert "You asked to be erased" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}keep/")
    assert not ErasureRequest.objects.exists()
    verbs = Entry.objects.filter(verb__startswith="erasure.").values_list("verb", flat=True)
    assert sorted(verbs) == ["erasure.asked", "erasure.taken_back"]


def test_asking_again_does_not_move_the_day(as_user):
    client = as_user(member().user)
    client.post(f"{PAGE}erase/")
    first = ErasureRequest.objects.get().due_at
    client.post(f"{PAGE}erase/")
    assert ErasureRequest.objects.get().due_at == first


def test_the_last_admin_is_told_why_not(as_user):
    client = as_user(make_admin(language="en"))
    answer = client.post(f"{PAGE}erase/", follow=True)
    assert "Nobody else administers" in answer.content.decode()


def test_an_admin_carries_out_what_is_due_and_nothing_else(as_user):
    due, later = make_user(), make_user()
    for user in (due, later):
        ErasureRequest.ask(user)
    ErasureRequest.objects.filter(user=due).update(due_at=timezone.now())
    as_user(make_admin()).post("/privacy/run/")
    assert not User.objects.filter(pk=due.pk).exists()
    assert User.objects.filter(pk=later.pk).exists()
    assert Erasure.objects.get().reason == "asked"


# --- Administrators ---------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/privacy/", "/privacy/assessment/"])
def test_only_administrators_see_the_rules(as_user, path):
    assert as_user(make_manager()).get(path).status_code == 403
    assert as_user(make_admin()).get(path).status_code == 200
    assert as_user(make_manager()).post("/privacy/run/").status_code == 403


def test_the_rules_name_nobody_who_asked(as_user):
    user = make_user(first_name="Zébulon", last_name="Canari")
    ErasureRequest.ask(user)
    page = as_user(make_admin(language="en")).get("/privacy/").content.decode()
    assert "1 person has asked" in page
    assert "Canari" not in page


def test_the_assessment_says_what_is_set(as_user, settings):
    settings.EMAIL_HOST, settings.ORGANISATION = "smtp.ailleurs.example", "Ruche"
    page = as_user(make_admin(language="en")).get("/privacy/assessment/").content.decode()
    for words in ("smtp.ailleurs.example", "Single clicks of visitors", "Argon2", "Your shares"):
        assert words in page
