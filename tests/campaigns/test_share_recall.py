"""A recall reaches whoever has posted the item, asks once more, and tells counts, never names."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from activity.models import Entry, Notification
from campaigns.models import Recall
from campaigns.sharing.quality import recalled
from campaigns.tasks import ask_recalled_again
from tests.activity.post_office import deliver_all, expand_all, html_of, text_of, work
from tests.factories import (
    make_ambassador,
    make_content,
    make_link,
    make_manager,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 30, 10, tzinfo=ZoneInfo("America/Montreal"))
Answer = Recall.Answer


@pytest.fixture
def maelle():
    return make_ambassador(make_user(language="en"))


@pytest.fixture
def her(maelle, as_user):
    return as_user(maelle.user)


def posted(content, ambassador=None, **fields):
    return make_share(make_link(ambassador, content), **fields).link.ambassador


def withdraw(content, by=None):
    content.withdraw(by=by or make_manager(), note="Le chiffre était faux.")


def test_each_person_with_a_post_out_there_is_told_once(post_office):
    content = make_content()
    declared, clicked, opened, left = (make_ambassador() for _ in range(4))
    posted(content, declared)
    make_share(make_link(declared, content, "x"))
    posted(content, clicked, declared_at=None, seen_at=timezone.now())
    posted(content, opened, declared_at=None)
    posted(content, left)
    left.leave()
    withdraw(content)
    work()
    work()
    told = set(Recall.objects.values_list("ambassador", flat=True))
    assert told == {declared.pk, clicked.pk}
    assert {mail.envelope[0] for mail in post_office.mails} == {
        declared.user.email,
        clicked.user.email,
    }
    assert len(post_office.mails) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The menu “…” of your post has “Edit” and “Delete”."), ("fr", "a été retiré")],
)
def test_the_mail_says_what_why_where_and_what_to_do(post_office, language, words):
    content = make_content()
    posted(content, make_ambassador(make_user(language=language)))
    withdraw(content)
    work()
    mail = post_office.only_mail()
    assert all(part in text_of(mail) for part in [content.title, "Le chiffre", "LinkedIn", words])
    assert f"/recalls/{content.pk}/" in html_of(mail)


def test_who_withdraws_what_they_shared_themselves_has_a_recall_and_no_mail(post_office):
    content, manager = make_content(), make_manager()
    posted(content, make_ambassador(manager))
    withdraw(content, by=manager)
    work()
    assert post_office.mails == []
    assert Recall.objects.get().ambassador_id == manager.pk


def test_the_bell_leads_to_the_page_and_an_answer_ends_the_banner(her, maelle):
    content = make_content()
    posted(content, maelle)
    withdraw(content)
    expand_all()
    told = Notification.objects.get(channel="bell", recipient=maelle.user)
    assert told.data["path"] == f"/recalls/{content.pk}/"
    assert "See what to do, and tell us" in her.get("/feed/").content.decode()
    page = her.get(f"/recalls/{content.pk}/").content.decode()
    assert "Le chiffre était faux." in page
    her.post(f"/recalls/{content.pk}/", {"answer": Answer.LEFT})
    her.post(f"/recalls/{content.pk}/", {"answer": Answer.REMOVED})
    recall = Recall.objects.get()
    assert (recall.answer, recall.answered_at is not None) == (Answer.REMOVED, True)
    assert "See what to do, and tell us" not in her.get("/feed/").content.decode()


def test_somebody_else_s_recall_does_not_exist(her, maelle):
    content = make_content()
    posted(content)
    withdraw(content)
    expand_all()
    for answer in (
        her.get(f"/recalls/{content.pk}/"),
        her.post(f"/recalls/{content.pk}/", {"answer": "left"}),
    ):
        assert answer.status_code == 404
    assert Recall.objects.get().answer == ""


def test_an_answer_that_nobody_offered_is_refused(her, maelle):
    content = make_content()
    posted(content, maelle)
    withdraw(content)
    expand_all()
    assert her.post(f"/recalls/{content.pk}/", {"answer": "sold"}).status_code == 422


def test_who_says_it_is_posted_after_the_withdrawal_is_asked_too(her, maelle):
    content = make_content()
    share = make_share(make_link(maelle, content), declared_at=None)
    withdraw(content)
    expand_all()
    assert not Recall.objects.exists()
    her.post(f"/shares/{share.pk}/declare/")
    assert Recall.objects.get().ambassador == maelle


# --- Once more -----------------------------------------------------------------------------------
def beat(at, times=2):
    with time_machine.travel(at):
        for _ in range(times):
            ask_recalled_again()
        deliver_all()


def told_on_monday(post_office, *people):
    with time_machine.travel(MONDAY):
        content = make_content()
        for each in people:
            posted(content, each)
        withdraw(content)
        work()
    post_office.mails.clear()
    return content


def test_one_reminder_after_two_days_and_then_none(post_office, maelle):
    told_on_monday(post_office, maelle)
    beat(MONDAY + timedelta(hours=47))
    assert post_office.mails == []
    for days in (2, 3, 4, 10):
        beat(MONDAY + timedelta(days=days, minutes=1))
    mail = post_office.only_mail()
    assert mail["Subject"].strip().startswith("What became of your post?")
    assert "Le chiffre était faux." in text_of(mail)


def test_who_has_answered_or_left_is_not_reminded(post_office):
    answered, left = make_ambassador(), make_ambassador()
    told_on_monday(post_office, answered, left)
    Recall.objects.get(ambassador=answered).reply(Answer.REMOVED)
    left.leave()
    beat(MONDAY + timedelta(days=3))
    assert post_office.mails == []


def test_who_answers_between_the_beat_and_the_worker_is_not_reminded(post_office, maelle):
    told_on_monday(post_office, maelle)
    with time_machine.travel(MONDAY + timedelta(days=2, hours=1)):
        ask_recalled_again()
        Recall.objects.get().reply(Answer.REMOVED)
        deliver_all()
    assert post_office.mails == []


def test_nobody_is_reminded_at_night_or_on_a_weekend(post_office, maelle):
    told_on_monday(post_office, maelle)
    beat(datetime(2026, 12, 3, 8, tzinfo=UTC))
    beat(datetime(2026, 12, 5, 18, tzinfo=UTC))
    assert post_office.mails == []
    beat(datetime(2026, 12, 7, 18, tzinfo=UTC))
    assert len(post_office.mails) == 1


# --- As those who run the programme see it -------------------------------------------------------
def recall_of(n, answers):
    content = make_content()
    people = [posted(content) for _ in range(n)]
    withdraw(content)
    expand_all()
    for recall, answer in zip(Recall.objects.order_by("pk"), answers, strict=False):
        recall.reply(answer)
    return content, people


def test_how_many_were_told_and_answered_is_known_from_the_first_person_on():
    content, _people = recall_of(2, [Answer.LEFT])
    told = recalled(content)
    assert (told.told, told.answered, told.answers) == (2, 1, [])


def test_what_was_answered_shows_from_five_answers_up_and_names_nobody(as_user):
    content, people = recall_of(6, [Answer.REMOVED] * 4 + [Answer.LEFT])
    told = recalled(content)
    assert [n for _label, n in told.answers] == [4, 0, 0, 1]
    page = as_user(make_manager(language="en")).get(content.get_absolute_url()).content.decode()
    assert "6 people were told, 5 answered." in page
    assert not any(each.user.last_name in page for each in people)


def test_nothing_is_said_where_nobody_had_to_be_told():
    content, _people = recall_of(0, [])
    assert recalled(content) is None


def test_answers_leave_no_trail_that_names_anybody(her, maelle):
    content = make_content()
    posted(content, maelle)
    withdraw(content)
    expand_all()
    before = Entry.objects.count()
    her.post(f"/recalls/{content.pk}/", {"answer": Answer.LEFT})
    assert Entry.objects.count() == before
