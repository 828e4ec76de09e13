"""The library by its address: what is asked for, sorted and cut into pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Proposal, Sighting, Source
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_link,
    make_manager,
    make_member,
    make_network,
    make_share,
)

pytestmark = pytest.mark.django_db
LIBRARY = reverse("campaigns:content-list")


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


def listed(manager, **query):
    return [content.title for content in manager.get(LIBRARY, query).context["page"]]


def brought_by_a_source(content):
    source = Source.objects.create(
        name="Blogue",
        kind="feed",
        url="https://orvaly.example/feed",
        campaign=content.campaign,
        language="fr",
        owner=content.author,
    )
    return Sighting.objects.create(source=source, page_key="k", title="A", content=content)


def test_each_trait_finds_what_has_it(manager):
    now = timezone.now()
    make_caption(make_content(title="A", expires_at=None), language="fr")
    make_caption(make_content(title="B", featured_until=now + timedelta(days=1)), language="en")
    broken = make_content(
        title="C", link_failing_since=now - timedelta(days=3), link_checked_at=now
    )
    make_caption(broken, language="en")
    make_caption(broken, language="fr")
    for trait, expected in [
        ("evergreen", {"A"}),
        ("featured", {"B"}),
        ("failing", {"C"}),
        ("no_fr", {"B"}),
        ("no_en", {"A"}),
    ]:
        assert set(listed(manager, only=trait)) == expected, trait
    assert listed(manager, only=["evergreen", "no_fr"]) == []


def test_items_are_found_by_network_author_and_origin(manager):
    network, brought = make_network("bluesky"), make_content(title="A")
    make_caption(brought, network=network)
    brought_by_a_source(brought)
    proposed = make_content(title="B")
    Proposal.objects.create(
        url="https://orvaly.example/b", why="Voilà", proposer=make_manager(), content=proposed
    )
    written = make_content(title="C")
    assert listed(manager, network="bluesky") == ["A"]
    assert listed(manager, author=written.author.pk) == ["C"]
    assert [listed(manager, origin=o) for o in ("source", "proposal", "written")] == [
        ["A"],
        ["B"],
        ["C"],
    ]


def test_what_two_readings_brought_is_one_item(manager):
    sighting = brought_by_a_source(make_content(title="A"))
    Sighting.objects.create(
        source=sighting.source, page_key="other", title="A", content=sighting.content
    )
    assert listed(manager, origin="source") == ["A"]


def test_a_column_sorts_both_ways_and_evergreen_comes_last(manager):
    now = timezone.now()
    make_content(title="A", expires_at=now + timedelta(days=9))
    make_content(title="B", expires_at=now + timedelta(days=3))
    make_content(title="C", expires_at=None)
    assert listed(manager, sort="title") == ["A", "B", "C"]
    assert listed(manager, sort="-title") == ["C", "B", "A"]
    assert listed(manager, sort="until") == ["B", "A", "C"]
    assert listed(manager, sort="-until") == ["A", "B", "C"]


def test_shares_sort_the_list_and_those_of_few_people_do_not(manager, settings):
    everybody = make_content(title="A")
    few = make_content(title="B", campaign=make_campaign(audience={"languages": ["en"]}))
    for content, times in ((everybody, 1), (few, 3)):
        for _ in range(times):
            make_share(make_link(make_member(), content), declared_at=timezone.now())
    page = manager.get(LIBRARY, {"sort": "-shares"})
    assert [content.title for content in page.context["page"]] == ["A", "B"]
    assert "Hidden" in page.text


def test_a_page_holds_as_many_as_asked_for(manager):
    for _ in range(26):
        make_content()
    assert "1–25 of 26" in manager.get(LIBRARY).text
    assert len(listed(manager, size=50)) == 26
    assert len(listed(manager, size=7)) == 25


def test_each_filter_in_force_can_be_taken_away_alone(manager):
    campaign = make_campaign(name_fr="Rimouski")
    make_content(campaign=campaign)
    query = f"?campaign={campaign.slug}&only=evergreen&only=no_en&page=2"
    chips = {chip.value: chip.path for chip in manager.get(LIBRARY + query).context["chips"]}
    assert chips == {
        "Rimouski": f"{LIBRARY}?only=evergreen&only=no_en",
        "Evergreen": f"{LIBRARY}?campaign={campaign.slug}&only=no_en",
        "Without a text in English": f"{LIBRARY}?campaign={campaign.slug}&only=evergreen",
    }


def test_the_library_costs_the_same_however_long_and_however_asked(manager, queries_of):
    def add(n):
        for _ in range(n):
            make_caption(make_content(title="Béton", expires_at=None))

    def ask():
        manager.get(LIBRARY, {"q": "béton", "only": ["evergreen", "no_en"], "sort": "-shares"})

    add(2)
    ask()
    with_two = queries_of(ask)
    add(5)
    assert queries_of(ask) == with_two <= 14


def test_an_ambassador_has_no_library(as_user):
    manager = as_user(make_ambassador().user)
    for name in ("content-list", "content-calendar", "content-import"):
        assert manager.get(reverse(f"campaigns:{name}")).status_code == 403
    assert manager.get(reverse("campaigns:content-export", args=["csv"])).status_code == 403
    assert manager.post(reverse("campaigns:content-bulk"), {"deed": "submit"}).status_code == 403
