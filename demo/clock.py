"""A clock that can be set back, so that the product's own verbs write its past."""

import datetime as real
from contextlib import contextmanager
from unittest.mock import patch

from django.utils import timezone


@contextmanager
def at(moment):
    """Inside, `timezone.now()` answers `moment`, also where a model took it as its default."""

    class Clock(real.datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    # Patched inside Django's module: fields hold the function itself, not its name.
    with patch.object(timezone, "datetime", Clock):
        yield
