"""The addresses nothing is sent to: seen, added, removed, told to those who run the programme."""

import pytest
from django.urls import reverse

from activity.mailing.models import Suppression
from activity.mailing.returns import take_in
from activity.models import Entry, Notification
from tests.activity.mail_reports import complaint
from tests.activity.post_office import html_of, text_of, work
from tests.activity.test_mail_returns import sent
from tests.factories import make_admin, make_manager, make_person, make_user

pytestmark = pytest.mark.django_db
LIST = "activity:suppression-list"


@pytest.fixture
def admin(client):
    user = make_admin(language="en")
    client.force_login(user)
    return user


def test_an_administrator_adds_an_address_however_it_is_capitalised(client, admin):
    person = make_user(email="leo@orvaly.example")
    said = {"address": "Leo@Orvaly.example", "words": "On leave"}
    assert client.post(reverse(LIST), said).status_code == 302
    row = Suppression.objects.get()
    assert (row.address, row.person, row.by) == ("leo@orvaly.example", person, admin)
    entry = Entry.objects.get(verb="suppression.added")
    assert (entry.subject_id, entry.data) == (str(person.pk), {"reason": "by_hand"})


def test_an_address_that_is_there_already_says_so(client, admin):
    Suppression.put("leo@orvaly.example", "hard")
    said = {"address": "leo@orvaly.example", "words": "x"}
    assert client.post(reverse(LIST), said).status_code == 422
    assert Suppression.objects.get().reason == "hard"


def test_an_address_is_found_by_its_owners_name(client, admin):
    person = make_user(first_name="Ovide")
    Suppression.put(person.email, "hard", person=person)
    Suppression.put("other@orvaly.example", "hard")
    page = client.get(reverse(LIST), {"q": "ovide"}).content.decode()
    assert person.email in page
    assert "other@orvaly.example" not in page


def test_removing_asks_why_and_writes_it_down(client, admin):
    row, _new = Suppression.put("leo@orvaly.example", "hard")
    path = reverse("activity:suppression-remove", args=[row.pk])
    assert client.post(path, {"why": " "}).status_code == 422
    client.post(path, {"why": "The mailbox was repaired"})
    assert not Suppression.objects.exists()
    entry = Entry.objects.get(verb="suppression.removed")
    assert entry.data == {"why": "The mailbox was repaired", "was": "hard"}
    assert entry.actor == admin


def test_nobody_else_sees_or_changes_them(client):
    row, _new = Suppression.put("leo@orvaly.example", "hard")
    client.force_login(make_manager())
    remove = reverse("activity:suppression-remove", args=[row.pk])
    assert client.get(reverse(LIST)).status_code == 403
    assert client.post(remove, {"why": "x"}).status_code == 403
    assert Suppression.objects.exists()


def test_hr_sees_in_the_list_of_people_whom_no_mail_reaches(client):
    client.force_login(make_manager(language="en"))
    gone, angry = make_user(), make_user()
    for person, reason in ((gone, "hard"), (angry, "complaint")):
        make_person(person)
        Suppression.put(person.email, reason, person=person)
    page = client.get(reverse("ambassadors:person-list")).content.decode()
    assert page.count("No mail is sent") == 2
    assert "No such mailbox" in page
    # What somebody did in their own mailbox is not HR's to know.
    assert "spam" not in page


def test_administrators_hear_of_a_complaint_without_a_name(post_office):
    admin, mail = make_admin(language="en"), sent()
    take_in(complaint(mail))
    work()
    [letter] = post_office.to(admin)
    assert mail.recipient.email not in text_of(letter) + html_of(letter)
    assert reverse(LIST) in text_of(letter)
    bell = Notification.objects.filter(kind="complaint.received", channel="bell")
    assert list(bell.values_list("recipient", flat=True)) == [admin.pk]
