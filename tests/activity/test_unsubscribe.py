"""The link in every bulk mail: reading it does nothing, posting to it acts at once."""

import pytest
from django.core import signing
from django.urls import reverse

from activity import tokens
from activity.models import Entry, Preference
from ambassadors.models import Invitation
from tests.activity.post_office import work
from tests.factories import make_ambassador, make_campaign, make_notification, make_user

pytestmark = pytest.mark.django_db
KIND = "campaign.launched"


def path_for(person, kind=KIND):
    return reverse("activity:unsubscribe", args=[tokens.unsubscribe_token(person.pk, kind)])


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_changes_nothing(client, method):
    answer = getattr(client, method)(path_for(make_user()))
    assert answer.status_code == 200
    assert not Preference.objects.exists()


@pytest.mark.django_db
def test_a_mail_program_posts_without_cookie_login_or_csrf_token(django_assert_max_num_queries):
    from django.test import Client

    client, person = Client(enforce_csrf_checks=True), make_user()
    answer = client.post(path_for(person), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    preference = Preference.objects.get()
    assert (preference.person, preference.kind, preference.wanted) == (person, KIND, False)
    assert "sessionid" not in answer.cookies


def test_posting_twice_says_the_same_and_is_noted_once(client):
    person = make_user()
    for _ in range(2):
        assert client.post(path_for(person)).status_code == 200
    assert Entry.objects.filter(verb="preference.refused").count() == 1


def test_what_is_queued_already_is_not_sent(client, post_office):
    notification = make_notification()
    client.post(path_for(notification.recipient))
    work()
    notification.refresh_from_db()
    assert notification.state == "skipped"
    assert post_office.mails == []


def test_only_that_kind_of_that_person_stops(client, post_office):
    leaver, other = make_ambassador().user, make_ambassador().user
    client.post(path_for(leaver))
    campaign = make_campaign(state="scheduled")
    campaign.launch()
    Invitation.send(make_user())
    work()
    assert len(post_office.to(other)) == 1
    assert post_office.to(leaver) == []
    assert leaver.notifications.filter(channel="bell").exists()


def test_a_forged_token_is_nowhere(client):
    person = make_user()
    token = tokens.unsubscribe_token(person.pk, KIND)
    other = signing.Signer(salt="porte-voix.invitation").sign_object([person.pk, KIND])
    for bad in [token[:-1] + ("A" if token[-1] != "A" else "B"), other, "x", f"{person.pk}:{KIND}"]:
        for method in ("get", "post"):
            answer = getattr(client, method)(reverse("activity:unsubscribe", args=[bad]))
            assert answer.status_code == 404
    assert not Preference.objects.exists()


def test_a_token_opens_nothing_else(client):
    person = make_ambassador().user
    token = tokens.unsubscribe_token(person.pk, KIND)
    client.post(path_for(person))
    assert client.get(reverse("activity:preferences")).status_code == 302
    client.get(f"/join/{token}/")
    assert client.get("/join/").status_code == 404


def test_the_page_speaks_the_language_of_the_person_and_tells_no_one(client):
    answer = client.get(path_for(make_user(language="en")), headers={"accept-language": "fr"})
    assert "Stop these messages?" in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_token_of_somebody_who_was_erased_is_nowhere(client):
    person = make_user()
    path = path_for(person)
    person.delete()
    assert client.post(path).status_code == 404
