"""One line to the mail server, and exact knowledge of where on it something broke."""

import smtplib
import threading
import time
from collections.abc import Callable

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from activity.transports import InDoubt, Permanent, Temporary

# After the last dot a slow server is waited for much longer than anywhere else: hanging up there
# is what makes copies (RFC 5321, 4.5.3.2.6).
SECONDS_AT_THE_DOT = 120
# A line that is older may have been cut by the other side; one that has carried that much may be.
IDLE_SECONDS = 20
MAILS_PER_LINE = 50


class _Watched:
    """Says when a mail's text is about to leave, and when it left without an answer."""

    before_data: Callable[[], None]

    def data(self, text):
        self.before_data()
        usual = self.sock.gettimeout()
        self.sock.settimeout(SECONDS_AT_THE_DOT)
        try:
            answer = super().data(text)
        except smtplib.SMTPResponseException:
            raise
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
        """A connection that answers. Raises Temporary."""
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
        return bool(self.backend and fresh and self._answers())

    def _answers(self):
        try:
            return self.backend.connection.noop()[0] == 250
        except OSError:
            return False

    def _dial(self):
        self.backend = Backend()
        try:
            self.backend.open()
        except OSError as error:  # smtplib's own errors are OSErrors, too
            self.hang_up()
            raise Temporary(f"no mail server: {error}") from error


line = Line()


def send(message: EmailMessage, before_data: Callable[[], None]) -> None:
    """Hands `message`, which has one recipient, to the server.

    before_data: called when its text is about to leave. Raises Permanent, Temporary, InDoubt, and
    whatever before_data raises: then nothing has left.
    """
    connection = line.open()
    connection.before_data = before_data
    sender = sanitize_address(message.from_email, message.encoding or "utf-8")
    [recipient] = [sanitize_address(to, "utf-8") for to in message.recipients()]
    text = message.message().as_bytes(linesep="\r\n")
    still_good = False
    try:
        connection.sendmail(sender, [recipient], text)
        still_good = True
    except smtplib.SMTPRecipientsRefused as error:
        still_good = True
        raise _refusal(*error.recipients[recipient]) from error
    except smtplib.SMTPSenderRefused as error:
        # About us, not about them: somebody will mend it.
        raise Temporary(_said(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Permanent(str(error)) from error
    except OSError as error:
        raise Temporary(f"{type(error).__name__}: {error}") from error
    finally:
        if not still_good:
            line.hang_up()


def _refusal(code, words):
    kind = Permanent if 500 <= code < 600 else Temporary
    return kind(_said(code, words))


def _said(code, words):
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
