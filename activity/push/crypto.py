"""What a push service asks for: a message only the browser can read, and a word on who sends it.

RFC 8291 (encryption), RFC 8188 (its form), RFC 8292 (VAPID); tests hold them to their examples.
"""

import base64
import os
import time
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1
# One record, whatever it holds: a push service takes 4,096 bytes at most.
RECORD = 4096
MOST_BYTES = 3000
LAST = b"\x02"
# Push services refuse a word that holds for more than a day.
TOKEN_SECONDS = 12 * 3600


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def new_key() -> tuple[str, str]:
    """A new key of ours: (public, private), as texts."""
    key = ec.generate_private_key(CURVE())
    return b64(_point(key.public_key())), b64(key.private_numbers().private_value.to_bytes(32))


def is_a_key(text: str) -> bool:
    """Whether a browser's `p256dh` is a point of the curve."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE(), unb64(text))
    except ValueError:
        return False
    return True


def encrypt(text: bytes, key: str, auth: str, *, ours=None, salt: bytes = b"") -> bytes:
    """The body of a push for the browser with this `key` and `auth`. At most MOST_BYTES of text.

    ours, salt: new for each message; given by the test that holds it to the RFC's example.
    """
    ours, salt = ours or ec.generate_private_key(CURVE()), salt or os.urandom(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE(), unb64(key))
    point = _point(ours.public_key())
    shared = ours.exchange(ec.ECDH(), theirs)
    secret = _derive(shared, unb64(auth), b"WebPush: info\0" + _point(theirs) + point, 32)
    box = AESGCM(_derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + bytes([len(point)]) + point
    return head + box.encrypt(nonce, text + LAST, None)


def authorization(address: str, public: str, private: str, contact: str) -> str:
    """The header that says who sends. contact: a mail address, for when something is wrong."""
    parts = urlsplit(address)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": f"mailto:{contact}",
    }
    return f"vapid t={jwt.encode(claims, private_key(private), algorithm='ES256')}, k={public}"


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unb64(text)), CURVE())


def _point(key):
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(secret, salt, info, length):
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
