"""Secrets at rest: unreadable to whoever has the database and not the server's key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a key that this server no longer has: it must be entered again."""


def seal(secret: str, purpose: str) -> str:
    """`secret` as it may be stored; "" stays "". purpose: what is sealed for one opens no other."""
    return _box(purpose).encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str, purpose: str) -> str:
    """Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _box(purpose):
    # Older keys still open what they closed, as with everything else that Django signs.
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    salt = f"porte-voix.{purpose}:".encode()
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(salt + key.encode()).digest()))
        for key in keys
    )
