"""Who keeps a copy of a link, and must let go of it when its owner has it stopped."""

from collections.abc import Callable

_HEARERS: list[Callable[..., None]] = []


def when_links_stop(let_go: Callable[..., None]) -> Callable[..., None]:
    """Decorates what is called after the commit, with the codes that lead nowhere any more.

    Not a verb of the trail: there the codes would say who had posted what.
    """
    _HEARERS.append(let_go)
    return let_go


def tell(codes: list[str]) -> None:
    for let_go in _HEARERS:
        let_go(*codes)
