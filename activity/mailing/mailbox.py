"""Reports that wait in a mailbox, fetched by IMAP. Django and its libraries have no reader; the
standard library's speaks the protocol, and this is all that is asked of it."""

import imaplib
import logging
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from activity.mailing.reports import LARGEST
from activity.mailing.returns import take_in

log = logging.getLogger(__name__)

SECONDS = 30
AT_ONCE = 200


@dataclass(frozen=True)
class Place:
    """Where a mailbox is, from imaps://user:password@host:993/INBOX."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> "Place":
        """Raises ValueError for what is no such address."""
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not (parts.hostname and parts.username):
            raise ValueError("not imaps://user:password@host/folder")
        encrypted = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if encrypted else 143),
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            encrypted=encrypted,
        )


def read_new(place: Place) -> int:
    """Takes in what nobody has read yet, AT_ONCE at most; how many were reports of ours.

    A report is removed once it is taken in, so a run that dies half-way leaves none out; what is no
    report stays for people, marked as read. Raises OSError and imaplib.IMAP4.error.
    """
    with _dial(place) as line:
        line.login(place.user, place.password)
        _expect(line.select(f'"{place.folder}"'), place.folder)
        found = _expect(line.uid("search", None, "UNSEEN"), "search")[0] or b""
        taken = sum(_read(line, number.decode()) for number in found.split()[:AT_ONCE])
        line.expunge()
    return taken


def _dial(place):
    kind = imaplib.IMAP4_SSL if place.encrypted else imaplib.IMAP4
    return kind(place.host, place.port, timeout=SECONDS)


def _read(line, number):
    # PEEK does not mark it as read: that is said once it is taken in.
    answer = _expect(line.uid("fetch", number, f"(BODY.PEEK[]<0.{LARGEST}>)"), "fetch")
    raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    bounce = take_in(raw)
    line.uid("store", number, "+FLAGS", r"(\Deleted)" if bounce else r"(\Seen)")
    return bounce is not None


def _expect(answer, what):
    said, data = answer
    if said != "OK":
        raise imaplib.IMAP4.error(f"{what}: {said}")
    return data
