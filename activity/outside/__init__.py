"""The one way from this product to the web outside: every request to an address somebody typed.

    fetch(url, PAGES)                   a page, a picture or a feed, redirects followed
    post(url, body, headers)            a message to somebody's endpoint, redirects not followed

Both raise an Unreachable, whose sentence is for the person who asked. Nothing that is not public
is ever connected to: see `places`.
"""

from activity.outside.client import (
    ANYTHING,
    FEEDS,
    PAGES,
    PICTURES,
    Deadline,
    Fetched,
    Kind,
    fetch,
    post,
)
from activity.outside.errors import (
    Downgraded,
    Elsewhere,
    Garbled,
    NoAnswer,
    NotAnAddress,
    NotSecure,
    Private,
    Refused,
    TooBig,
    TooSlow,
    Unknown,
    Unreachable,
    WrongKind,
    in_words,
)
from activity.outside.places import encoded, is_public
from activity.outside.turns import wait_for_turn

__all__ = [
    "ANYTHING",
    "FEEDS",
    "PAGES",
    "PICTURES",
    "Deadline",
    "Downgraded",
    "Elsewhere",
    "Fetched",
    "Garbled",
    "Kind",
    "NoAnswer",
    "NotAnAddress",
    "NotSecure",
    "Private",
    "Refused",
    "TooBig",
    "TooSlow",
    "Unknown",
    "Unreachable",
    "WrongKind",
    "encoded",
    "fetch",
    "in_words",
    "is_public",
    "post",
    "wait_for_turn",
]
