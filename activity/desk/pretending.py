"""What stands in for a row in a preview: a name, and whatever else its template asks for."""

from typing import Any


class Pretend:
    """pretend = Pretend("Sophie Lavoie", email="…"): reads as the name, has the rest."""

    def __init__(self, name: Any, /, **facts: Any):
        self._name = name
        self.__dict__.update(facts)

    def __str__(self):
        return str(self._name)
