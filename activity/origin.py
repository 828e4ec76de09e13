"""From where somebody acts: enough to know one's own evening at home, too little to be found by.

Set around a request (config/middleware.py), read by `record()`.
"""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

# The first that is found wins: a browser also names those it descends from.
BROWSERS = {
    "Edge": r"Edg(?:e|A|iOS)?/",
    "Opera": r"OPR/",
    "Samsung Internet": r"SamsungBrowser/",
    "Firefox": r"Firefox/|FxiOS/",
    "Chrome": r"Chrome/|CriOS/",
    "Safari": r"Safari/",
}
SYSTEMS = {
    "iPhone": r"iPhone",
    "iPad": r"iPad",
    "Android": r"Android",
    "Windows": r"Windows",
    "macOS": r"Mac OS X|Macintosh",
    "ChromeOS": r"CrOS",
    "Linux": r"Linux|X11",
}
# Of an address what names a neighbourhood and no household.
KEPT_BITS = {4: 24, 6: 48}


class Origin(NamedTuple):
    """network: an address without its end, such as 203.0.113.0/24. device: "Firefox, Windows"."""

    network: str = ""
    device: str = ""

    @classmethod
    def of(cls, address: str, agent: str) -> "Origin":
        return cls(network_of(address), device_of(agent))


_current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 (never changed)


def current() -> Origin:
    """Where the request at hand comes from; empty in a worker and on the command line."""
    return _current.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def network_of(address: str) -> str:
    """The /24 or /48 an address lies in, "" for what is no address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, KEPT_BITS[ip.version]), strict=False))


def device_of(agent: str) -> str:
    """Browser and system by their names, without versions: "Chrome, Android"; "" for others."""
    agent = agent[:400]
    return ", ".join(filter(None, (_first(BROWSERS, agent), _first(SYSTEMS, agent))))


def _first(names, agent):
    return next((name for name, pattern in names.items() if re.search(pattern, agent)), "")
