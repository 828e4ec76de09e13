"""What lets a receiver know that a webhook is ours, and that nobody changed or repeats it.

Standard Webhooks 1.0: HMAC-SHA256 over "id.timestamp.body"; https://www.standardwebhooks.com/
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(identity: str, timestamp: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of the standard. timestamp: seconds since 1970, of this attempt.

    keys: every secret that is good now: while one is exchanged for another, both sign.
    """
    text = f"{identity}.{timestamp}.".encode() + body
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(text, key) for key in keys),
    }


def _signature(text, key):
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(raw, text, hashlib.sha256)).decode()
