"""The click id a destination is given, so that its site can say later that the click led somewhere.

Forty characters: the click's own random number and time, and a seal that only this installation can
make. Nothing in it says who clicked, whose link it was or where to look for the next one.
"""

import base64
import hmac
import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from django.conf import settings

from campaigns.tracking.stream import EPOCH

PARAMETER = "pv"
SHAPE = re.compile(r"[0-9A-Za-z_-]{40}")
SEAL, TIME = 8, 6
A_MILLISECOND = timedelta(milliseconds=1)


class ClickId(NamedTuple):
    """Which click: its number, and when it was (aware, whole milliseconds)."""

    id: uuid.UUID
    at: datetime


class NotOurs(Exception):
    """No click id, or one that was not made here."""


def click_id(click: ClickId) -> str:
    """What stands in the address."""
    told = click.id.bytes + ((click.at - EPOCH) // A_MILLISECOND).to_bytes(TIME)
    return base64.urlsafe_b64encode(told + _seal(told, settings.SECRET_KEY)).decode()


def read(text: str) -> ClickId:
    """The reverse. Raises NotOurs; whether the click was ever recorded is not asked here."""
    if not SHAPE.fullmatch(text):
        raise NotOurs
    raw = base64.urlsafe_b64decode(text)
    told, seal = raw[:-SEAL], raw[-SEAL:]
    if not any(hmac.compare_digest(seal, _seal(told, key)) for key in _secrets()):
        raise NotOurs
    return ClickId(uuid.UUID(bytes=told[:16]), EPOCH + int.from_bytes(told[16:]) * A_MILLISECOND)


def with_click(to: str, click: ClickId) -> str:
    """`to` with the click id added; as it is where the page has a parameter of that name already.

    to: an address that may stand in a Location header. Nothing of it changes but its query.
    """
    parts = urlsplit(to)
    if any(name.lower() == PARAMETER for name, _ in parse_qsl(parts.query, True)):
        return to
    query = "&".join(filter(None, [parts.query, f"{PARAMETER}={click_id(click)}"]))
    return urlunsplit(parts._replace(query=query))


def _secrets() -> Iterator[str]:
    """An old secret is still believed, so that a new one loses no conversion on its way."""
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _seal(told, secret):
    return blake2b(told, key=_key(secret), digest_size=SEAL).digest()


@lru_cache(maxsize=8)
def _key(secret):
    """Of this purpose only."""
    return blake2b(secret.encode(), person=b"click-id", digest_size=32).digest()
