"""Coming in by oneself: a link, a mail to the address that was typed, and a yes of HR."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from activity.models import Entry
from ambassadors.models import Ambassador, Invitation, Person, Role, SignUp, SignUpLink, User
from tests.factories import make_admin, make_manager, make_provider, make_user

pytestmark = pytest.mark.django_db
EMAIL = "lea@orvaly.example"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def link():
    return SignUpLink.make(by=make_manager())


def fill_in(client, link, **fields):
    form = {"first_name": "Léa", "last_name": "Roy", "email": EMAIL} | fields
    return client.post(reverse("ambassadors:sign-up-open", args=[link.token]), form)


def mailed():
    """The path of the link in the last mail."""
    return re.search(r"https?://[^/\s]+(/sign-up/confirm/\S+)", mail.outbox[-1].body)[1]


def ask(client, link, **fields):
    fill_in(client, link, **fields)
    return client.post(mailed())


def test_who_shows_to_read_a_company_mailbox_waits_for_a_yes(client, link):
    ask(client, link, email="Lea@ORVALY.example")
    row = SignUp.objects.get()
    assert (row.email, row.state) == (EMAIL, "awaiting")
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_yes_makes_the_account_with_the_lowest_role_and_invites(client, link, as_user):
    ask(client, link)
    manager, row = make_manager(), SignUp.objects.get()
    as_user(manager).post(reverse("ambassadors:sign-up-decide", args=[row.pk]), {"answer": "yes"})
    lea = User.objects.get(email=EMAIL)
    assert (lea.role, lea.first_name) == (Role.AMBASSADOR, "Léa")
    assert EmailAddress.objects.get(user=lea).verified
    assert Person.objects.filter(user=lea).exists()
    assert Invitation.objects.get(user=lea).invited_by == manager
    assert Entry.objects.get(verb="sign_up.approved").actor_id == manager.pk


def test_a_no_makes_nothing_and_stays_a_no(client, link, as_user):
    ask(client, link)
    row = SignUp.objects.get()
    answer = reverse("ambassadors:sign-up-decide", args=[row.pk])
    as_user(make_manager()).post(answer, {"answer": "no"})
    client.logout()
    ask(client, link)
    assert SignUp.objects.get().state == "declined"
    assert not User.objects.filter(email=EMAIL).exists()


def test_two_answers_are_one(client, link, as_user):
    ask(client, link)
    answer = reverse("ambassadors:sign-up-decide", args=[SignUp.objects.get().pk])
    for said in ("yes", "no", "yes"):
        as_user(make_manager()).post(answer, {"answer": said})
    assert SignUp.objects.get().state == "approved"
    assert Invitation.objects.count() == 1


def test_without_approval_people_come_in_at_once(client):
    ask(client, SignUpLink.make(by=make_admin(), needs_approval=False))
    lea = User.objects.get(email=EMAIL)
    assert client.session["_auth_user_id"] == str(lea.pk)
    assert lea.ambassador.state == Ambassador.State.JOINING
    assert lea.role == Role.AMBASSADOR


def test_where_single_sign_on_is_the_only_way_it_is_still_asked_for(client):
    make_provider(is_required=True)
    answer = ask(client, SignUpLink.make(by=make_admin(), needs_approval=False))
    assert answer.status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "email", ["lea@stranger.example", "lea@x.orvaly.example", "lea@orvaly.example.evil.example"]
)
def test_an_address_of_another_domain_is_refused(client, link, email):
    assert fill_in(client, link, email=email).status_code == 422
    assert mail.outbox == []


def test_whether_somebody_has_an_account_is_told_to_their_mailbox_only(client, link):
    make_user(email="known@orvaly.example")
    pages = [
        fill_in(client, link, email=f"{who}@orvaly.example").content.replace(who.encode(), b"")
        for who in ("known", "nobody")
    ]
    masked = [re.sub(rb"csrf[^>]*|X-CSRFToken[^>]*", b"", page) for page in pages]
    assert masked[0] == masked[1]
    assert ["confirm" in each.body for each in mail.outbox] == [False, True]


def test_a_mail_scanner_that_opens_the_link_does_nothing(client, link):
    fill_in(client, link)
    assert client.get(mailed()).status_code == 200
    assert not SignUp.objects.exists()


def test_the_link_in_the_mail_is_good_once(client):
    ask(client, SignUpLink.make(by=make_admin(), needs_approval=False))
    client.logout()
    assert client.post(mailed()).status_code == 410
    assert "_auth_user_id" not in client.session


def test_a_link_that_was_taken_back_opens_nothing(client, link):
    fill_in(client, link)
    link.revoke(by=make_manager())
    assert client.post(mailed()).status_code == 410
    assert fill_in(client, link).status_code == 410
    assert not SignUp.objects.exists()


def test_nobody_can_fill_somebodys_mailbox(client, link):
    pages = [fill_in(client, link).status_code for _ in range(5)]
    assert pages == [200] * 5
    assert len(mail.outbox) == 3


def test_the_address_is_not_in_the_link(client, link):
    fill_in(client, link)
    assert "lea" not in mailed()


def test_a_manager_cannot_open_the_door_to_everybody(as_user):
    page = reverse("ambassadors:sign-up-list")
    as_user(make_manager()).post(page, {"automatic": "on"})
    as_user(make_admin()).post(page, {"automatic": "on"})
    assert set(SignUpLink.objects.values_list("needs_approval", flat=True)) == {True, False}


def test_only_those_who_invite_see_who_waits(as_user, link):
    page = reverse("ambassadors:sign-up-list")
    assert as_user(make_user()).get(page).status_code == 403
    assert link.url in as_user(make_manager()).get(page).content.decode()
