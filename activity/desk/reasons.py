"""Why a message did not arrive, for somebody who does not read mail servers' answers."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

# The first that is found decides. Enhanced codes are those of RFC 3463, section 3.
REASONS: list[tuple[str, Any]] = [
    (r"\b5\.1\.[0-3]\b|user unknown|no such (user|mailbox)", _("There is no such mailbox.")),
    (r"\b5\.1\.\d", _("The address is not accepted.")),
    (r"\b5\.2\.1\b|mailbox (is )?disabled", _("The mailbox is closed.")),
    (r"\b[45]\.2\.2\b|mailbox (is )?full|quota", _("The mailbox is full.")),
    (r"\b5\.[23]\.[34]\b|too (big|large)", _("The message is too big for their server.")),
    (r"\b5\.4\.\d", _("Their domain takes no mail, or cannot be found.")),
    (
        r"\b5\.7\.\d|spam|blocked|blacklist|dmarc|spf|dkim",
        _("Their server refuses mail from us: as unwanted, or for want of SPF, DKIM or DMARC."),
    ),
    (r"authentication|credentials|^53[045]\b", _("The mail server does not accept our login.")),
    (r"suppress", _("We no longer write to this address: it bounced or complained.")),
    (r"^no mail server|connection refused|unreachable", _("The mail server could not be reached.")),
    (r"starttls|certificate|ssl", _("No encrypted connection to the mail server came about.")),
    (
        r"before the server.s answer|worker died while sending",
        _("The line broke at the last moment: it may have arrived."),
    ),
    (r"every worker died", _("The program broke off each time. That is a fault of ours.")),
    (r"timed? ?out", _("The other side did not answer in time.")),
    (r"\b(404|410)\b", _("The other side no longer knows this address or this browser.")),
    (r"\b429\b|too many", _("The other side asks us to come more slowly.")),
    (r"^4\d\d\b|greylist", _("Their server asks us to try again later.")),
    (r"^5\d\d\b", _("Their server refuses it for good.")),
    (r"held back for too long", _("It waited in a pause until it was no news any more.")),
    (r"no longer true|no longer wanted|account is closed", _("It was no longer needed.")),
]
_FOUND = [(re.compile(pattern, re.IGNORECASE), words) for pattern, words in REASONS]


def in_plain_words(error: str) -> str:
    """`error` as a sentence in the reader's language; "" for no error."""
    if not error:
        return ""
    found = (words for pattern, words in _FOUND if pattern.search(error))
    return str(next(found, _("Another reason, in the other side’s own words below.")))
