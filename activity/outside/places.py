"""Where an address leads, decided once: what is checked here is what is then connected to."""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna
from django.conf import settings

from activity.outside.errors import NotAnAddress, Private, TooSlow, Unknown

PORTS = {"http": 80, "https": 443}
LONGEST = 2000
ODD_CHARACTERS = re.compile(r"[\\\s\x00-\x1f\x7f]")
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
# What an address may hold as it stands; `%` so that nothing is encoded twice.
KEPT = "%/?:@!$&'()*+,;=-._~"
# Global on paper, and yet no web site: relays, protocol assignments, groups.
NOT_SITES = [
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4")
]
# In IPv6 only these are sites. Whatever carries an IPv4 address inside (mapped, compatible, NAT64,
# 6to4, Teredo) lies outside, or in the four below.
SITES_V6 = ipaddress.ip_network("2000::/3")
NOT_SITES_V6 = [
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


@dataclass(frozen=True)
class Place:
    """An address taken apart once. `host` is plain ASCII, `target` what is asked of it."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    @property
    def is_allowed(self) -> bool:
        """Named by whoever runs this server, wherever it lies (FETCH_ALLOWED_HOSTS)."""
        allowed = settings.FETCH_ALLOWED_HOSTS
        named = f"{self.host}:{self.port}" in allowed
        return named or (self.host in allowed and self.port in PORTS.values())


def encoded(url: str) -> str:
    """The same address with spaces and accents as browsers send them; `%26` stays `%26`."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise NotAnAddress from None
    path, query = quote(parts.path, safe=KEPT), quote(parts.query, safe=KEPT)
    return parts._replace(path=path, query=query).geturl()


def place_of(url: str) -> Place:
    """Takes `url` apart. Raises NotAnAddress, Private for an IP address that is."""
    if len(url) > LONGEST or ODD_CHARACTERS.search(url):
        raise NotAnAddress
    try:
        parts = urlsplit(encoded(url))
        port = parts.port
    except ValueError:
        raise NotAnAddress from None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise NotAnAddress
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    place = Place(parts.scheme, _host(parts.hostname), port or PORTS[parts.scheme], target)
    if place.port not in PORTS.values() and not place.is_allowed:
        raise NotAnAddress
    return place


def _host(name):
    """As it is asked of a name server: `été.example` in its ASCII form, `１２７.0.0.1` unmasked."""
    name = name.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            raise NotAnAddress from None
    name = name.removesuffix(".")
    if _literal(name):
        return name
    if _is_a_number(name):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to the system, and nothing to a person.
        raise Private
    if len(name) > 253 or not HOST_NAME.fullmatch(name):
        raise NotAnAddress
    return name


def _is_a_number(name):
    return re.fullmatch(r"(0x[0-9a-f]*|\d+)", name.rsplit(".", 1)[-1]) is not None


def _literal(name):
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def is_public(address: str) -> bool:
    """True for an IP address that anybody on the Internet could reach, and that may be a site."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6:
        in_range = ip in SITES_V6 and not any(ip in network for network in NOT_SITES_V6)
        return in_range and ip.scope_id is None and ip.is_global
    return ip.is_global and not any(ip in network for network in NOT_SITES)


def addresses_of(place: Place, seconds: float) -> list[str]:
    """Every IP address of `place`, asked once and found public. Raises Private, Unknown, TooSlow.

    One that is not public condemns them all: which one is connected to would be chance.
    """
    if _literal(place.host):
        addresses = [place.host]
    else:
        addresses = _within(seconds, lambda: look_up(place.host, place.port))
    if not addresses:
        raise Unknown
    if not place.is_allowed and not all(is_public(address) for address in addresses):
        raise Private
    return addresses


def look_up(host: str, port: int) -> list[str]:
    """Asks the system's resolver."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unknown from None
    return list(dict.fromkeys(sockaddr[0] for *_rest, sockaddr in found))


def _within(seconds: float, ask: Callable[[], list[str]]) -> list[str]:
    """The resolver knows no deadline of ours: its thread is left behind when it takes longer."""
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def run():
        try:
            answers.put((ask(), None))
        except Unknown as error:
            answers.put((None, error))

    threading.Thread(target=run, name="look-up", daemon=True).start()
    try:
        found, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TooSlow from None
    if error:
        raise error
    return found
