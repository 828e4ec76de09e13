import pytest
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

from campaigns.tracking.edge import Edge
from config.asgi import by_host
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_link

LINKS, PAGES = "http://go.orvaly.example:8000", "http://porte-voix.orvaly.example:8000"

OURS = ["go.orvaly.example", "GO.ORVALY.EXAMPLE:443", "liens.orvaly.example"]
OTHERS = ["evil.example", "go.orvaly.example.evil.example", "xgo.orvaly.example", "evil.example:80"]
OTHERS += ["go.orvaly.example@evil.example", "go.orvaly.example.", "[::1]", "x" * 5000]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_server_answers_both_hosts(clicks, settings):
    settings.ALLOWED_HOSTS = ["porte-voix.orvaly.example"]
    settings.LINK_BASE_URL, settings.LINK_HOSTS = LINKS, ["liens.orvaly.example"]
    link = make_link()
    urls = {"links_url": LINKS, "base_url": PAGES, "more": settings.LINK_HOSTS}
    both = by_host(Edge(), get_asgi_application(), **urls)
    with EdgeServer(both) as server:
        on_links = server.get(f"/{link.code}", host="GO.orvaly.example:8000")
        on_another = server.get(f"/{link.code}", host="Liens.orvaly.example")
        on_pages = server.get(f"/{link.code}", host="porte-voix.orvaly.example:8000")
        health = server.get("/healthz", host="porte-voix.orvaly.example:8000")
        elsewhere = server.get(f"/{link.code}", host="evil.example")
    assert on_links.headers["location"] == link.destination
    assert on_another.headers["location"] == link.destination
    assert (
        "location" not in on_pages.headers or link.content.url not in on_pages.headers["location"]
    )
    assert health.body == "ok"
    assert elsewhere.status == 400


def test_links_and_pages_may_not_share_a_host():
    with pytest.raises(ImproperlyConfigured):
        by_host(None, None, links_url=PAGES, base_url=PAGES.upper())
    with pytest.raises(ImproperlyConfigured):
        by_host(None, None, links_url=LINKS, base_url=PAGES, more=[PAGES.partition("//")[2]])


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_host_that_is_not_ours_gets_no_link_and_no_page(clicks, settings):
    settings.LINK_BASE_URL, settings.LINK_HOSTS = LINKS, ["liens.orvaly.example"]
    link = make_link()
    with EdgeServer(Edge()) as server:
        ours = [server.get(f"/{link.code}", host=host).status for host in OURS]
        others = [server.get(f"/{link.code}", host=host) for host in OTHERS]
        front = server.get("/", host="evil.example")
        health = server.get("/healthz", host="10.0.0.7:8001")
    assert ours == [302] * len(OURS)
    assert {answer.status for answer in others} == {421}
    assert not any("location" in answer.headers for answer in others)
    assert (front.status, health.status) == (421, 200)
    assert clicks.xlen("clicks") == len(OURS)
