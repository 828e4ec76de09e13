""" "Not for me": it leaves what is one's own at once, costs nothing, and nobody learns who said it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import Entry
from ambassadors.models import Charter
from campaigns.models import Decline, Share
from campaigns.sharing.actions import decline
from campaigns.sharing.digest import Offer
from campaigns.sharing.quality import declines_of, in_fives
from campaigns.sharing.suggestions import suggestions_for
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_link,
    make_manager,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
Reason = Decline.Reason


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


def say_no(client, content, reason=Reason.NOT_TRUE, **headers):
    return client.post(f"/share/{content.pk}/decline/", {"reason": reason}, headers=headers)


def decliners(content, n, reason=Reason.PROMOTIONAL):
    people = [make_ambassador() for _ in range(n)]
    for each in people:
        decline(content, by=each, reason=reason)
    return people


def digest_items(ambassador):
    offer = Offer(timezone.now())
    return offer._picks(timezone.localtime(), [ambassador.pk])[ambassador.pk]


def test_a_no_leaves_feed_suggestions_and_digest_and_comes_back_at_once(her, maelle, content):
    assert content.title in her.get("/feed/?topic=all").content.decode()
    assert digest_items(maelle) == [content.pk]
    answer = say_no(her, content)
    assert (
        "You said that it is not for you: not true for me" in her.get(answer.url).content.decode()
    )
    assert content.title not in her.get("/feed/?topic=all").content.decode()
    assert suggestions_for(maelle, now=timezone.localtime()) == []
    assert digest_items(maelle) == []
    her.post(f"/share/{content.pk}/decline/undo/")
    assert content.title in her.get("/feed/?topic=all").content.decode()
    assert digest_items(maelle) == [content.pk]


def test_only_the_person_s_own_feed_changes(her, content, as_user):
    say_no(her, content)
    page = as_user(make_ambassador().user).get("/feed/?topic=all").content.decode()
    assert content.title in page


def test_the_dialog_says_it_and_tells_the_feed_behind(her, content):
    answer = say_no(her, content, **{"HX-Request": "true"})
    assert "share-answered" in answer["HX-Trigger"]
    assert "<html" not in answer.content.decode()


def test_without_a_reason_it_is_asked_again(her, content):
    assert say_no(her, content, "boring").status_code == 422
    assert not Decline.objects.exists()


def test_what_is_not_meant_for_a_person_cannot_be_declined(her):
    elsewhere = make_content(campaign=make_campaign(audience={"languages": ["fr"]}))
    assert say_no(her, elsewhere).status_code == 404
    assert not Decline.objects.exists()


def test_a_no_ends_the_question_and_sharing_after_all_ends_the_no(her, maelle, content):
    make_share(make_link(maelle, content), declared_at=None)
    say_no(her, content)
    assert not Share.objects.unanswered().exists()
    her.post(f"/share/{content.pk}/open/", {"network": "x", "language": "fr", "text": "Oui."})
    assert not Decline.objects.exists()


def test_nobody_can_look_up_who_said_it(her, maelle, content):
    before = Entry.objects.count()
    say_no(her, content)
    assert Entry.objects.count() == before


# --- As those who write the items see it ---------------------------------------------------------
@pytest.mark.parametrize(("people", "step"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10), (14, 10)])
def test_declines_are_told_in_fives(people, step):
    assert in_fives(people) == step


def test_neither_zero_nor_four_is_told_from_the_other(content, as_user):
    rh = as_user(make_manager(language="en"))
    none = rh.get(f"/library/{content.pk}/").content.decode()
    decliners(content, 4)
    four = rh.get(f"/library/{content.pk}/").content.decode()
    told = "“Not for me”: fewer than 5 people."
    assert (told in none, told in four) == (True, True)


def test_one_more_or_less_changes_nothing_that_is_told(content):
    other = make_content(campaign=content.campaign)
    decliners(content, 5)
    decliners(content, 1, Reason.OTHER)
    decliners(other, 1)
    seen = [declines_of(content), declines_of(other), declines_of(content.campaign)]
    decliners(content, 1, Reason.OTHER)
    decliners(other, 1)
    assert [declines_of(content), declines_of(other), declines_of(content.campaign)] == seen
    assert [each.total for each in seen] == [5, 0, 5]
    assert [(str(label), n) for label, n in seen[0].reasons] == [(Reason.PROMOTIONAL.label, 5)]


def test_one_person_who_declines_five_items_is_one_person(maelle):
    campaign = make_campaign()
    for _ in range(6):
        decline(make_content(campaign=campaign), by=maelle, reason=Reason.OTHER)
    assert declines_of(campaign).total == 0


def test_of_a_campaign_for_few_nothing_is_told(content):
    people = decliners(content, 6)
    few = make_content(campaign=make_campaign(audience={"tags": ["pilote"]}))
    for each in people:
        decline(few, by=each, reason=Reason.OTHER)
    assert declines_of(few).is_hidden
    assert declines_of(few.campaign).is_hidden


def test_the_campaign_s_sheet_tells_it_too_and_names_nobody(content, as_user):
    people = decliners(content, 7)
    content.campaign.launched_at = timezone.now() - timedelta(days=3)
    content.campaign.save()
    make_tally(make_link(content=content))
    page = as_user(make_manager(language="en")).get(content.campaign.get_absolute_url())
    page = page.content.decode()
    assert "“Not for me”: 5 people or more." in page
    assert not any(each.user.last_name in page for each in people)


@pytest.mark.parametrize("path", ["/share/{}/decline/", "/share/{}/decline/undo/"])
def test_a_stranger_is_asked_to_log_in(client, content, path):
    answer = client.post(path.format(content.pk), {"reason": Reason.OTHER})
    assert answer["Location"].startswith("/accounts/login/")
