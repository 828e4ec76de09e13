"""Whether a refusal is about the mailbox itself, or about the moment, the size, the words or us."""

import re

from activity.mailing.models import Report

# RFC 3463: the mailbox, its domain or its form is wrong, it has moved, or it is switched off.
NO_SUCH_MAILBOX = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)$")
# Of servers that only say 5.0.0, or nothing.
SAYS_NO_SUCH_MAILBOX = re.compile(
    r"user unknown|unknown user|no such (user|mailbox|recipient|address)|does ?n[o']t exist"
    r"|unknown (recipient|address|local)|invalid (recipient|mailbox)|mailbox (not found|disabled)"
    r"|recipient (not found|unknown)|utilisateur inconnu|bo[iî]te .{0,20}(inconnue|inexistante)",
    re.I,
)


def status_in(words: str) -> str:
    """The first status of RFC 3463 in `words`, "5.1.1"; "" without one."""
    found = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", words)
    return found[0] if found else ""


def verdict(status: str, words: str) -> str:
    """HARD when the mailbox itself is wrong, else SOFT."""
    if NO_SUCH_MAILBOX.match(status):
        return Report.HARD
    vague = status in ("", "5.0.0", "5.5.0")
    return Report.HARD if vague and SAYS_NO_SUCH_MAILBOX.search(words) else Report.SOFT


def without_addresses(words: str) -> str:
    """`words` on one line, without the addresses that servers repeat: those stand elsewhere."""
    return re.sub(r"\S+@\S+", "…", " ".join(words.split()))[:300]
