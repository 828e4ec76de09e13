"""From the link in a mail to being in: nothing happens before the person says so."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from ambassadors.models import Ambassador, Invitation
from tests.factories import make_ambassador, make_invitation, make_manager, make_user

pytestmark = pytest.mark.django_db
ANSWER = "/join/"
State = Ambassador.State


def open_link(client, invitation):
    return client.get(invitation.url.removeprefix(settings.BASE_URL))


def state_of(invitation):
    return Ambassador.objects.get(user=invitation.user).state


def test_opening_the_link_takes_the_secret_out_of_the_address(client):
    response = open_link(client, make_invitation())
    assert (response.status_code, response["Location"]) == (302, ANSWER)
    assert response["Referrer-Policy"] == "no-referrer"


def test_a_mail_scanner_that_follows_the_link_changes_nothing(client):
    invitation = make_invitation()
    for _ in range(3):
        open_link(client, invitation)
        client.head(invitation.url.removeprefix(settings.BASE_URL))
        assert client.get(ANSWER).status_code == 200
    invitation.refresh_from_db()
    assert (invitation.accepted_at, state_of(invitation)) == (None, State.INVITED)


def test_the_page_says_who_invites_and_that_it_is_voluntary(client):
    sender = make_manager(first_name="Sophie", last_name="Lavoie", language="en")
    open_link(client, make_invitation(make_user(language="en"), by=sender))
    page = client.get(ANSWER).content.decode()
    assert "Sophie Lavoie invites you" in page
    assert "It’s voluntary." in page
    assert "We never post for you." in page


def test_no_is_a_button_of_the_same_size_in_the_same_form(client):
    open_link(client, make_invitation())
    page = client.get(ANSWER).content.decode()
    buttons = [line for line in page.splitlines() if 'name="answer"' in line]
    sizes = [
        line.replace("btn--primary ", "").split('class="')[1].split('"')[0] for line in buttons
    ]
    assert len(buttons) == 2
    assert sizes[0] == sizes[1]


def test_the_page_speaks_the_language_of_the_invited_person(client):
    open_link(client, make_invitation(make_user(language="en")))
    assert client.get(ANSWER, headers={"accept-language": "fr"}).content.startswith(
        b'<!doctype html>\n<html lang="en-CA"'
    )


def test_yes_opens_the_session_and_the_first_step(client):
    invitation = make_invitation()
    open_link(client, invitation)
    response = client.post(ANSWER, {"answer": "yes"})
    assert response["Location"] == "/welcome/charter/"
    assert state_of(invitation) == State.JOINING
    assert client.get("/welcome/charter/").status_code == 200
    address = EmailAddress.objects.get(user=invitation.user)
    assert (address.email, address.verified) == (invitation.user.email, True)


def test_a_password_is_optional(client):
    invitation = make_invitation()
    open_link(client, invitation)
    client.post(ANSWER, {"answer": "yes", "password": "neige-et-vent-de-mars"})
    invitation.user.refresh_from_db()
    assert invitation.user.check_password("neige-et-vent-de-mars")


def test_a_weak_password_is_refused_and_the_invitation_stays_good(client):
    invitation = make_invitation()
    open_link(client, invitation)
    response = client.post(ANSWER, {"answer": "yes", "password": "court"})
    assert response.status_code == 422
    assert state_of(invitation) == State.INVITED


def test_an_invitation_does_not_change_the_password_somebody_has(client):
    invitation = make_invitation(make_user(password="celui-de-toujours"))
    open_link(client, invitation)
    client.post(ANSWER, {"answer": "yes", "password": "neige-et-vent-de-mars"})
    invitation.user.refresh_from_db()
    assert invitation.user.check_password("celui-de-toujours")


def test_no_is_kept_and_nobody_is_told(client):
    from activity.models import Outbox

    invitation = make_invitation()
    Outbox.objects.all().delete()
    open_link(client, invitation)
    response = client.post(ANSWER, {"answer": "no"})
    assert response.status_code == 200
    assert state_of(invitation) == State.DECLINED
    assert not Outbox.objects.exists()


def test_a_link_works_once(client):
    invitation = make_invitation()
    open_link(client, invitation)
    client.post(ANSWER, {"answer": "yes"})
    client.logout()
    open_link(client, invitation)
    response = client.get(ANSWER)
    assert response.status_code == 410
    assert reverse("account_login") in response.content.decode()


def test_who_is_in_and_logged_in_goes_home_by_an_old_link(client):
    invitation = make_invitation()
    open_link(client, invitation)
    client.post(ANSWER, {"answer": "yes"})
    open_link(client, invitation)
    assert client.get(ANSWER)["Location"] == "/"


def test_a_second_yes_from_another_window_is_no_error(client):
    invitation = make_invitation()
    open_link(client, invitation)
    invitation.accept()
    assert client.post(ANSWER, {"answer": "yes"}).status_code == 410


@pytest.mark.parametrize("token", ["abc", "abc:def", "x" * 300])
def test_an_unknown_link_leads_to_a_page_that_sends_a_new_one(client, token):
    response = client.get(f"/join/{token}/")
    assert response.status_code == 404
    assert not client.session.keys(), "made-up links must not fill the database"
    assert reverse("ambassadors:invitation-renew") in response.content.decode()


@pytest.mark.parametrize("make", [make_manager, lambda: make_user(password="a-long-password-2026")])
def test_a_link_in_a_mail_opens_no_account_that_is_guarded_or_powerful(client, make):
    invitation = make_invitation(make())
    open_link(client, invitation)
    answer = client.post(ANSWER, {"answer": "yes"})
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert "_auth_user_id" not in client.session
    invitation.user.ambassador.refresh_from_db()
    assert invitation.user.ambassador.state == Ambassador.State.JOINING


def test_nobody_is_sent_more_than_three_links_they_did_not_get_from_hr(client):
    invitation = make_invitation(by=make_manager())
    for hours in range(1, 9):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            Invitation.renew(invitation.user.email)
    assert Invitation.objects.filter(invited_by=None).count() == 3


def test_an_altered_link_is_an_unknown_one(client):
    invitation = make_invitation()
    token = invitation.token[:-1] + ("A" if invitation.token[-1] != "A" else "B")
    client.get(f"/join/{token}/")
    assert client.get(ANSWER).status_code == 404


def test_an_expired_link_says_so_and_offers_one_field(client):
    invitation = make_invitation()
    Invitation.objects.update(expires_at=timezone.now())
    open_link(client, invitation)
    assert client.get(ANSWER).status_code == 410
    assert client.post(ANSWER, {"answer": "yes"}).status_code == 410
    assert state_of(invitation) == State.INVITED


def test_an_older_link_stops_working_when_a_newer_one_is_sent(client):
    older = make_invitation()
    Invitation.send(older.user)
    open_link(client, older)
    assert client.get(ANSWER).status_code == 410


def test_somebody_else_logged_in_cannot_answer_for_the_invited_person(client, as_user):
    as_user(make_user())
    invitation = make_invitation()
    open_link(client, invitation)
    client.post(ANSWER, {"answer": "yes"})
    assert state_of(invitation) == State.INVITED


def test_a_closed_account_is_an_unknown_link(client):
    invitation = make_invitation()
    type(invitation.user).objects.filter(pk=invitation.user.pk).update(is_active=False)
    open_link(client, invitation)
    assert client.get(ANSWER).status_code == 404


# --- A new link, by oneself --------------------------------------------------------------------


def renew(client, email):
    return client.post("/join/again/", {"email": email})


def words_of(response, email):
    """What the person reads, without their address."""
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return main.replace(email, "")


def pass_the_pause():
    earlier = timezone.now() - timedelta(days=20)
    Invitation.objects.update(created_at=earlier, send_at=earlier)


def test_a_new_link_is_sent_to_who_was_invited(client):
    invitation = make_invitation()
    pass_the_pause()
    renew(client, invitation.user.email.upper())
    newest = Invitation.objects.filter(user=invitation.user).first()
    assert newest.pk != invitation.pk
    newest.check_good()


@pytest.mark.parametrize("who", ["nobody", "member", "never invited"])
def test_the_answer_is_the_same_and_nothing_is_sent_to(client, who):
    people = {
        "nobody": lambda: "inconnue@orvaly.example",
        "member": lambda: make_ambassador().user.email,
        "never invited": lambda: make_user().email,
    }
    known = make_invitation().user.email
    pass_the_pause()
    told = words_of(renew(client, known), known)
    sent = Invitation.objects.count()
    email = people[who]()
    assert words_of(renew(client, email), email) == told
    assert Invitation.objects.count() == sent


def test_asking_twice_sends_one_link(client):
    invitation = make_invitation()
    pass_the_pause()
    renew(client, invitation.user.email)
    renew(client, invitation.user.email)
    assert Invitation.objects.filter(user=invitation.user).count() == 2


def test_an_invitation_that_has_not_left_yet_is_not_sent_early(client):
    invitation = make_invitation(send_at=timezone.now() + timedelta(days=2))
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1))
    renew(client, invitation.user.email)
    assert Invitation.objects.count() == 1


def test_an_address_that_is_none_gets_a_message(client):
    assert renew(client, "pas une adresse").status_code == 422
