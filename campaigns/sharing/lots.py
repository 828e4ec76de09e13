"""Lots that are personal, the same every time they are drawn, and even.

A hash would be as personal, but chance has clusters: of 36 quarter-hours 500 people would find one
nearly twice as full as the mean. Steps of the golden ratio leave no gap and no crowd, whichever
people there are (Weyl 1916; the ratio whose fractions are spread most evenly, Swierczkowski 1958).
"""

import hashlib

GOLDEN = 0.6180339887498949


def lot(person: int, about: str, of: int) -> int:
    """A number from 0 to `of` - 1 for `person` (a primary key) in the draw that `about` names."""
    digest = hashlib.blake2b(about.encode(), digest_size=8).digest()
    start = int.from_bytes(digest) / 2**64
    return int((person * GOLDEN + start) % 1 * of)
