"""An order that somebody chooses by hand: rows with a `position`."""

from django.db import models


def put_elsewhere(order: list[models.Model], row: models.Model, by_places: int) -> bool:
    """Moves `row` within `order`, and writes every row's `position`.

    False, and nothing is written, when it is at that end already.
    """
    now = order.index(row)
    if not 0 <= now + by_places < len(order):
        return False
    order.insert(now + by_places, order.pop(now))
    for position, each in enumerate(order):
        each.position = position
    type(row).objects.bulk_update(order, ["position"])
    return True
