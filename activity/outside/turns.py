"""One question a second to one site, from however many processes."""

import math
import time

from django.core.cache import cache

from activity.outside.errors import TooSlow

APART = 1
AGAIN = 0.1


def wait_for_turn(host: str, patience: float = math.inf) -> None:
    """Returns when nobody here has asked `host` anything for a second.

    patience: in seconds, where a person waits for it. Raises TooSlow when it is over.
    """
    end = time.monotonic() + patience
    while not cache.add(f"turn:{host}", 1, timeout=APART):
        if time.monotonic() > end:
            raise TooSlow
        time.sleep(AGAIN)
