"""Where a link may lead. Asked again at every redirect: a row may have been edited meanwhile."""

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from django.utils.encoding import iri_to_uri

from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Link

HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
# What browsers drop or turn around, so that they would go elsewhere than we read.
MISLEADING = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def safe(url: str) -> str | None:
    """The address as it may stand in a Location header, or None when nobody may be sent there.

    Only http and https, a host, no user name or password, no control character or backslash.
    """
    if MISLEADING.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # a bad port, bracket or name
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not HOST.fullmatch(host):
        return None
    host = f"[{host}]" if ":" in host else host
    return iri_to_uri(urlunsplit(parts._replace(netloc=f"{host}:{port}" if port else host)))


@lru_cache(maxsize=65536)
def of_link(
    url: str, content_id: int, campaign: str, network: str, kind: str = Link.Kind.PERSONAL
) -> str | None:
    """Where Link.destination leads, from the edge's copies of these rows; None when it may not."""
    # Before anything is taken apart: that alone would drop what must be refused.
    if safe(url) is None:
        return None
    content = Content(pk=content_id, url=url, campaign=Campaign(slug=campaign))
    link = Link(content=content, network=Network(slug=network), kind=kind)
    return safe(link.destination)
