"""Who is the same visitor today, without knowing who it is.

The hash is made of an address, an agent and a salt of the day. The salt is destroyed within
48 hours, and then nobody, we included, can tell which address a hash was made of.
"""

import ipaddress
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import blake2b

from django.conf import settings
from django.utils import timezone
from redis import Redis

from campaigns.tracking.models import Salt

SALT_KEY = "clicks:salt:"


def address(peer: str, forwarded: str) -> str:
    """The visitor's address: the peer's, or behind our own proxies what the first of them saw.

    peer: the other end of the connection. forwarded: the X-Forwarded-For header, "" for none.
    Only as many entries are believed as there are proxies of ours; the rest anybody may write.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in forwarded.split(",")] if proxies and forwarded else []
    return hops[-min(proxies, len(hops))] if hops else peer


def network_of(address: str) -> str:
    """An IPv6 address without its lower half, which a device changes by itself every day."""
    if ":" not in address:
        return address
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def visitor_hash(salt: bytes, address: str, agent: str) -> bytes:
    """16 bytes, the same for one address and agent all day long, on every link."""
    message = f"{network_of(address)}\0{agent}".encode("utf-8", "surrogateescape")
    return blake2b(message, key=salt, digest_size=16).digest()


def salt_of(day: str) -> dict[str, str]:
    """The salt of a day (ISO), made by whoever asks first: all processes get the same."""
    salt, _ = Salt.objects.get_or_create(day=date.fromisoformat(day))
    return {"salt": bytes(salt.value).hex()}


def salts_of(days: Iterable[str]) -> dict[str, dict[str, str]]:
    return {day: salt_of(day) for day in days}


def drop_old_salts(redis: Redis) -> int:
    """Destroys the salts of days that are over; how many there were."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    past = [today - timedelta(days=back) for back in range(1, 8)]
    redis.delete(*(f"{prefix}{SALT_KEY}{day}" for day in past for prefix in ("", "old:")))
    dropped, _ = Salt.objects.older_than(today).delete()
    return dropped
