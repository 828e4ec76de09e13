"""Saved views, mailed reports and what is frozen of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.core import mail
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse

from activity.delivery import deliver
from activity.models import Entry, Notification
from activity.rendering import letter_of
from activity.tokens import unsubscribe_token
from ambassadors.models import Role
from campaigns.models import Mailing, SavedView, Snapshot
from campaigns.reach.forms import ReachFilter
from campaigns.reach.freezing import freeze
from campaigns.reach.headcount import count_days
from campaigns.reach.mailing import due_slot
from campaigns.reach.notices import send_due
from campaigns.tasks import drop_old_snapshots
from tests.campaigns.test_reach_privacy import NOW, YESTERDAY, Company
from tests.factories import make_manager, make_tally, make_user

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("America/Montreal")
MONDAY_8 = datetime(2026, 11, 23, 8, 0, tzinfo=HERE)
LIST = "/reach/views/"


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def solange():
    return make_manager(language="en", first_name="Solange")


def make_view(owner, question="period=28", **fields):
    fields = {"name": "Each Monday", "is_shared": False, "is_default": False} | fields
    view = SavedView(owner=owner, question=question, **fields)
    view.keep(by=owner)
    return view


def make_mailing(view, *people, rhythm="weekly", since=NOW - timedelta(days=30)):
    mailing = Mailing.arrange(view, rhythm=rhythm, recipients=people, by=view.owner)
    Mailing.objects.filter(pk=mailing.pk).update(since=since)
    return mailing


def frozen(*readers, question=""):
    return freeze(ReachFilter.of(QueryDict(question)), "Frozen", readers=readers)


def mails_of(person):
    return Notification.objects.filter(kind="reach.report", recipient=person, channel="email")


# --- Saved views -----------------------------------------------------------------------------
def test_a_question_is_saved_under_a_name_and_opened_by_it(as_user, solange):
    client = as_user(solange)
    client.post("/reach/views/new/?period=90&network=linkedin&sort=-shares", {"name": "LinkedIn"})
    view = SavedView.objects.get()
    assert view.question == "period=90&network=linkedin"
    html = client.get(view.get_absolute_url()).content.decode()
    assert "<b>LinkedIn</b>" in html


def test_a_name_is_taken_once_for_each_person(as_user, solange):
    make_view(solange, name="Mine")
    assert as_user(solange).post("/reach/views/new/", {"name": "Mine"}).status_code == 422
    assert as_user(make_manager()).post("/reach/views/new/", {"name": "Mine"}).status_code == 302


def test_one_view_at_most_opens_first(as_user, solange):
    first = make_view(solange, name="One", is_default=True)
    second = make_view(solange, name="Two", question="period=7", is_default=True)
    first.refresh_from_db()
    assert not first.is_default
    answer = as_user(solange).get("/reach/")
    assert answer.status_code == 302
    assert answer.url == second.get_absolute_url()


def test_the_database_refuses_a_second_default(solange):
    make_view(solange, name="One", is_default=True)
    twice = SavedView(owner=solange, name="Two", is_shared=False, is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save()


def test_somebody_elses_default_changes_nothing_for_me(as_user, solange):
    make_view(make_manager(), is_default=True, is_shared=True)
    assert as_user(solange).get("/reach/").status_code == 200


def test_a_view_that_is_not_shared_is_nowhere_for_others(as_user, solange):
    view = make_view(solange, name="Just mine")
    other = as_user(make_manager(language="en"))
    assert "Just mine" not in other.get(LIST).content.decode()
    assert other.get(f"/reach/views/{view.pk}/").status_code == 404
    assert "Just mine" not in other.get(view.get_absolute_url()).content.decode()


def test_a_shared_view_is_opened_by_others_and_changed_by_its_owner_alone(as_user, solange):
    view = make_view(solange, name="For all", is_shared=True)
    other = as_user(make_manager(language="en"))
    assert "For all" in other.get(LIST).content.decode()
    assert other.get(f"/reach/views/{view.pk}/").status_code == 403
    for verb in ("mail", "remove"):
        assert other.post(f"/reach/views/{view.pk}/{verb}/").status_code == 403
    assert SavedView.objects.count() == 1


def test_a_view_is_renamed_and_removed(as_user, solange):
    client, view = as_user(solange), make_view(solange)
    client.post(f"/reach/views/{view.pk}/", {"name": "Anew"})
    assert str(SavedView.objects.get()) == "Anew"
    client.post(f"/reach/views/{view.pk}/remove/")
    assert not SavedView.objects.exists()
    verbs = Entry.objects.filter(verb__startswith="reach_view").values_list("verb", flat=True)
    assert set(verbs) == {"reach_view.saved", "reach_view.changed", "reach_view.removed"}


def test_who_has_no_view_is_told_how_to_make_one(as_user, solange):
    assert "No view of yours yet" in as_user(solange).get(LIST).content.decode()


@pytest.mark.parametrize("path", [LIST, "/reach/views/new/", "/reach/definitions/"])
def test_an_ambassador_has_no_part_in_it(as_user, path):
    assert as_user(make_user()).get(path).status_code == 403


@pytest.mark.parametrize("number", ["x", "99999999999999999999", "-1", "0"])
def test_a_view_that_does_not_exist_changes_nothing(as_user, solange, number):
    assert as_user(solange).get(f"/reach/?view={number}").status_code == 200


# --- Never a way round the minimum -----------------------------------------------------------
def test_a_saved_view_opened_after_its_department_shrank_tells_nothing(as_user, solange):
    company, client = Company(), as_user(solange)
    view = make_view(solange, f"period=28&department={company.departments['Ventes'].pk}")
    assert 'class="value"' in client.get(view.get_absolute_url()).content.decode()
    for member in company.members["Ventes"][:5]:
        member.leave()
    count_days([NOW.date()])
    html = client.get(view.get_absolute_url()).content.decode()
    assert "Figures about fewer than 5 people" in html
    assert 'class="value"' not in html


def test_a_frozen_report_of_a_small_department_holds_its_reason_and_nothing_else(solange):
    company = Company()
    words = frozen(solange, question=f"department={company.departments['Direction'].pk}").words
    assert set(words["en"]) == {"period", "filters", "is_hidden", "minimum"}
    assert words["en"]["is_hidden"] is True


def test_a_frozen_report_hides_what_the_page_hides(solange):
    Company()
    snapshot = frozen(solange)
    for language in ("fr", "en"):
        tables = {table["key"]: table for table in snapshot.words[language]["tables"]}
        rows = {row["name"]: row for row in tables["departments"]["rows"]}
        assert rows["Direction"]["values"] == rows["Juridique"]["values"] == []
        assert rows["Direction"]["reason"]
        assert rows["Juridique"]["reason"]
    assert "777" not in str(snapshot.words)


def test_what_is_frozen_names_no_ambassador(solange):
    company = Company()
    words = str(frozen(solange).words)
    people = [member for members in company.members.values() for member in members]
    assert not [p for p in people if p.user.last_name in words or p.user.email in words]


def test_who_lost_the_role_reads_neither_the_page_nor_the_mail(as_user, solange):
    Company()
    snapshot = frozen(solange)
    assert as_user(solange).get(snapshot.get_absolute_url()).status_code == 200
    solange.change_role(Role.AMBASSADOR, by=make_manager())
    assert as_user(solange).get(snapshot.get_absolute_url()).status_code == 403


def test_a_frozen_report_is_read_by_those_it_was_made_for_alone(as_user, solange):
    snapshot = frozen(solange)
    assert as_user(make_manager()).get(snapshot.get_absolute_url()).status_code == 404


# --- Frozen ----------------------------------------------------------------------------------
def test_a_frozen_report_does_not_change_when_clicks_come_late(as_user, solange):
    company, client = Company(), as_user(solange)
    snapshot = frozen(solange)
    before = client.get(snapshot.get_absolute_url()).content.decode()
    link = company.members["Ventes"][0].links.first()
    make_tally(link, day=YESTERDAY - timedelta(days=1), clicks=5000)
    after = client.get(snapshot.get_absolute_url()).content.decode()
    assert figures_in(before) == figures_in(after)
    assert "3,378" in before
    assert "8,378" in client.get(snapshot.live_path).content.decode()


def figures_in(html):
    return html[html.index("<main") : html.index("</main>")]


def test_the_link_to_the_figures_of_now_is_about_the_same_days(solange):
    with time_machine.travel(NOW, tick=False):
        snapshot = frozen(solange, question="period=28")
    with time_machine.travel(NOW + timedelta(days=40), tick=False):
        query = QueryDict(snapshot.live_path.partition("?")[2])
        assert ReachFilter.of(query).scope.period.last == YESTERDAY


def test_the_button_freezes_what_is_asked(as_user, solange):
    Company()
    answer = as_user(solange).post("/reach/freeze/?period=7&network=linkedin")
    snapshot = Snapshot.objects.get()
    assert answer.url == snapshot.get_absolute_url()
    assert snapshot.first == date(2026, 11, 16)
    assert ["Network", "LinkedIn"] in snapshot.words["en"]["filters"]


def test_after_25_months_it_is_forgotten(solange):
    old, young = frozen(solange), frozen(solange)
    months, now = relativedelta(months=25), NOW.astimezone(UTC)
    Snapshot.objects.filter(pk=old.pk).update(made_at=now - months - timedelta(minutes=1))
    Snapshot.objects.filter(pk=young.pk).update(made_at=now - months + timedelta(minutes=1))
    drop_old_snapshots()
    assert list(Snapshot.objects.all()) == [young]


# --- When ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rhythm", "now", "slot"),
    [
        ("weekly", "2026-11-23 07:59", None),
        ("weekly", "2026-11-23 08:00", "2026-11-23 08:00"),
        ("weekly", "2026-11-24 09:00", "2026-11-23 08:00"),  # the beat was down
        ("weekly", "2026-11-25 09:00", None),
        ("weekly", "2026-11-23 19:00", None),
        ("daily", "2026-11-24 08:05", "2026-11-24 08:00"),
        ("daily", "2026-11-28 09:00", None),  # a Saturday
        ("monthly", "2026-11-23 09:00", None),
        ("monthly", "2026-12-07 09:00", "2026-12-07 08:00"),
    ],
)
def test_a_report_is_due_at_eight_on_its_day(rhythm, now, slot):
    now = datetime.fromisoformat(now).replace(tzinfo=HERE)
    found = due_slot(rhythm, now)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == slot


# --- Mailed ----------------------------------------------------------------------------------
def test_a_report_is_frozen_and_mailed_once_however_often_the_beat_ticks(solange):
    Company()
    other = make_manager()
    make_mailing(make_view(solange), solange, other)
    for minutes in (0, 0, 5, 60):
        send_due(MONDAY_8 + timedelta(minutes=minutes))
    assert Snapshot.objects.count() == 1
    assert mails_of(solange).count() == mails_of(other).count() == 1


def test_a_mailing_arranged_after_eight_waits_for_its_next_day(solange):
    Company()
    make_mailing(make_view(solange), solange, since=MONDAY_8 + timedelta(minutes=1))
    send_due(NOW)
    assert not Snapshot.objects.exists()
    send_due(MONDAY_8 + timedelta(days=7))
    assert Snapshot.objects.count() == 1


def test_the_mail_is_in_its_readers_language_with_the_figures_as_frozen(solange):
    Company()
    claire = make_manager(language="fr")
    make_mailing(make_view(solange), solange, claire)
    send_due(MONDAY_8)
    english, french = (letter_of(mails_of(person).get()) for person in (solange, claire))
    snapshot = Snapshot.objects.get()
    for letter in (english, french):
        assert snapshot.get_absolute_url() in letter.text
        assert snapshot.get_absolute_url() in letter.html
    assert "3,378" in english.text
    assert "3,378" in english.html
    assert "3\u00a0378" in french.text
    assert "1. Is it alive?" in english.text
    assert "Est-ce que ça vit" in french.text
    assert english.unsubscribe


def test_it_is_not_sent_to_who_may_not_see_reports_any_more(solange):
    Company()
    leaver, mover = make_manager(), make_manager()
    make_mailing(make_view(solange), solange, leaver, mover)
    mover.change_role(Role.AMBASSADOR, by=solange)
    send_due(MONDAY_8)
    assert not mails_of(mover).exists()
    leaver.change_role(Role.AMBASSADOR, by=solange)  # between the beat and the mail
    deliver(str(mails_of(leaver).get().pk))
    assert mails_of(leaver).get().state == Notification.State.SKIPPED


def test_who_stopped_it_between_the_beat_and_the_mail_gets_none(solange):
    Company()
    other = make_manager()
    mailing = make_mailing(make_view(solange), solange, other)
    send_due(MONDAY_8)
    mailing.leave(other)
    deliver(str(mails_of(other).get().pk))
    assert mails_of(other).get().error == "no longer true"


def test_when_its_owner_may_not_see_reports_it_goes_to_nobody(solange):
    make_mailing(make_view(solange), make_manager())
    solange.change_role(Role.AMBASSADOR, by=make_manager())
    send_due(MONDAY_8)
    assert not Snapshot.objects.exists()


def test_one_of_its_readers_stops_it_for_themselves(as_user, solange):
    other = make_manager()
    mailing = make_mailing(make_view(solange), solange, other)
    as_user(other).post(reverse("campaigns:reach-mail-leave", args=[mailing.pk]))
    assert list(mailing.recipients.all()) == [solange]
    stranger = as_user(make_manager())
    leave = reverse("campaigns:reach-mail-leave", args=[mailing.pk])
    assert stranger.post(leave).status_code == 404


def test_the_link_in_the_mail_stops_it_without_a_login_by_post_alone(client, solange):
    Company()
    make_mailing(make_view(solange), solange)
    send_due(MONDAY_8)
    path = reverse("activity:unsubscribe", args=[unsubscribe_token(solange.pk, "reach.report")])
    client.get(path)
    assert solange.preferences.count() == 0
    client.post(path)
    deliver(str(mails_of(solange).get().pk))
    assert mails_of(solange).get().error == "no longer wanted"
    assert mail.outbox == []


def test_a_mailing_is_arranged_among_those_who_may_see_it(as_user, solange):
    view, other, nobody = make_view(solange), make_manager(), make_user()
    path = f"/reach/views/{view.pk}/mail/"
    client = as_user(solange)
    asked = {"rhythm": "weekly", "recipients": [solange.pk, nobody.pk]}
    assert client.post(path, asked).status_code == 422
    assert client.post(path, {"rhythm": "weekly"}).status_code == 422
    client.post(path, {"rhythm": "weekly", "recipients": [solange.pk, other.pk]})
    assert set(view.mailing.recipients.all()) == {solange, other}
    client.post(path, {"rhythm": ""})
    assert not Mailing.objects.exists()


def test_a_removed_view_is_mailed_no_more_and_what_was_mailed_stays(as_user, solange):
    Company()
    view = make_view(solange)
    make_mailing(view, solange)
    send_due(MONDAY_8)
    view.remove(by=solange)
    send_due(MONDAY_8 + timedelta(days=7))
    snapshot = Snapshot.objects.get()
    assert as_user(solange).get(snapshot.get_absolute_url()).status_code == 200
