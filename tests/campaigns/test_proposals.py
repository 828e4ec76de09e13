"""A member proposes a page and hears of every step."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from activity.models import Notification
from campaigns.content.models import WrongState
from campaigns.models import Content, Proposal
from campaigns.sources import tasks
from campaigns.sources.models import AlreadyProposed
from tests.activity.conftest import post_office  # noqa: F401
from tests.activity.post_office import expand_all, text_of, work
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_manager,
    make_proposal,
    make_user,
)
from tests.outside import answer

pytestmark = pytest.mark.django_db

NEW, LIST = reverse("campaigns:proposal-new"), reverse("campaigns:proposal-list")
URL = "http://site.example/un"


@pytest.fixture
def member():
    return make_ambassador(make_user(language="en")).user


@pytest.fixture
def page(outside):
    return outside.page("/un", answer("<title>Un métier</title>"))


def propose(client, url=URL, why="It is about us."):
    return client.post(NEW, {"url": url, "why": why})


def text(answered):
    return re.sub(r"\s+", " ", answered.content.decode())


def bell(person):
    expand_all()
    rows = Notification.objects.filter(recipient=person, channel="bell").order_by("created_at")
    return list(rows.values_list("kind", flat=True))


def test_the_title_is_read_from_the_page(as_user, member, page):
    assert propose(as_user(member), page + "?utm_source=x").url == LIST
    proposal = Proposal.objects.get()
    assert (proposal.title, proposal.url, proposal.state) == ("Un métier", URL, "received")
    assert "Un métier" in text(as_user(member).get(LIST))


@pytest.mark.parametrize("status", ["403 No", "500 Broken"])
def test_a_page_that_cannot_be_read_is_proposed_all_the_same(as_user, member, outside, status):
    propose(as_user(member), outside.page("/un", answer(status=status)))
    assert Proposal.objects.get().title == ""


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "javascript:x()", "http://intranet/", ""])
def test_what_nobody_outside_could_open_is_refused(as_user, member, outside, url):
    assert propose(as_user(member), url).status_code == 422
    assert (Proposal.objects.count(), outside.dialled) == (0, [])


def test_a_page_of_the_library_is_offered_to_be_shared(as_user, member, page):
    content = make_content(url=URL, title="Notre métier")
    shown = propose(as_user(member), page + "/?utm_source=x")
    assert shown.status_code == 422
    assert content.get_absolute_url() in text(shown)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_what_is_being_prepared_is_not_given_away(as_user, member, page, status):
    make_content(url=URL, title="Secret", status=status, published_at=None)
    shown = text(propose(as_user(member)))
    assert "Secret" not in shown
    assert "proposed already" in shown


def test_what_somebody_has_proposed_is_said_without_a_name(as_user, member, page):
    other = make_user(first_name="Zoé", last_name="Tremblay")
    Proposal.receive(other, url=URL, why="Parce que.")
    shown = text(propose(as_user(member)))
    assert "It has been proposed already" in shown
    assert "Zoé" not in shown
    assert "Tremblay" not in shown


def test_another_address_of_the_same_page_is_found_by_reading_it(as_user, member, page, outside):
    Proposal.receive(make_user(), url=URL, why="Parce que.")
    outside.page("/court", answer(status="302 Found", location="/un"))
    assert propose(as_user(member), "http://site.example/court").status_code == 422


def test_what_was_answered_may_be_proposed_again(as_user, member, page):
    proposal = Proposal.receive(make_user(), url=URL, why="Parce que.")
    proposal.decline(make_manager(), "Pas maintenant.")
    assert propose(as_user(member)).status_code == 302


def test_ten_in_a_week_are_enough(as_user, member, page):
    for _n in range(10):
        make_proposal(proposer=member)
    assert "10 in a week" in text(propose(as_user(member)))
    Proposal.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert propose(as_user(member)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_who_propose_the_same_page_at_once_make_one_proposal():
    people = [make_user() for _ in range(4)]

    def receive(person):
        try:
            return Proposal.receive(person, url=URL, why="Parce que.")
        except AlreadyProposed:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(bool(made) for made in pool.map(receive, people)) == 1


# --- What one hears ----------------------------------------------------------------------------
def test_its_proposer_hears_of_each_step(as_user, member, page):
    propose(as_user(member))
    draft = Proposal.objects.get().take_up(make_manager(), make_campaign())
    assert bell(member) == ["proposal.received", "proposal.taken_up"]
    publish(draft)
    assert bell(member)[2:] == ["proposal.published"]
    assert Proposal.objects.get().state == "published"
    [row] = Notification.objects.filter(kind="proposal.published", channel="bell")
    assert row.data["path"] == reverse("campaigns:share-panel", args=[draft.pk])


def publish(draft):
    Content.objects.filter(pk=draft.pk).update(status="approved")
    draft.refresh_from_db()
    draft.publish()
    # As the commit does it.
    Proposal.objects.publish()


@pytest.mark.django_db(transaction=True)
def test_the_publication_itself_tells_its_proposer(member):
    proposal = make_proposal(proposer=member)
    draft = proposal.take_up(make_manager(), make_campaign())
    Content.objects.filter(pk=draft.pk).update(status="approved")
    draft.refresh_from_db()
    draft.publish()
    proposal.refresh_from_db()
    assert proposal.state == "published"


def test_a_publication_that_was_missed_is_told_later_and_once(member):
    proposal = make_proposal(proposer=member)
    draft = proposal.take_up(make_manager(), make_campaign())
    Content.objects.filter(pk=draft.pk).update(status="published", published_at=timezone.now())
    for _twice in range(2):
        tasks.tell_proposers()
    assert bell(member).count("proposal.published") == 1


@pytest.mark.parametrize(("language", "word"), [("en", "Thank you"), ("fr", "Merci")])
def test_a_no_comes_with_its_sentence_by_mail_too(post_office, language, word):  # noqa: F811
    member = make_ambassador(make_user(language=language)).user
    make_proposal(proposer=member, title="Un métier").decline(make_manager(), "Trop tôt.")
    work()
    [mail] = post_office.to(member)
    assert "Trop tôt." in text_of(mail)
    assert "proposal.declined" in bell(member)


def test_those_who_answer_hear_that_a_page_waits(as_user, member, page):
    manager = make_manager()
    propose(as_user(member))
    assert bell(manager) == ["proposal.waiting"]


def test_the_answer_stands_on_the_members_own_page(as_user, member):
    make_proposal(proposer=member).decline(make_manager(), "Too early.")
    assert "Too early." in text(as_user(member).get(LIST))


# --- Withdrawn, erased, and whose it is --------------------------------------------------------
def test_it_is_withdrawn_while_nobody_has_answered(as_user, member):
    proposal = make_proposal(proposer=member)
    as_user(member).post(reverse("campaigns:proposal-withdraw", args=[proposal.pk]))
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"
    assert not Proposal.objects.waiting().exists()


def test_what_is_answered_is_not_withdrawn(member):
    proposal = make_proposal(proposer=member)
    proposal.decline(make_manager(), "Non.")
    with pytest.raises(WrongState):
        proposal.withdraw(member)


def test_nobody_withdraws_or_reads_somebody_elses(as_user, member):
    other = make_proposal(title="Le mien")
    path = reverse("campaigns:proposal-withdraw", args=[other.pk])
    assert as_user(member).post(path).status_code == 404
    assert "Le mien" not in text(as_user(member).get(LIST))


def test_a_proposal_goes_with_its_person(member):
    make_proposal(proposer=member)
    member.delete()
    assert not Proposal.objects.exists()


def test_the_feed_leads_to_it(as_user, member):
    assert NEW in text(as_user(member).get(reverse("campaigns:feed")))
