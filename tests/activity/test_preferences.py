import re
from datetime import time

import pytest
from django.urls import reverse

from activity.models import Browser, Entry, Hours, Preference
from ambassadors.models import Ambassador
from campaigns.models import Mute
from tests.activity.post_office import work
from tests.factories import make_ambassador, make_campaign, make_manager, make_user

pytestmark = pytest.mark.django_db
PAGE = "activity:preferences"
PERSON = {"language": "fr", "time_zone": "America/Montreal"}


def save(client, **data):
    return client.post(reverse(PAGE), PERSON | {"rhythm": "weekly"} | data)


def test_a_member_may_turn_off_the_mail_and_keep_the_bell(as_user, post_office):
    person = make_ambassador().user
    answer = save(as_user(person), **{"campaign.launched:bell": "on"})
    assert answer.url == reverse(PAGE)
    make_campaign(state="scheduled").launch()
    work()
    assert post_office.mails == []
    assert [n.channel for n in person.notifications.all()] == ["bell"]


def test_saving_what_was_shown_changes_nothing(as_user):
    person = make_ambassador().user
    html = as_user(person).get(reverse(PAGE)).content.decode()
    ticked = re.findall(r'<input type="checkbox" name="([\w.]+:\w+)"[^>]* checked', html)
    assert "campaign.launched:email" in ticked
    save(as_user(person), **dict.fromkeys(ticked, "on"))
    assert not Preference.objects.exists()
    assert not Entry.objects.exists()


def test_a_mail_that_is_owed_cannot_be_turned_off(as_user):
    html = as_user(make_manager()).get(reverse(PAGE)).content.decode()
    assert 'name="content.changes_requested:bell"' in html
    assert 'name="content.changes_requested:email"' not in html
    assert 'name="invitation:email"' not in html


def test_each_is_offered_what_concerns_them(as_user):
    html = as_user(make_ambassador().user).get(reverse(PAGE)).content.decode()
    assert 'name="campaign.launched:email"' in html
    assert "content.submitted" not in html
    assert "content.submitted" in as_user(make_manager()).get(reverse(PAGE)).content.decode()


def test_the_rhythm_is_the_ambassadors_own(as_user):
    ambassador = make_ambassador()
    save(as_user(ambassador.user), rhythm="monthly")
    ambassador.refresh_from_db()
    assert ambassador.rhythm == Ambassador.Rhythm.MONTHLY
    assert ambassador.rhythm_chosen


def test_who_stopped_the_digest_sees_never_and_may_choose_again(as_user):
    ambassador = make_ambassador()
    Preference.say(ambassador.user, "digest", "email", wanted=False)
    client = as_user(ambassador.user)
    page = client.get(reverse(PAGE))
    assert page.context["forms"][0].initial["rhythm"] == "never"
    save(client, rhythm="weekly")
    assert Preference.objects.get(kind="digest").wanted


def test_who_is_not_in_the_programme_has_no_digest_to_set(as_user):
    page = as_user(make_manager()).get(reverse(PAGE))
    assert 'name="rhythm"' not in page.content.decode()
    assert reverse("ambassadors:programme-leave") not in page.content.decode()


def test_a_member_finds_the_way_out(as_user):
    html = as_user(make_ambassador().user).get(reverse(PAGE)).content.decode()
    assert reverse("ambassadors:programme-leave") in html


def test_language_and_time_zone_take_effect_at_once(as_user):
    person = make_user(language="fr")
    client = as_user(person)
    save(client, language="en", time_zone="Europe/Paris")
    person.refresh_from_db()
    assert (person.language, person.time_zone) == ("en", "Europe/Paris")
    assert "Saved." in client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize(
    "bad", [{"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"rhythm": "hourly"}]
)
def test_nonsense_is_refused_and_nothing_is_saved(as_user, bad):
    ambassador = make_ambassador()
    answer = save(as_user(ambassador.user), **{"rhythm": "daily"} | bad)
    ambassador.refresh_from_db()
    assert answer.status_code == 422
    assert ambassador.rhythm == "weekly"
    assert not Preference.objects.exists()


def test_a_time_zone_from_elsewhere_stays_on_offer(as_user):
    person = make_user(time_zone="Asia/Tokyo")
    assert "Asia/Tokyo" in as_user(person).get(reverse(PAGE)).content.decode()


def test_the_page_is_for_who_is_logged_in(client):
    assert client.get(reverse(PAGE)).status_code == 302


# --- Hours ---------------------------------------------------------------------------------------
def test_ones_own_hours_leave_and_holidays_are_kept(as_user):
    person = make_user()
    hours = {"quiet_from": "17:00", "quiet_until": "09:00", "region": "FR"}
    save(as_user(person), **hours, away_from="2026-12-21", away_until="2027-01-04")
    kept = Hours.objects.get(person=person)
    assert (kept.quiet_from, kept.quiet_until) == (time(17), time(9))
    assert (kept.region, str(kept.away_from), kept.weekends) == ("FR", "2026-12-21", False)


@pytest.mark.parametrize(
    "bad",
    [
        {"away_from": "2026-12-21"},
        {"away_from": "2026-12-21", "away_until": "2026-12-20"},
        {"quiet_from": "08:00", "quiet_until": "07:00"},
        {"region": "XX"},
    ],
)
def test_hours_that_make_no_sense_are_refused(as_user, bad):
    person = make_user()
    assert save(as_user(person), **bad).status_code == 422
    assert not Hours.objects.exists()


def test_devices_are_offered_to_who_has_one(as_user):
    person = make_user()
    assert 'name="via"' not in as_user(person).get(reverse(PAGE)).content.decode()
    Browser.add(person, address="https://fcm.googleapis.com/x", key="k", auth="a", device="")
    assert 'name="via"' in as_user(person).get(reverse(PAGE)).content.decode()


def test_a_muted_campaign_can_be_heard_again(as_user):
    mute = Mute.objects.create(campaign=make_campaign(), ambassador=make_ambassador())
    client = as_user(mute.ambassador.user)
    save(client, muted=mute.campaign_id)
    assert Mute.objects.exists()
    save(client)
    assert not Mute.objects.exists()
