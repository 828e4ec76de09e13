"""One question a second to one site, from however many processes."""

import time

from django.core.cache import cache

APART = 1
AGAIN = 0.1


def wait_for_turn(host: str) -> None:
    """Returns when nobody here has asked `host` anything for a second."""
    while not cache.add(f"turn:{host}", 1, timeout=APART):
        time.sleep(AGAIN)
