"""Addresses of the links host that later slices answer: `@own_page("/conversion")`."""

from collections.abc import Awaitable, Callable
from typing import Any

from campaigns.tracking.pages import Answer

Handler = Callable[[Any], Awaitable[Answer]]
PAGES: dict[str, Handler] = {}


def own_page(path: str) -> Callable[[Handler], Handler]:
    """Has a coroutine function of the edge's Request answer `path`. Once, at start."""

    def put(handler: Handler) -> Handler:
        PAGES[path] = handler
        return handler

    return put
