"""The invitation at its moment, two reminders, then silence."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from ambassadors.models import Ambassador, Invitation
from ambassadors.tasks import remind_invited
from tests.activity.post_office import html_of, text_of, work
from tests.factories import make_invitation, make_manager, make_user

pytestmark = pytest.mark.django_db


def after(**time):
    """Some time later the beat has ticked, twice, and the workers have worked."""
    with time_machine.travel(timezone.now() + timedelta(**time)):
        remind_invited()
        remind_invited()
        work()


def subjects(post_office):
    return [mail["Subject"] for mail in post_office.mails]


def test_an_invitation_leads_to_its_own_door(post_office):
    invitation = make_invitation(by=make_manager())
    work()
    mail = post_office.only_mail()
    assert invitation.url in html_of(mail)
    assert invitation.url in text_of(mail)
    assert html_of(mail).count(invitation.url) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_invitation_is_short_and_promises_that_it_is_voluntary(post_office, language):
    make_invitation(make_user(language=language), by=make_manager())
    work()
    text = re.sub(r"https?://\S+", "", text_of(post_office.only_mail()))
    assert len(re.findall(r"[\w’'-]+", text)) <= 120
    assert "It’s voluntary. We never post for you." in text or "C’est volontaire." in text


def test_an_invitation_waits_for_its_moment(post_office):
    make_invitation(send_at=timezone.now() + timedelta(hours=2))
    work()
    assert post_office.mails == []
    after(hours=3)
    assert len(post_office.mails) == 1


def test_a_replaced_invitation_is_not_sent(post_office):
    user = make_user()
    make_invitation(user)
    second = make_invitation(user)
    work()
    assert second.url in text_of(post_office.only_mail())


def test_the_inviters_own_words_are_kept_as_they_are(post_office):
    make_invitation(by=make_manager(), message="Venez <b>voir</b>.\n\nÀ bientôt & merci")
    work()
    mail = post_office.only_mail()
    assert "Venez <b>voir</b>.\n\nÀ bientôt & merci" in text_of(mail).replace("\r\n", "\n")
    assert "Venez &lt;b&gt;voir&lt;/b&gt;.<br><br>À bientôt &amp; merci" in html_of(mail)


def test_who_does_not_answer_is_reminded_after_three_and_ten_days(post_office):
    make_invitation()
    work()
    for day in range(1, 14):
        before = len(post_office.mails)
        after(days=day)
        assert len(post_office.mails) - before == (1 if day in {3, 10} else 0), day
    assert len(post_office.mails) == 3


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_who_has_answered_is_left_alone(post_office, answer):
    invitation = make_invitation()
    work()
    getattr(invitation, answer)()
    after(days=4)
    assert len(post_office.mails) == 1


def test_who_joined_by_another_door_is_left_alone(post_office):
    invitation = make_invitation()
    work()
    invitation.user.ambassador.join()
    after(days=4)
    assert len(post_office.mails) == 1


def test_an_answer_between_the_beat_and_the_worker_is_heard(post_office):
    invitation = make_invitation()
    work()
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        remind_invited()
        invitation.decline()
        work()
    assert len(post_office.mails) == 1


def test_a_round_that_was_missed_is_not_made_up_for(post_office):
    make_invitation()
    work()
    after(days=11)
    assert len(post_office.mails) == 2


def test_reminders_can_be_stopped_without_an_answer(post_office, client):
    make_invitation()
    work()
    after(days=3)
    [address] = re.findall(
        r"<http://127.0.0.1:8000([^>]+)>", post_office.mails[1]["List-Unsubscribe"]
    )
    assert client.post(address).status_code == 200
    after(days=10)
    assert len(post_office.mails) == 2


def test_the_beat_costs_the_same_for_one_and_for_many(django_assert_num_queries):
    for n in (1, 8):
        for _ in range(n):
            make_invitation()
        with (
            time_machine.travel(timezone.now() + timedelta(days=3, hours=n)),
            django_assert_num_queries(12),
        ):
            remind_invited()
    assert Ambassador.objects.invited().count() == Invitation.objects.count() == 9
