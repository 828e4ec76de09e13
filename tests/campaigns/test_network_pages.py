import pytest
from django.urls import reverse

from activity.models import Entry
from ambassadors.models import Charter
from campaigns.models import Network
from tests.factories import (
    make_admin,
    make_ambassador,
    make_content,
    make_manager,
    make_network,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(as_user):
    return as_user(make_admin(language="en"))


def post(client, deed, network, **data):
    address = reverse(f"campaigns:network-{deed}", args=[network.pk])
    return client.post(address, data, follow=True)


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def sharer(**fields):
    ambassador = make_ambassador(**fields)
    ambassador.accept(Charter.objects.current(), language="fr")
    return ambassador


def slugs():
    return list(Network.objects.choosable().values_list("slug", flat=True))


def test_the_list_shows_what_people_choose_from_and_no_place_of_the_programme(admin):
    page = admin.get(reverse("campaigns:network-list")).content.decode()

    assert all(f">{name}</a>" in page for name in ("LinkedIn", "Mastodon", "Reddit"))
    assert "QR" not in page


def test_what_is_switched_off_is_offered_to_nobody_and_back_on_to_all(admin):
    reddit, maelle = make_network("reddit"), make_ambassador(networks=["reddit"])

    post(admin, "withhold", reddit)
    assert reddit not in Network.objects.known_to(maelle)
    post(admin, "offer", reddit)

    assert reddit in Network.objects.known_to(maelle)
    assert verbs() == ["network.withheld", "network.offered"]


def test_said_twice_it_is_recorded_once(admin):
    for _ in range(2):
        post(admin, "withhold", make_network("reddit"))

    assert verbs() == ["network.withheld"]


def test_the_last_network_stays_offered(admin):
    linkedin = make_network()
    Network.objects.choosable().exclude(pk=linkedin.pk).update(is_active=False)

    answer = post(admin, "withhold", linkedin)

    assert "One network at least stays" in answer.content.decode()
    assert Network.objects.get(pk=linkedin.pk).is_active


def test_a_network_goes_up_and_down_and_stays_at_the_ends(admin):
    before = slugs()

    post(admin, "down", make_network(before[0]))
    assert slugs() == [before[1], before[0], *before[2:]]
    post(admin, "up", make_network(before[1]))
    post(admin, "up", make_network(before[0]))
    post(admin, "up", make_network(before[0]))

    assert slugs() == before


def test_a_lower_limit_is_kept_and_told_to_the_trail(admin):
    network = make_network("mastodon")
    data = {
        "name": "Mastodon",
        "text_limit": 400,
        "hashtags": 3,
        "own_instance": "toot.orvaly.example",
    }

    post(admin, "edit", network, **data)

    network.refresh_from_db()
    assert (network.text_limit, network.own_instance) == (400, "toot.orvaly.example")
    entry = Entry.objects.get(verb="network.changed")
    assert entry.data["before"]["text_limit"] == 500
    assert entry.data["after"]["text_limit"] == 400


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "10.0.0.1", "a/b.example", "localhost"])
def test_a_server_that_is_none_is_refused(admin, wrong):
    data = {"name": "Mastodon", "text_limit": 500, "hashtags": 3, "own_instance": wrong}

    answer = post(admin, "edit", make_network("mastodon"), **data)

    assert answer.status_code == 422
    assert make_network("mastodon").own_instance == ""


def test_only_a_network_of_many_servers_has_one_of_the_company(admin):
    data = {"name": "X", "text_limit": 280, "hashtags": 2, "own_instance": "toot.orvaly.example"}

    post(admin, "edit", make_network("x"), **data)

    assert make_network("x").own_instance == ""


def test_the_companys_server_is_proposed_to_who_has_named_none(as_user):
    Network.objects.filter(slug="mastodon").update(own_instance="toot.orvaly.example")
    address = reverse("campaigns:share-panel", args=[make_content().pk]) + "?network=mastodon"

    new = as_user(sharer().user).get(address).content.decode()
    assert 'value="toot.orvaly.example"' in new
    own = as_user(sharer(instance="mastodon.social").user).get(address).content.decode()

    assert 'value="mastodon.social"' in own


def test_an_hr_manager_changes_no_network(as_user):
    client = as_user(make_manager())

    assert client.get(reverse("campaigns:network-list")).status_code == 403
    assert post(client, "withhold", make_network("reddit")).status_code == 403


def test_a_place_of_the_programme_is_not_to_be_switched(admin):
    assert post(admin, "offer", make_network("qr")).status_code == 404
