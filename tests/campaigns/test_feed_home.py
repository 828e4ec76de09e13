"""The feed: one's own effect, a few suggestions that differ from a colleague's, and the rest."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from ambassadors.models import Ambassador, Charter
from campaigns.home.effect import last_full_week, today
from campaigns.sharing.suggestions import suggestions_for
from tests.activity.post_office import expand_all
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_link,
    make_network,
    make_share,
    make_tally,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def maelle():
    return make_ambassador(make_user(language="en", first_name="Maëlle"), networks=["linkedin"])


@pytest.fixture
def her(maelle, as_user):
    return as_user(maelle.user)


@pytest.fixture
def campaign():
    return make_campaign()


def main(response):
    return response.content.decode().split("<main")[1].split("</main>")[0]


def listed(response):
    """The feed alone, without the suggestions above it."""
    return response.content.decode().split('id="feed-items"')[1]


def shared(maelle, content=None, **fields):
    return make_share(make_link(ambassador=maelle, content=content), **fields)


def test_last_week_s_visits_are_the_title(her, maelle):
    monday, sunday = last_full_week(today())
    link = make_link(ambassador=maelle)
    for day, clicks in [(monday, 4), (sunday, 2), (monday - timedelta(days=1), 90)]:
        make_tally(link, day=day, clicks=clicks)
    make_tally(link, day=monday, clicks=50, kind="bot")
    make_tally(day=monday, clicks=700)
    page = main(her.get("/feed/"))
    assert "Your shares brought 6 visits." in page
    assert link.content.title in page


def test_a_newcomer_is_told_that_nothing_waits(her):
    assert "Nothing is waiting for you." in main(her.get("/feed/"))


def test_what_is_not_meant_for_a_person_is_not_in_the_feed(her):
    make_content(title="Réservé", campaign=make_campaign(audience={"languages": ["fr"]}))
    make_content(title="Brouillon", status="draft", published_at=None)
    make_content(title="Fini", expires_at=timezone.now())
    page = her.get("/feed/?topic=all").content.decode()
    assert not any(title in page for title in ["Réservé", "Brouillon", "Fini"])


@pytest.mark.parametrize("state", [Ambassador.State.LEFT, Ambassador.State.DECLINED])
def test_who_does_not_take_part_is_shown_the_way_in(as_user, state):
    ambassador = make_ambassador(state=state, left_at=timezone.now())
    assert as_user(ambassador.user).get("/feed/")["Location"] == "/programme/join/"


def test_who_has_not_agreed_yet_goes_to_the_charter(as_user):
    ambassador = make_ambassador(state=Ambassador.State.JOINING)
    assert as_user(ambassador.user).get("/feed/")["Location"] == "/welcome/charter/"


# --- Filters -----------------------------------------------------------------------------------


def test_followed_topics_come_first_and_everything_is_one_press_away(her, maelle, campaign):
    followed, other = make_topic(), make_topic()
    maelle.topics.set([followed])
    make_content(title="Mine", campaign=campaign, topics=[followed])
    make_content(title="Theirs", campaign=campaign, topics=[other])
    make_content(title="Untagged", campaign=campaign)
    mine, everything = her.get("/feed/"), her.get("/feed/?topic=all")
    assert ["Mine" in main(mine), "Theirs" in main(mine), "Untagged" in main(mine)] == [
        True,
        False,
        True,
    ]
    assert "Theirs" in listed(everything)


@pytest.mark.parametrize("query", ["network=x", "language=en", "campaign=autre", "topic=rare"])
def test_a_filter_in_the_address_narrows_the_feed(her, campaign, query):
    kept = make_content(
        title="Kept",
        language="en",
        campaign=make_campaign(slug="autre"),
        topics=[make_topic(slug="rare")],
    )
    dropped = make_content(title="Dropped", campaign=campaign)
    kept.networks.set([make_network("x")])
    dropped.networks.set([make_network("facebook")])
    page = listed(her.get(f"/feed/?{query}"))
    assert ("Kept" in page, "Dropped" in page) == (True, False)


def test_nonsense_in_the_address_is_left_out(her, campaign):
    make_content(title="Still there", campaign=campaign)
    response = her.get("/feed/?network=nope&language=xx&campaign=%00&show=-3&topic=%22")
    assert "Still there" in main(response)


def test_ten_more_is_a_link_that_keeps_the_filters(her, campaign):
    for _ in range(12):
        make_content(campaign=campaign, language="fr")
    page = listed(her.get("/feed/?language=fr"))
    assert page.count('class="card"') == 10
    assert 'href="?language=fr&amp;show=20"' in page
    more = listed(her.get("/feed/?language=fr&show=20"))
    assert more.count('class="card"') == 12
    assert "show=30" not in more


def test_what_is_suggested_is_not_listed_again_below_unless_one_filters(her, campaign):
    content = make_content(campaign=campaign)
    assert main(her.get("/feed/")).count(f">{content.title}</a>") == 1
    assert main(her.get("/feed/?topic=all")).count(f">{content.title}</a>") == 2


def test_an_empty_result_offers_to_clear_the_filters(her):
    assert "Clear all" in main(her.get("/feed/?language=fr"))


def test_the_language_of_an_item_is_said_when_it_is_not_the_reader_s(her, campaign):
    make_content(campaign=campaign, language="fr")
    assert "· French" in listed(her.get("/feed/?topic=all"))


@pytest.mark.parametrize(
    ("hours", "words"), [(1, "Last day"), (49, "2 days left"), (None, "No end date")]
)
def test_expiry_is_said_in_words(her, campaign, hours, words, time_machine):
    time_machine.move_to(timezone.now().replace(hour=16))
    expires_at = timezone.now() + timedelta(hours=hours) if hours else None
    make_content(campaign=campaign, expires_at=expires_at)
    assert words in listed(her.get("/feed/?topic=all"))


def test_what_one_posted_says_so_with_its_visits(her, maelle, campaign):
    content = make_content(campaign=campaign)
    share = shared(maelle, content)
    make_tally(share.link, clicks=28)
    make_tally(make_link(content=content), clicks=500)
    page = listed(her.get("/feed/"))
    assert "Posted by you on" in page
    assert "28 visits" in page


def test_htmx_gets_the_feed_alone(her):
    response = her.get("/feed/", headers={"HX-Request": "true", "HX-Target": "feed"})
    assert "<html" not in response.content.decode()


# --- Suggestions -------------------------------------------------------------------------------


def suggested_to(ambassador, **options):
    return suggestions_for(ambassador, now=timezone.localtime(), **options)


def test_three_a_week_and_the_same_all_week(maelle, campaign):
    for _ in range(8):
        make_content(campaign=campaign)
    first = suggested_to(maelle)
    assert len(first) == 3
    assert suggested_to(maelle) == first


def test_colleagues_do_not_all_get_the_same(campaign):
    for _ in range(6):
        make_content(campaign=campaign)
    got = Counter(
        content.pk for _ in range(40) for content in suggested_to(make_ambassador(make_user()))
    )
    assert len(got) == 6
    assert max(got.values()) < 40 * 0.8


def test_what_one_posted_or_put_aside_is_not_suggested_again(maelle, campaign):
    posted, aside, fresh = (make_content(campaign=campaign) for _ in range(3))
    shared(maelle, posted)
    shared(maelle, aside, declared_at=None, dismissed_at=timezone.now())
    assert suggested_to(maelle) == [fresh]


def test_what_is_only_opened_is_still_suggested(maelle, campaign):
    content = make_content(campaign=campaign)
    shared(maelle, content, declared_at=None)
    assert suggested_to(maelle) == [content]


def test_only_followed_topics_are_suggested(maelle, campaign):
    followed = make_topic()
    maelle.topics.set([followed])
    mine = make_content(campaign=campaign, topics=[followed])
    make_content(campaign=campaign, topics=[make_topic()])
    assert suggested_to(maelle) == [mine]


def test_three_posts_this_week_are_enough(her, maelle, campaign):
    for _ in range(3):
        shared(maelle, make_content(campaign=campaign))
    make_content(campaign=campaign)
    assert "You’re all caught up" in main(her.get("/feed/"))


# --- Around it ---------------------------------------------------------------------------------


def test_a_withdrawn_item_one_posted_is_said_in_the_feed(her, maelle, campaign):
    mine, other = make_content(campaign=campaign), make_content(campaign=campaign)
    shared(maelle, mine)
    for content in (mine, other):
        content.withdraw(content.author, "Un chiffre était faux.")
    expand_all()
    page = listed(her.get("/feed/"))
    assert page.count("Withdrawn on") == 1
    assert mine.title in page
    assert "Un chiffre était faux." in page


def test_the_checklist_goes_when_it_is_done(her, maelle):
    assert "To begin well" in main(her.get("/feed/"))
    maelle.topics.set([make_topic()])
    maelle.choose_rhythm("monthly")
    shared(maelle)
    assert "To begin well" not in main(her.get("/feed/"))


def test_two_shares_are_one_step_of_the_checklist(her, maelle):
    shared(maelle)
    once = re.search(r"<b>(\d)</b> of 5", main(her.get("/feed/")))[1]
    shared(maelle)
    assert f"<b>{once}</b> of 5" in main(her.get("/feed/"))


def test_the_checklist_can_be_hidden(her):
    her.post("/feed/checklist/hide/")
    assert "To begin well" not in main(her.get("/feed/"))


@pytest.mark.parametrize("items", [1, 3])
def test_the_feed_asks_the_database_the_same_however_long(
    her, maelle, campaign, items, django_assert_num_queries
):
    maelle.topics.set([make_topic()])
    before = timezone.now() - timedelta(days=20)
    for _ in range(items):
        content = make_content(campaign=campaign, topics=list(maelle.topics.all()))
        make_tally(shared(maelle, content, declared_at=before).link, day=last_full_week(today())[0])
        make_content(campaign=campaign, topics=list(maelle.topics.all()))
        gone = make_content(campaign=campaign)
        shared(maelle, gone, declared_at=before)
        gone.withdraw(gone.author, "Faux.")
    expand_all()
    with django_assert_num_queries(12):
        her.get("/feed/")


# --- My effect ---------------------------------------------------------------------------------


def test_my_effect_shows_each_share_with_its_own_visits(her, maelle):
    share = shared(maelle)
    make_tally(share.link, clicks=12)
    make_tally(share.link, clicks=99, kind="bot")
    make_tally(clicks=77_777)
    page = main(her.get("/impact/"))
    assert "Your shares brought 12 visits this month." in page
    assert share.link.content.title in page
    assert "77,7" not in page


def test_opened_is_not_called_posted(her, maelle):
    shared(maelle, declared_at=None)
    page = main(her.get("/impact/"))
    assert "Opened," in page
    assert "Posted," not in page


def test_visits_of_thirty_days_and_no_more(her, maelle):
    link = make_link(ambassador=maelle)
    make_tally(link, day=today() - timedelta(days=29), clicks=1)
    make_tally(link, day=today() - timedelta(days=30), clicks=70)
    assert "Your shares brought 1 visit this month." in main(her.get("/impact/"))


def test_nothing_shared_yet_is_said_kindly(her):
    page = main(her.get("/impact/"))
    assert "No visits yet this month." in page
    assert "Nothing shared yet" in page


@pytest.mark.parametrize("items", [3, 6])
def test_my_effect_asks_the_database_the_same_however_much(
    her, maelle, items, django_assert_num_queries
):
    for _ in range(items):
        content = make_content(topics=[make_topic()])
        make_tally(shared(maelle, content).link, clicks=2)
    with django_assert_num_queries(15):
        her.get("/impact/")


def test_sharing_for_the_first_time_ends_the_joining(her, maelle, campaign):
    Ambassador.objects.update(next_step=Ambassador.Step.FIRST_SHARE)
    maelle.accept(Charter.objects.current(), language="en")
    content = make_content(campaign=campaign)
    her.post(f"/share/{content.pk}/open/", {"network": "x", "text": "Mine."})
    maelle.refresh_from_db()
    assert maelle.next_step == ""
