"""Secrets at rest: unreadable to whoever has the database and not the server's key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

SALT = b"porte-voix.sign-on:"


class Unreadable(Exception):
    """It was sealed with a key that this server no longer has: it must be entered again."""


def seal(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _box():
    # Older keys still open what they closed, as with everything else that Django signs.
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(SALT + key.encode()).digest()))
        for key in keys
    )
