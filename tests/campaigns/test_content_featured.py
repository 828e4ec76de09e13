"""First in the feed until a day; and embargo and end are kept wherever an item could show."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ambassadors.models import Charter
from campaigns.content.featuring import TooManyFeatured, feature, unfeature
from campaigns.content.models import WrongState
from campaigns.models import Content
from campaigns.sharing.digest import Offer
from campaigns.sharing.suggestions import suggestions_for
from tests.factories import make_ambassador, make_campaign, make_content, make_manager, make_user

pytestmark = pytest.mark.django_db
SOON = timedelta(days=3)


def later():
    return timezone.now() + SOON


def titles(response):
    page = response.content.decode().split('id="feed-items"')[1]
    return [part.split("</a>")[0].rsplit(">", 1)[-1] for part in page.split("<h3")[1:]]


@pytest.fixture
def her(as_user):
    ambassador = make_ambassador(make_user(language="en"))
    ambassador.accept(Charter.objects.current(), language="en")
    client = as_user(ambassador.user)
    client.ambassador = ambassador
    return client


def test_what_is_featured_comes_first_with_the_word_until_its_day(her):
    campaign, now = make_campaign(), timezone.now()
    old = make_content(title="Ancien", campaign=campaign, published_at=now - timedelta(days=9))
    make_content(title="Récent", campaign=campaign)
    assert titles(her.get("/feed/?topic=all")) == ["Récent", "Ancien"]
    feature(old, by=make_manager(), until=later())
    page = her.get("/feed/?topic=all")
    assert titles(page) == ["Ancien", "Récent"]
    assert "Featured" in page.content.decode()
    Content.objects.filter(pk=old.pk).update(featured_until=timezone.now())
    assert titles(her.get("/feed/?topic=all")) == ["Récent", "Ancien"]


def test_five_at_once_in_a_campaign_and_others_in_another():
    campaign, by = make_campaign(), make_manager()
    six = [make_content(campaign=campaign) for _ in range(6)]
    for content in six[:5]:
        feature(content, by=by, until=later())
    with pytest.raises(TooManyFeatured):
        feature(six[5], by=by, until=later())
    feature(six[0], by=by, until=later() + SOON)
    feature(make_content(), by=by, until=later())
    unfeature(six[0], by=by)
    feature(six[5], by=by, until=later())


@pytest.mark.django_db(transaction=True)
def test_two_managers_do_not_both_take_the_fifth_place():
    campaign, by = make_campaign(), make_manager()
    for _ in range(4):
        make_content(campaign=campaign, featured_until=later())
    contents = [make_content(campaign=campaign) for _ in range(4)]

    def press(content):
        try:
            feature(content, by=by, until=later())
        except TooManyFeatured:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as managers:
        assert sum(managers.map(press, contents)) == 1


@pytest.mark.parametrize("status", ["draft", "in_review", "expired", "withdrawn"])
def test_only_what_is_live_is_featured(status):
    with pytest.raises(WrongState):
        feature(make_content(status=status), by=make_manager(), until=later())


def test_managers_feature_and_take_back_and_ambassadors_may_not(as_user, her):
    content, day = make_content(), later().date().isoformat()
    assert her.post(f"/library/{content.pk}/feature/", {"until": day}).status_code == 403
    assert her.post(f"/library/{content.pk}/unfeature/").status_code == 403
    rh = as_user(make_manager(language="en"))
    rh.post(f"/library/{content.pk}/feature/", {"until": day})
    content.refresh_from_db()
    assert content.is_featured
    rh.post(f"/library/{content.pk}/unfeature/")
    content.refresh_from_db()
    assert content.featured_until is None


@pytest.mark.parametrize("day", ["", "nonsense", "2020-01-01"])
def test_a_day_that_makes_no_sense_features_nothing(as_user, day):
    content = make_content()
    page = as_user(make_manager()).post(
        f"/library/{content.pk}/feature/", {"until": day}, follow=True
    )
    content.refresh_from_db()
    assert (page.status_code, content.featured_until) == (200, None)


# --- Shown, and not shown ------------------------------------------------------------------------
HOUR = timedelta(hours=1)


def the_feed(her, content):
    return (
        content.title
        in her.get("/feed/?topic=all&show=200").content.decode().split("feed-items")[1]
    )


def the_lasting(her, content):
    page = her.get("/feed/?topic=all&lasting=on").content.decode().split("feed-items")[1]
    return content.title in page


def the_panel(her, content):
    return her.get(f"/share/{content.pk}/").status_code == 200


def suggestions(her, content):
    return content in suggestions_for(her.ambassador, now=timezone.localtime())


def the_digest(her, content):
    return content.pk in Offer(timezone.now()).contents


def the_search(her, content):
    return f"/share/{content.pk}/" in her.get("/search/", {"q": content.title}).content.decode()


SURFACES = [the_feed, the_panel, suggestions, the_digest, the_search]
STATES = {
    "published": ({}, True),
    "lasting": ({"expires_at": None}, True),
    "embargo over": ({"embargo_until": -HOUR}, True),
    "under embargo": ({"embargo_until": HOUR}, False),
    "ends in an hour": ({"expires_at": HOUR}, True),
    "ended, not swept yet": ({"expires_at": -timedelta(seconds=1)}, False),
    "featured and under embargo": ({"featured_until": HOUR, "embargo_until": HOUR}, False),
    "featured and ended": ({"featured_until": HOUR, "expires_at": -timedelta(seconds=1)}, False),
    "draft": ({"status": "draft"}, False),
    "approved": ({"status": "approved"}, False),
    "withdrawn": ({"status": "withdrawn"}, False),
}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("state", STATES)
def test_an_item_shows_where_it_may_and_nowhere_else(her, surface, state):
    fields, shown = STATES[state]
    now = timezone.now()
    moments = {k: now + v if isinstance(v, timedelta) else v for k, v in fields.items()}
    published = now - timedelta(hours=2)
    content = make_content(publish_at=published, published_at=published, **moments)
    assert surface(her, content) == shown


def test_what_has_no_end_can_be_asked_for_alone(her):
    campaign = make_campaign()
    lasting, ending = (
        make_content(campaign=campaign, expires_at=None),
        make_content(campaign=campaign),
    )
    assert the_lasting(her, lasting)
    assert not the_lasting(her, ending)
