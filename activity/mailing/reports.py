"""Reads what another mail server says of a mail of ours.

Three forms: a delivery status (RFC 3464), a complaint (RFC 5965), and the dozens of ways in which
older servers put it, which flufl.bounce knows. A mail is recognised by its Message-ID, a random
number that only its reader's side has seen: who merely guesses can have no address held back.
"""

import email
import re
import uuid
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from flufl.bounce import all_failures

from activity.mailing.models import Report
from activity.mailing.verdicts import SAYS_NO_SUCH_MAILBOX, status_in, verdict, without_addresses

LARGEST = 2 * 2**20
NUMBER = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TOLD_AT = ("To", "Delivered-To", "X-Original-To", "X-Envelope-To")


@dataclass(frozen=True)
class Said:
    """kind: a Report. notification: whose mail. to: the address it was written to, as the returned
    mail has it; "" when that did not come back. status: as in RFC 3463. words: the other side's."""

    kind: str
    notification: uuid.UUID
    to: str = ""
    status: str = ""
    words: str = ""


def read(raw: bytes) -> Said | None:
    """What `raw`, a whole mail, reports; None when it reports nothing, or on no mail of ours."""
    message = email.message_from_bytes(raw)
    number = _number_in(message, raw)
    found = number and (_complaint(message) or _status(message) or _in_other_words(message))
    if not found:
        return None
    kind, status, words = found
    return Said(kind, number, _written_to(message), status, without_addresses(words))


def _complaint(message):
    for part in _parts(message, "message/feedback-report"):
        fields = _inside(part)
        # "not-spam" takes one back; the others (abuse, fraud, virus, other) are all unwelcome.
        if fields and fields.get("Feedback-Type", "").strip().lower() != "not-spam":
            return Report.COMPLAINT, "", fields.get("Feedback-Type", "")
    return None


def _status(message):
    for part in _parts(message, "message/delivery-status"):
        for fields in part.get_payload()[1:] if part.is_multipart() else ():
            if fields.get("Action", "").strip().lower() != "failed":
                # Delayed: it is still being tried. Delivered, relayed, expanded: it is not back.
                continue
            status = status_in(str(fields.get("Status", "")))
            words = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
            return verdict(status, words), status, words
    return None


def _in_other_words(message):
    if message.get_content_type() == "multipart/report":
        return None
    for_now, for_good = all_failures(message)
    if not (for_now or for_good):
        return None
    text = _text_of(message)
    words = next((line for line in text.splitlines() if SAYS_NO_SUCH_MAILBOX.search(line)), "")
    return (Report.HARD if for_good and words else Report.SOFT), "", words


def _number_in(message, raw):
    told_at = " ".join(str(message.get(name, "")) for name in TOLD_AT)
    if named := re.search(rf"\+({NUMBER})@", told_at, re.I):
        return uuid.UUID(named[1])
    host = re.escape(urlsplit(settings.BASE_URL).hostname or "")
    pattern = rf"<({NUMBER})@{host}>"
    # Most returned mails are legible as they are; of others each part is decoded.
    for text in (raw.decode("ascii", "replace"), _text_of(message)):
        if found := re.search(pattern, text, re.I):
            return uuid.UUID(found[1])
    return None


def _written_to(message):
    for part in message.walk():
        returned = None
        if part.get_content_type() == "message/rfc822":
            returned = _inside(part)
        elif part.get_content_type() == "text/rfc822-headers":
            returned = email.message_from_string(_decoded(part))
        if returned is not None and returned.get("Message-ID"):
            return parseaddr(str(returned.get("To", "")))[1]
    return ""


def _parts(message, content_type):
    return [part for part in message.walk() if part.get_content_type() == content_type]


def _inside(part) -> Message | None:
    """The headers within a part that is a message by itself, however the parser left it."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload else None
    return email.message_from_string(payload)


def _decoded(part):
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if content else ""


def _text_of(message):
    return "\n".join(_decoded(part) for part in message.walk() if not part.is_multipart())
