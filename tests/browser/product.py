"""The whole product, as `make run` starts it, for the stories that need all of it."""

import time

from launch.trial import Product

__all__ = ["Product", "wait_for"]


def wait_for(look, seconds=90):
    """The first truthy answer of `look`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds} s")
