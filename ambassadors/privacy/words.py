"""What the columns of an export are called, in both languages."""

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "accepted_at": _("Accepted on"),
    "answer": _("Answer"),
    "answered_at": _("Answered on"),
    "ambassador": _("Person"),
    "answered_by": _("Answered by"),
    "asked_at": _("Asked on"),
    "at": _("Date and time"),
    "audience_band": _("Size of the audience"),
    "base": _("Beginning"),
    "by": _("By whom"),
    "campaign": _("Campaign"),
    "caption": _("Suggested text"),
    "channel": _("Channel"),
    "charter": _("Charter"),
    "clicks": _("Clicks"),
    "code": _("Code"),
    "committed_at": _("Carried out on"),
    "content": _("Item"),
    "created_at": _("Made on"),
    "data": _("Details"),
    "date_joined": _("Account made on"),
    "day": _("Day"),
    "decided_at": _("Decided on"),
    "decision": _("Decision"),
    "declared_at": _("Declared on"),
    "department": _("Department"),
    "device": _("Kind of device"),
    "directorygroup": _("Group"),
    "disclosure": _("Disclosure"),
    "dismissed_at": _("Said not this time on"),
    "due_at": _("Due on"),
    "email": _("E-mail address"),
    "expires_at": _("Good until"),
    "external_id": _("Number in the directory"),
    "extra_data": _("What the provider said"),
    "fetched_at": _("Fetched on"),
    "fields": _("What the line said"),
    "fingerprint": _("Fingerprint of the text"),
    "given": _("Yes or no"),
    "goal": _("Goal"),
    "hour": _("Hour"),
    "instance": _("Server of the network"),
    "invited_by": _("Invited by"),
    "ip": _("Network address"),
    "is_active": _("Account open"),
    "is_own_words": _("In one’s own words"),
    "joined_at": _("Joined on"),
    "kind": _("Kind"),
    "language": _("Language"),
    "last_login": _("Last log-in"),
    "last_seen_at": _("Last seen on"),
    "left_at": _("Left on"),
    "link": _("Link"),
    "message": _("Message"),
    "name": _("Name"),
    "name_en": _("Name in English"),
    "name_fr": _("Name in French"),
    "network": _("Network"),
    "networks": _("Networks"),
    "note": _("Note"),
    "number": _("Number"),
    "occurred_at": _("Happened on"),
    "opened_at": _("Opened on"),
    "organization": _("Organisation"),
    "person": _("Person"),
    "provider": _("Provider"),
    "purpose": _("Purpose"),
    "read_at": _("Read on"),
    "ready_at": _("Ready on"),
    "reason": _("Reason"),
    "received_at": _("Received on"),
    "reminded_at": _("Reminded on"),
    "revoked_at": _("Closed on"),
    "rhythm": _("Rhythm"),
    "said": _("Before and after"),
    "seen_at": _("Seen on"),
    "sent_at": _("Sent on"),
    "since": _("Since"),
    "size": _("Size"),
    "source": _("Source"),
    "state": _("State"),
    "status": _("Status"),
    "subject_id": _("Number of what it is about"),
    "subject_type": _("What it is about"),
    "text": _("Text"),
    "text_en": _("Text in English"),
    "text_fr": _("Text in French"),
    "title": _("Title"),
    "told_at": _("Told on"),
    "topic": _("Topic"),
    "type": _("Type"),
    "uid": _("Number at the provider"),
    "uniques": _("Visitors a day"),
    "url": _("Address"),
    "user": _("Person"),
    "user_agent": _("Browser"),
    "user_name": _("Name in the directory"),
    "valid_until": _("Holds until"),
    "verb": _("What was done"),
    "wanted": _("Wanted"),
    "what": _("What"),
    "why": _("Why share it"),
    "words": _("Words"),
}


def label_of(field: models.Field) -> str:
    """In the reader's language."""
    if field.name in COLUMNS:
        return str(COLUMNS[field.name])
    return capfirst(str(field.verbose_name))


def in_both(text_of) -> dict[str, str]:
    """{language: text_of()} in each language of the product."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(text_of())
    return found
