import pytest
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

from campaigns.tracking.edge import Edge
from config.asgi import by_host
from tests.campaigns.conftest import EdgeServer
from tests.factories import make_link

LINKS, PAGES = "http://go.orvaly.example:8000", "http://porte-voix.orvaly.example:8000"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_server_answers_both_hosts(clicks, settings):
    settings.ALLOWED_HOSTS = ["porte-voix.orvaly.example"]
    link = make_link()
    both = by_host(Edge(), get_asgi_application(), links_url=LINKS, base_url=PAGES)
    with EdgeServer(both) as server:
        on_links = server.get(f"/{link.code}", host="GO.orvaly.example:8000")
        on_pages = server.get(f"/{link.code}", host="porte-voix.orvaly.example:8000")
        health = server.get("/healthz", host="porte-voix.orvaly.example:8000")
        elsewhere = server.get(f"/{link.code}", host="evil.example")
    assert on_links.headers["location"] == link.destination
    assert (
        "location" not in on_pages.headers or link.content.url not in on_pages.headers["location"]
    )
    assert health.body == "ok"
    assert elsewhere.status == 400


def test_links_and_pages_may_not_share_a_host():
    with pytest.raises(ImproperlyConfigured):
        by_host(None, None, links_url=PAGES, base_url=PAGES.upper())
