"""Both hosts from one server: tracked links on the links host, everything else to Django.

For small installations. Larger ones run `campaigns.tracking.edge:app` as a process of its own and
the application under WSGI (`config.wsgi`).
"""

import os
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

django_app = get_asgi_application()

from campaigns.tracking.edge import app  # noqa: E402
from config.memory import look_for_garbage_seldom  # noqa: E402


def by_host(edge, pages, *, links_url: str, base_url: str, more=()):
    """Sends what is asked of `links_url`'s host, or of one of `more`, to `edge`, the rest to
    `pages`.

    more: hosts, with their port where that is not the usual one. Raises ImproperlyConfigured when
    both are one host: a code could not be told from a page, and a link could touch a session
    cookie.
    """
    link_hosts = {host.lower().encode() for host in (urlsplit(links_url).netloc, *more)}
    if urlsplit(base_url).netloc.lower().encode() in link_hosts:
        text = "LINK_BASE_URL and LINK_HOSTS need hosts of their own, other than BASE_URL."
        raise ImproperlyConfigured(text)

    async def application(scope, receive, send):
        host = dict(scope.get("headers", ())).get(b"host", b"").lower()
        to_edge = scope["type"] == "lifespan" or host in link_hosts
        await (edge if to_edge else pages)(scope, receive, send)

    return application


application = by_host(
    app,
    django_app,
    links_url=settings.LINK_BASE_URL,
    base_url=settings.BASE_URL,
    more=settings.LINK_HOSTS,
)
look_for_garbage_seldom()
