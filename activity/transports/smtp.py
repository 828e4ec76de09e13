"""One line to the mail server, and exact knowledge of where on it something broke."""

import re
import smtplib
import threading
import time
from collections.abc import Callable

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from activity.mailing.models import Report
from activity.mailing.verdicts import status_in, verdict
from activity.transports import InDoubt, NoSuchMailbox, Permanent, Temporary

# After the last dot a slow server is waited for much longer than anywhere else: hanging up there
# is what makes copies (RFC 5321, 4.5.3.2.6).
SECONDS_AT_THE_DOT = 120
# A line that is older has been cut by most servers; some count what one line carries.
IDLE_SECONDS = 20
MAILS_PER_LINE = 100
CLOSING = 421
END = b".\r\n"
# RFC 5321, 4.5.2.
LEADING_DOT = re.compile(rb"^\.", re.M)


class _Watched:
    """Says when a mail's text is about to leave, and when it left without an answer."""

    def hand_over(self, sender: str, recipient: str, text: bytes, before_data) -> None:
        """One mail to one person. Raises smtplib's errors, InDoubt, and what before_data raises."""
        self.ehlo_or_helo_if_needed()
        (code, words), of_recipient = self._envelope(sender, recipient)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, words, sender)
        if of_recipient[0] not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({recipient: of_recipient})
        before_data()
        code, words = self.data(text)
        if code != 250:
            raise smtplib.SMTPDataError(code, words)

    def _envelope(self, sender, recipient):
        """What is said to the sender and to the recipient."""
        lines = [
            f"mail FROM:{smtplib.quoteaddr(sender)}",
            f"rcpt TO:{smtplib.quoteaddr(recipient)}",
        ]
        if self.does_esmtp and self.has_extn("pipelining"):
            # One way there and back instead of two (RFC 2920).
            self.send("".join(f"{line}\r\n" for line in lines))
            return self.getreply(), self.getreply()
        of_sender = self.docmd(lines[0])
        return of_sender, self.docmd(lines[1]) if of_sender[0] == 250 else (503, b"")

    def data(self, text):
        code, words = self.docmd("data")
        if code != 354:
            return code, words
        # Without its last dot, which leaves last, no server takes it: up to here it is not sent.
        self.send(LEADING_DOT.sub(b"..", text) + (END if text.endswith(b"\r\n") else b"\r\n" + END))
        usual = self.sock.gettimeout()
        self.sock.settimeout(SECONDS_AT_THE_DOT)
        try:
            answer = self.getreply()
        except OSError as error:
            raise InDoubt(f"{type(error).__name__} before the server's answer") from error
        self.sock.settimeout(usual)
        return answer


class _Plain(_Watched, smtplib.SMTP):
    pass


class _Encrypted(_Watched, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """Django's, with its host, its credentials and its TLS; only the conversation is watched."""

    @property
    def connection_class(self):
        return _Encrypted if self.use_ssl else _Plain


class Line(threading.local):
    """This worker's connection, kept for the next mail when that follows soon."""

    backend: Backend | None = None
    used_at = 0.0
    carried = 0

    def open(self) -> smtplib.SMTP:
        """A connection, perhaps one the server has cut meanwhile. Raises Temporary."""
        if not self._is_good():
            self.hang_up()
            self._dial()
        self.used_at = time.monotonic()
        self.carried += 1
        return self.backend.connection

    def hang_up(self) -> None:
        if self.backend and self.backend.connection:
            # Not quit(): a server that is gone would be waited for.
            self.backend.connection.close()
        self.backend, self.carried = None, 0

    def _is_good(self):
        fresh = time.monotonic() - self.used_at < IDLE_SECONDS and self.carried < MAILS_PER_LINE
        return bool(self.backend and fresh)

    def _dial(self):
        self.backend = Backend()
        try:
            self.backend.open()
        except OSError as error:  # smtplib's own errors are OSErrors, too
            self.hang_up()
            raise Temporary(f"no mail server: {error}") from error


line = Line()


def send(to: str, text: bytes, before_data: Callable[[], None], *, sender: str) -> None:
    """Hands a message, written as it leaves, to the server for `to`.

    before_data: called when its text is about to leave. sender: where reports come back to.
    Raises Permanent, Temporary, InDoubt, and whatever before_data raises: then nothing has left.
    """
    sender = sanitize_address(sender, "utf-8")
    # Django would write it as a header does, which is another address.
    if not to.rpartition("@")[0].isascii():
        raise Permanent("not an address that mail servers understand")
    recipient = sanitize_address(to, "utf-8")
    still_good = False
    try:
        _hand_over(sender, recipient, text, before_data)
        still_good = True
    except smtplib.SMTPRecipientsRefused as error:
        still_good = _start_over()
        raise _refusal(*error.recipients[recipient], of_recipient=True) from error
    except smtplib.SMTPSenderRefused as error:
        # About us, not about them: somebody will mend it.
        raise Temporary(_said(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except OSError as error:
        raise Temporary(f"{type(error).__name__}: {error}") from error
    finally:
        if not still_good:
            line.hang_up()


def _hand_over(sender, recipient, text, before_data):
    """A kept line that turns out to be cut is opened again: nothing of the mail had left."""
    connection = line.open()
    was_kept, left = line.carried > 1, False

    def leaving():
        nonlocal left
        left = True
        before_data()

    try:
        connection.hand_over(sender, recipient, text, leaving)
    except OSError as error:
        closing = getattr(error, "smtp_code", CLOSING) == CLOSING
        refused = isinstance(error, smtplib.SMTPRecipientsRefused)
        if left or refused or not (was_kept and closing):
            raise
        line.hang_up()
        line.open().hand_over(sender, recipient, text, before_data)


def _start_over():
    """Whether the line is good for the next mail after one that was refused."""
    try:
        return line.backend.connection.rset()[0] == 250
    except OSError:
        return False


def _refusal(code, words, *, of_recipient=False):
    said = _said(code, words)
    if not 500 <= code < 600:
        return Temporary(said)
    if of_recipient and verdict(status_in(said), said) == Report.HARD:
        return NoSuchMailbox(said)
    return Permanent(said)


def _said(code, words):
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
