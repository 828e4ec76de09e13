"""Who tries codes until one is there.

Only codes that are not there count, and only different ones: a whole office may open a misprinted
link all day from one address. Nobody is ever refused a link that is there.
"""

import ipaddress
import time
from collections import OrderedDict
from hashlib import blake2b

from campaigns.tracking.cache import Away, Shared

# So many codes that are not there, within a minute, from one block of addresses.
MOST, MINUTE = 60, 60
REMEMBERED = 10_000
KEY = "clicks:guesses:"


def block_of(address: str) -> str:
    """What one network hands out: /24 of IPv4, /56 of IPv6."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 56), strict=False))


class Guesses:
    """The count is Redis's, for all edges together; without Redis nobody is over."""

    def __init__(self, shared: Shared):
        self._shared = shared
        self._over: OrderedDict[bytes, float] = OrderedDict()

    @property
    def anybody(self) -> bool:
        """Whether anybody is over at all: else nothing has to be worked out for a visitor."""
        return bool(self._over)

    def is_over(self, who: bytes) -> bool:
        return time.monotonic() < self._over.get(who, 0.0)

    async def add(self, who: bytes, code: str) -> bool:
        """Notes that `who` asked for `code`, which is not there; whether that is one too many."""
        key = f"{KEY}{who.hex()}:{int(time.time()) // MINUTE}"

        def count(redis):
            pipeline = redis.pipeline(transaction=False)
            # Estimates how many different codes in a few hundred bytes, however many there are.
            pipeline.pfadd(key, code)
            pipeline.pfcount(key)
            pipeline.expire(key, 2 * MINUTE)
            return pipeline.execute()

        try:
            _, codes, _ = await self._shared.ask(count)
        except Away:
            return False
        if codes > MOST:
            self._keep(who)
        return self.is_over(who)

    def _keep(self, who):
        self._over[who] = time.monotonic() + MINUTE
        self._over.move_to_end(who)
        now = time.monotonic()
        while self._over and (
            len(self._over) > REMEMBERED or next(iter(self._over.values())) <= now
        ):
            self._over.popitem(last=False)


def hash_of(salt: bytes, address: str) -> bytes:
    """16 bytes for a block of addresses, the same all day: the address is not kept."""
    return blake2b(block_of(address).encode("utf-8", "replace"), key=salt, digest_size=16).digest()
