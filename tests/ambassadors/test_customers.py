"""Customers who take part: their own words and charter, and nothing of the company's people."""

import pytest
from django.utils import translation

from activity.models import Notification
from ambassadors.enrolment.notices import open_door
from ambassadors.models import Ambassador, Charter, Invitation, Role, User
from campaigns.models import Campaign, Content, Share
from campaigns.sharing.actions import open_share, post_text
from tests.activity.post_office import expand_all
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_department,
    make_manager,
    make_member,
    make_network,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db
PATH = "/people/customers/"


@pytest.fixture
def customer():
    ambassador = make_ambassador(
        make_user(belonging="customer", language="en"), networks=["linkedin"]
    )
    ambassador.accept(Charter.objects.current_for(ambassador.user), language="en")
    return ambassador


def content_for(who, **fields):
    campaign = make_campaign(**fields)
    campaign.audience.who = who
    campaign.audience.save()
    content = make_content(campaign=campaign)
    make_caption(content)
    return content


# --- Coming in -----------------------------------------------------------------------------------


def test_customers_are_invited_by_their_addresses(as_user):
    lines = "email,first name\nAna@Client.example;Ana;Roy;en\nbo@client.example"
    as_user(make_manager()).post(PATH, {"text": lines})
    people = User.objects.customers().order_by("email")
    assert [(p.email, p.language) for p in people] == [
        ("ana@client.example", "en"),
        ("bo@client.example", "fr"),
    ]
    assert Invitation.objects.filter(user__in=people).count() == 2


def test_a_line_without_an_address_is_named_and_nobody_is_invited(as_user):
    answer = as_user(make_manager(language="en")).post(PATH, {"text": "a@b.example\nno\n"})
    assert answer.status_code == 422
    assert "line 2" in answer.content.decode()
    assert not User.objects.customers().exists()


def test_a_colleague_does_not_become_a_customer(as_user):
    colleague = make_person().user
    as_user(make_manager()).post(PATH, {"text": colleague.email})
    colleague.refresh_from_db()
    assert not colleague.is_customer
    assert not Invitation.objects.filter(user=colleague).exists()


def test_the_list_does_not_tell_who_said_no(as_user, customer):
    Ambassador.objects.filter(pk=customer.pk).update(state="declined")
    page = as_user(make_manager(language="en")).get(PATH).content.decode()
    assert "Invited" in page
    assert "Declined" not in page


def test_the_mail_of_a_customer_names_nobody_who_works_here():
    user, manager = make_user(belonging="customer", language="en"), make_manager()
    Invitation.send(user, by=manager)
    expand_all()
    notification = Notification.objects.get(recipient=user, channel="email")
    context = open_door(notification)
    assert (context["inviter"], context["sender"], context["reply_to"]) == (None, "", "")


def test_whoever_is_hired_is_a_customer_no_more():
    person = make_person(make_user(belonging="customer"))
    User.objects.filter(pk=person.pk).hire()
    person.user.refresh_from_db()
    assert not person.user.is_customer


def test_a_customer_who_gets_a_role_works_here():
    user = make_user(belonging="customer")
    user.change_role(Role.MANAGER, by=None)
    assert not user.is_customer


# --- What they share -----------------------------------------------------------------------------


def test_a_campaign_asks_employees_unless_it_says_otherwise(customer):
    content_for("employees")
    theirs = [content_for("customers"), content_for("both")]
    assert set(Content.objects.shareable_by(customer.user)) == set(theirs)


def test_employees_are_not_asked_what_customers_are():
    content_for("customers")
    both = content_for("both")
    assert list(Content.objects.shareable_by(make_person().user)) == [both]


@pytest.mark.parametrize("who", ["employees", "customers", "both"])
def test_the_two_ways_of_asking_whom_it_is_for_agree(customer, who):
    employee = make_member(make_department()).user
    content = content_for(who)
    department = employee.person.department
    content.campaign.audience.departments.set([department])
    people = set(content.campaign.audience.people())
    for user in (customer.user, employee):
        meant = Campaign.objects.meant_for(user).filter(pk=content.campaign_id).exists()
        assert meant == (user in people)


def test_a_customer_says_that_they_are_one(customer):
    content = content_for("both", disclosure_fr="Je travaille chez Orvaly.")
    network = make_network()
    share = open_share(content, by=customer, network=network, language="en", text="Nice.")
    assert share.disclosure.startswith("I am a customer of")
    post = post_text(content, language="en", text="Nice.", by=customer)
    assert post.startswith(share.disclosure)
    employee = make_member(make_department())
    assert post_text(content, language="fr", text="Oui.", by=employee).startswith("Je travaille")


def test_the_panel_shows_the_line_of_a_customer(as_user, customer):
    content = content_for("both", disclosure_en="I work at Orvaly.")
    make_caption(content, language="en", text="A school.")
    page = as_user(customer.user).get(f"/share/{content.pk}/?language=en").content.decode()
    assert "I am a customer of" in page
    assert "I work at" not in page
    assert not Share.objects.exists()


def test_only_who_oversees_the_whole_asks_customers(as_user):
    manager = make_manager()
    department = make_department()
    manager.change_role(Role.MANAGER, by=None, departments=[department])
    campaign = make_campaign(owner=manager, state="draft")
    path = f"/campaigns/{campaign.slug}/plan/audience/"
    as_user(manager).post(path, {"who": "customers", "departments": [department.pk]})
    campaign.audience.refresh_from_db()
    assert campaign.audience.who == "employees"
    assert list(campaign.audience.departments.all()) == [department]


# --- What they never see -------------------------------------------------------------------------

PAGES = ["/feed/", "/impact/", "/preferences/", "/charter/", "/search/?q=e", "/notifications/"]


def test_no_page_of_a_customer_names_a_colleague_or_a_department(as_user, customer):
    department = make_department(name="Fonderie")
    colleague = make_user(first_name="Zéphirine", last_name="Quivoron", role=Role.MANAGER)
    make_person(colleague, department=department)
    content = content_for("both", owner=colleague)
    Content.objects.filter(pk=content.pk).update(author=colleague)
    client = as_user(customer.user)
    for path in [*PAGES, f"/share/{content.pk}/", "/search/?q=Quivoron", "/search/?q=Fonderie"]:
        answer = client.get(path)
        shown = answer.content.decode().replace("q=Quivoron", "").replace('"Quivoron"', "")
        shown = shown.replace("“Quivoron”", "").replace("“Fonderie”", "").replace('"Fonderie"', "")
        assert "Zéphirine" not in shown, path
        assert "/people/" not in shown, path


@pytest.mark.parametrize(
    "path",
    ["/people/", "/roles/", "/roles/who-may/", "/proposals/new/", "/campaigns/", "/reach/", PATH],
)
def test_the_pages_of_the_company_are_closed_to_customers(as_user, customer, path):
    assert as_user(customer.user).get(path).status_code in {403, 404}


def test_an_item_for_employees_is_out_of_a_customer_s_sight(as_user, customer):
    content = content_for("employees")
    client = as_user(customer.user)
    assert client.get(f"/share/{content.pk}/").status_code == 404
    assert client.get(f"/content/{content.pk}/").status_code == 404


def test_a_customer_reads_the_charter_of_customers(as_user, customer):
    with translation.override("en"):
        page = as_user(customer.user).get("/charter/").content.decode()
    assert "your contract, your prices and our service" in page
