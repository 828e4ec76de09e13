"""Reminders: suggested within working hours, each to their own, sent once, never posting anything."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from activity.models import Notification
from ambassadors.models import Charter
from campaigns.models import Plan
from campaigns.sharing.actions import decline, open_share, plan
from campaigns.sharing.moments import is_working_time, suggested_moments
from campaigns.tasks import send_due_reminders
from tests.activity.post_office import deliver_all, html_of, text_of
from tests.factories import (
    make_ambassador,
    make_caption,
    make_content,
    make_link,
    make_network,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
MONTREAL = ZoneInfo("America/Montreal")
ZONES = [
    "America/St_Johns",
    "America/Vancouver",
    "Europe/Paris",
    "Indian/Reunion",
    "Pacific/Noumea",
]
TUESDAY = datetime(2026, 12, 1, 7, 40, tzinfo=MONTREAL)


# --- When ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("hour", [0, 7, 12, 16, 23])
def test_500_colleagues_do_not_meet_in_a_quarter_of_an_hour(hour):
    now = TUESDAY.replace(hour=hour)
    offered = [suggested_moments(person, 7, now=now) for person in range(1, 501)]
    firsts = Counter(moments[0] for moments in offered)
    every = Counter(moment for moments in offered for moment in moments)
    # Of 36 quarters a day, an even part is 2.8 %.
    assert max(firsts.values()) / firsts.total() <= 0.033
    assert max(every.values()) / every.total() <= 0.011


@pytest.mark.parametrize("step", [2, 3, 7, 10, 36])
def test_neither_do_the_members_of_a_department(step):
    firsts = Counter(
        suggested_moments(person, 7, now=TUESDAY)[0] for person in range(1, 500 * step, step)
    )
    assert max(firsts.values()) / firsts.total() <= 0.05


@pytest.mark.parametrize("zone", ZONES)
def test_what_is_suggested_lies_in_working_hours_all_year(zone):
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(400):
        now = (begin + timedelta(hours=22 * n)).astimezone(ZoneInfo(zone))
        for moment in suggested_moments(n, n, now=now):
            assert is_working_time(moment)
            assert moment.weekday() < 5
            assert time(8, 30) <= moment.time() <= time(17, 15)
            assert moment - now >= timedelta(minutes=30)


def test_three_days_and_none_after_the_end():
    moments = suggested_moments(1, 1, now=TUESDAY)
    assert len({moment.date() for moment in moments}) == 3
    until = moments[1] + timedelta(minutes=1)
    assert suggested_moments(1, 1, now=TUESDAY, until=until) == moments[:2]


# --- Asking for one ------------------------------------------------------------------------------
@pytest.fixture
def maelle():
    ambassador = make_ambassador(make_user(language="en"), networks=["linkedin"])
    ambassador.accept(Charter.objects.current(), language="en")
    return ambassador


@pytest.fixture
def her(maelle, as_user):
    return as_user(maelle.user)


@pytest.fixture
def content():
    return make_content()


def ask(client, content, **data):
    data = {"network": "x", "language": "fr", "text": "Mes mots."} | data
    return client.post(f"/share/{content.pk}/remind/", data)


def tomorrow(hour=10):
    return (timezone.localtime() + timedelta(days=1)).replace(hour=hour, minute=0, second=0)


def planned(maelle, content, **fields):
    fields = {"network": make_network("x"), "at": timezone.now() + timedelta(hours=1)} | fields
    return plan(content, by=maelle, **fields)


def test_a_reminder_keeps_the_panel_as_it_stood(her, maelle, content):
    caption = make_caption(content, network=make_network("x"))
    ask(her, content, at=tomorrow().isoformat(), caption=caption.pk, shown=caption.pk)
    kept = Plan.objects.get()
    assert (kept.network.slug, kept.caption, kept.words) == ("x", caption, "Mes mots.")
    page = her.get(f"/share/{content.pk}/?plan={kept.pk}").content.decode()
    assert "Mes mots.</textarea>" in page
    assert 'name="network" value="x"' in page


def test_another_moment_is_by_the_person_s_own_clock(her, maelle, content):
    maelle.user.time_zone = "Europe/Paris"
    maelle.user.save()
    with time_machine.travel(TUESDAY):
        content.expires_at = None
        content.save()
        her.force_login(maelle.user, "allauth.account.auth_backends.AuthenticationBackend")
        ask(her, content, at="other", other_at="2026-12-03T09:15")
    assert Plan.objects.get().at == datetime(2026, 12, 3, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"at": "other"}, "Say when"),
        ({"at": "nonsense"}, "Say when"),
        ({"at": "2026-13-45T99:00:00+00:00"}, "Say when"),
        ({"at": "2020-01-01T10:00:00+00:00"}, "That moment is over"),
        ({"at": "2099-01-01T10:00:00+00:00"}, "It can be shared until"),
    ],
)
def test_a_moment_that_makes_no_sense_is_said_and_keeps_the_words(her, content, data, words):
    answer = ask(her, content, **data)
    page = answer.content.decode()
    assert (answer.status_code, words in page) == (422, True)
    assert "Mes mots.</textarea>" in page
    assert not Plan.objects.exists()


def test_asking_again_for_an_item_moves_the_reminder(her, content):
    ask(her, content, at=tomorrow(9).isoformat())
    ask(her, content, at=tomorrow(15).isoformat())
    assert [timezone.localtime(each.at).hour for each in Plan.objects.all()] == [15]


def test_reminders_are_listed_and_removed_where_one_s_effect_is(her, maelle, content):
    mine = planned(maelle, content)
    other = planned(make_ambassador(), content)
    page = her.get("/impact/").content.decode()
    assert f"/plans/{mine.pk}/remove/" in page
    assert f"/plans/{other.pk}/remove/" not in page
    for each in (mine, other):
        her.post(f"/plans/{each.pk}/remove/")
    assert list(Plan.objects.all()) == [other]


def test_what_is_not_meant_for_a_person_cannot_be_planned(her, content):
    content.campaign.pause(content.author)
    assert ask(her, content, at=tomorrow().isoformat()).status_code == 410
    assert not Plan.objects.exists()


def test_the_calendar_file_holds_the_moment_and_nobody_else_has_it(her, maelle):
    title = "Écoles, chaleur; et 300 élèves \\ " + "très " * 20
    mine = planned(
        maelle, make_content(title=title.strip()), at=datetime(2026, 12, 3, 14, 5, tzinfo=UTC)
    )
    answer = her.get(f"/plans/{mine.pk}/calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    lines = answer.content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    whole = answer.content.decode().replace("\r\n ", "").split("\r\n")
    assert "DTSTART:20261203T140500Z" in whole
    assert "SUMMARY:Share: Écoles\\, chaleur\\; et 300 élèves \\\\ très" in "\n".join(whole)
    assert (
        her.get(f"/plans/{planned(make_ambassador(), mine.content).pk}/calendar.ics").status_code
        == 404
    )


# --- Being reminded ------------------------------------------------------------------------------
def beat(later=timedelta(hours=2), times=2):
    with time_machine.travel(timezone.now() + later):
        for _ in range(times):
            send_due_reminders()
        deliver_all()


def test_it_comes_once_by_mail_and_bell_with_the_words_and_posts_nothing(
    post_office, maelle, content
):
    mine = planned(maelle, content, words="Mes mots à moi.")
    beat(timedelta(minutes=30))
    assert post_office.mails == []
    beat()
    beat()
    mail = post_office.only_mail()
    assert "Mes mots à moi." in text_of(mail)
    assert "nothing is posted for you" in text_of(mail)
    assert f"/share/{content.pk}/?plan={mine.pk}" in html_of(mail)
    assert set(maelle.user.notifications.values_list("channel", flat=True)) == {"email", "bell"}
    assert not maelle.links.exists()


def ends(content, maelle):
    content.expire()


def pauses(content, maelle):
    content.campaign.pause(content.author)


def declines(content, maelle):
    decline(content, by=maelle, reason="other")


def leaves(content, maelle):
    maelle.leave()


def posts(content, maelle):
    share = open_share(
        content, by=maelle, network=make_network("x"), language="fr", text="Mes mots."
    )
    share.declare(by=maelle.user)


@pytest.mark.parametrize("happens", [ends, pauses, declines, leaves, posts])
def test_nobody_is_reminded_of_what_they_cannot_or_would_not_share(
    post_office, maelle, content, happens
):
    planned(maelle, content)
    happens(content, maelle)
    beat()
    assert post_office.mails == []
    assert not Notification.objects.filter(kind="share.reminder", state="sent").exists()


def test_what_ends_between_the_beat_and_the_worker_is_not_sent(post_office, maelle, content):
    planned(maelle, content)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        send_due_reminders()
        content.expire()
        deliver_all()
    assert post_office.mails == []


def test_a_post_elsewhere_does_not_silence_the_reminder(post_office, maelle, content):
    planned(maelle, content)
    make_share(make_link(maelle, content, "linkedin"))
    beat()
    assert len(post_office.mails) == 1


def test_what_was_sent_a_month_ago_is_forgotten_with_its_words():
    one, other = make_ambassador(), make_ambassador()
    content, now, network = make_content(), timezone.now(), make_network()
    for person, days in ((one, 31), (other, 29)):
        made = plan(content, by=person, network=network, at=now, words="Mes mots")
        Plan.objects.filter(pk=made.pk).update(reminded_at=now - timedelta(days=days))
    send_due_reminders()
    assert Plan.objects.get().ambassador == other


def test_who_leaves_leaves_no_reminder_behind():
    one, other, content = make_ambassador(), make_ambassador(), make_content()
    for person in (one, other):
        plan(content, by=person, network=make_network(), at=timezone.now(), words="Mes mots")
    one.leave()
    assert Plan.objects.get().ambassador == other
