"""E-mail: what leaves has one recipient, two parts, and headers no name can break."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core import mail

from activity.transports import NoSuchMailbox, Permanent, smtp

SMTP = "django.core.mail.backends.smtp.EmailBackend"
LONGEST_LINE = 200
# Embeddings, overrides, isolates and marks: they turn a name round so that it reads as another.
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Letter:
    """A mail, ready but for its headers. `sender` is a name, put before our own address."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sender: str = ""
    reply_to: str = ""
    unsubscribe: str = ""


def send(letter: Letter, before_data: Callable[[], None]) -> None:
    """Hands the letter over. Raises Permanent, Temporary or InDoubt (activity.transports).

    before_data: called when its text is about to leave.
    """
    try:
        message = compose(letter)
        text = message.message().as_bytes(linesep="\r\n")
    except ValueError as error:  # BadHeaderError is one; so is an address that is none
        raise Permanent(str(error)) from error
    if settings.EMAIL_BACKEND == SMTP:
        return _by_smtp(letter, message.from_email, text, before_data)
    # To a console, a folder or a test's memory nothing gets lost on the way.
    before_data()
    mail.get_connection().send_messages([message])


def _by_smtp(letter, sender, text, before_data):
    try:
        smtp.send(letter.to, text, before_data, sender=return_path(letter) or sender)
    except NoSuchMailbox as error:
        # Not at the top: what it writes down wakes the very tasks that send.
        from activity.mailing.suppression import hold_back_refused

        hold_back_refused(letter.to, error)
        raise


def return_path(letter: Letter) -> str:
    """Where a report about it is to go; "" for the address it is from."""
    number = letter.message_id.strip("<>").partition("@")[0]
    return settings.BOUNCE_ADDRESS.replace("{id}", number)


def compose(letter: Letter) -> mail.EmailMultiAlternatives:
    headers = {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
    if letter.unsubscribe:
        # RFC 8058. No mailto beside it: nobody reads that mailbox within two days, a POST acts now.
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = mail.EmailMultiAlternatives(
        subject=one_line(letter.subject),
        body=letter.text,
        from_email=from_address(letter.sender),
        to=[letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers=headers,
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def from_address(sender: str = "") -> str:
    """Our own address, always; `sender` only changes the name before it."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(sender) or name, address))


def one_line(text: str) -> str:
    """`text` as a header may hold it: no line breaks, no control or direction characters."""
    text = BIDI.sub("", text)
    visible = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(visible).split())[:LONGEST_LINE]
