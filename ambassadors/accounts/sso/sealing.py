"""The secrets of sign-on at rest, see activity/vault.py."""

from activity import vault
from activity.vault import Unreadable

__all__ = ["Unreadable", "seal", "unseal"]
PURPOSE = "sign-on"


def seal(secret: str) -> str:
    return vault.seal(secret, PURPOSE)


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    return vault.unseal(sealed, PURPOSE)
