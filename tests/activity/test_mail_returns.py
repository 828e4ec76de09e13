"""What comes back of a mail, and what follows for its address."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity import tasks
from activity.mailing.models import Bounce, Suppression
from activity.mailing.returns import take_in
from activity.models import Entry, Notification
from tests.activity.mail_reports import AWAY, QMAIL, complaint, filled, returned
from tests.factories import make_notification, make_user

pytestmark = pytest.mark.django_db


def sent(person=None, **fields):
    return make_notification(person, state="sent", sent_at=timezone.now(), **fields)


def state_of(notification):
    return Notification.objects.get(pk=notification.pk).state


def reason_for(person):
    return Suppression.objects.of(person.email).values_list("reason", flat=True).first()


def test_a_mailbox_that_does_not_exist_is_written_to_no_more(post_office):
    mail = sent()
    assert take_in(returned(mail)).kind == "hard"
    assert (state_of(mail), reason_for(mail.recipient)) == ("failed", "hard")
    following = make_notification(mail.recipient)
    tasks.deliver(str(following.pk))
    assert state_of(following) == "skipped"
    assert post_office.mails == []


@pytest.mark.parametrize("form", ["message/rfc822", "text/rfc822-headers"])
def test_the_mail_is_known_by_its_number_however_it_is_sent_back(form):
    assert take_in(returned(sent(), returned=form))


def test_the_mail_is_known_by_the_address_the_report_came_to():
    mail = sent()
    report = returned(mail, message_id="<x@y>", reply=f"returns+{mail.pk}@orvaly.example")
    assert take_in(report).notification == mail.pk


def test_an_old_server_that_only_says_it_in_words_is_understood():
    mail = sent()
    take_in(filled(QMAIL, mail))
    assert reason_for(mail.recipient) == "hard"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.2.2", "552 5.2.2 Mailbox full"),
        ("4.4.7", "Delivery time expired"),
        ("5.7.1", "550 5.7.1 Message rejected as spam"),
        ("5.7.26", "550 5.7.26 Unauthenticated sender"),
        ("5.0.0", "550 Service refused"),
    ],
)
def test_what_is_not_about_the_address_does_not_end_it_at_once(status, words):
    mail = sent()
    assert take_in(returned(mail, status=status, words=words)).kind == "soft"
    assert state_of(mail) == "failed"
    assert reason_for(mail.recipient) is None


def test_a_code_that_says_nothing_is_read_with_its_words():
    mail = sent()
    take_in(returned(mail, status="5.0.0", words="550 Utilisateur inconnu"))
    assert reason_for(mail.recipient) == "hard"


def test_the_third_soft_return_lets_the_address_rest_for_two_weeks():
    person, full = make_user(), {"status": "5.2.2", "words": "552 full"}
    for mail in [sent(person), sent(person)]:
        take_in(returned(mail, **full))
        take_in(returned(mail, **full))
    assert reason_for(person) is None
    take_in(returned(sent(person), **full))
    row = Suppression.objects.get()
    assert (row.reason, row.person) == ("soft", person)
    rest = row.until - timezone.now()
    assert timedelta(days=13) < rest <= timedelta(days=14)
    Suppression.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert reason_for(person) is None


def test_an_address_that_rested_and_turns_out_not_to_exist_is_held_for_good():
    person = make_user()
    Suppression.put(person.email, "soft", until=timezone.now() + timedelta(days=1))
    take_in(returned(sent(person)))
    row = Suppression.objects.get()
    assert (row.reason, row.until) == ("hard", None)


def test_a_mail_that_is_only_late_is_not_back():
    mail = sent()
    assert take_in(returned(mail, action="delayed", status="4.4.1")) is None
    assert state_of(mail) == "sent"


def test_a_holiday_note_is_no_report():
    assert take_in(filled(AWAY, sent())) is None


@pytest.mark.parametrize("kind", ["abuse", "fraud"])
def test_a_complaint_ends_the_mails_and_is_noted_without_a_name(kind):
    mail = sent()
    assert take_in(complaint(mail, kind)).kind == "complaint"
    assert reason_for(mail.recipient) == "complaint"
    entry = Entry.objects.get(verb="complaint.received")
    assert mail.recipient.email not in str(entry.data)
    assert state_of(mail) == "sent"


def test_taking_a_complaint_back_is_no_complaint():
    assert take_in(complaint(sent(), "not-spam")) is None


def test_a_report_that_comes_twice_counts_once():
    mail = sent()
    assert take_in(returned(mail))
    assert take_in(returned(mail)) is None
    assert Bounce.objects.count() == 1
    assert Entry.objects.filter(verb="suppression.added").count() == 1


def test_an_invented_number_holds_nobody_back():
    mail = sent()
    forged = returned(mail, message_id="<6e8bc430-9c3a-11d9-9669-0800200c9a66@127.0.0.1>")
    assert take_in(forged) is None
    assert not Suppression.objects.exists()


def test_with_the_number_of_ones_own_mail_nobody_else_is_held_back():
    mail, victim = sent(), make_user()
    take_in(returned(mail, to=victim.email))
    assert not Suppression.objects.exists()


def test_whoever_has_a_new_address_is_not_held_back_for_the_old_one():
    mail = sent()
    report = returned(mail)
    type(mail.recipient).objects.filter(pk=mail.recipient_id).update(email="new@orvaly.example")
    assert take_in(report)
    assert reason_for(mail.recipient) is None


def test_a_report_says_no_address_in_what_is_kept():
    mail = sent()
    take_in(returned(mail, words=f"550 5.1.1 <{mail.recipient.email}> unknown"))
    assert "@" not in Bounce.objects.get().words
    assert "@" not in Suppression.objects.get().words


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 50, b"Content-Type: multipart/report; boundary=b\n\n--b", b"a: b"]
)
def test_noise_is_no_report(raw):
    assert take_in(raw) is None


def test_a_server_that_says_so_at_the_door_ends_it_too(post_office):
    post_office.at_recipient.append("550 5.1.1 No such mailbox")
    mail = make_notification()
    tasks.deliver(str(mail.pk))
    assert reason_for(mail.recipient) == "hard"


@pytest.mark.parametrize("answer", ["550 5.7.1 Relaying denied", "554 5.7.1 Blocked", "550 No"])
def test_a_refusal_that_is_about_us_holds_nobody_back(post_office, answer):
    post_office.at_recipient.append(answer)
    mail = make_notification()
    tasks.deliver(str(mail.pk))
    assert state_of(mail) == "failed"
    assert not Suppression.objects.exists()
