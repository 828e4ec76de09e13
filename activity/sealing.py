"""Seals the audit trail: a chain that shows where a line was altered, taken out or slipped in.

The database refuses to change an entry, but whoever owns the database can take that refusal away.
So each entry gets a seal soon after: a number without gaps, and an HMAC over the seal before it and
the entry's own words. The key is the product's, not the database's. What a long transaction commits
late is sealed late: seals follow the order in which entries were seen.

What it cannot show: that the newest entries and their seals were cut off together. Hence the head
of the chain is on the page of the trail, to be noted elsewhere.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from activity.models import Entry, Seal

BATCH = 2000
# No transaction is open for so long: what it wrote is sealed with the rest, however late.
LONGEST_TRANSACTION = timedelta(hours=6)
# The task comes every minute.
PATIENCE = timedelta(minutes=15)
SHOWN = 10
ONE_AT_A_TIME = 0x70762D7365616C73
BEGINNING = bytes(32)


def seal() -> int:
    """Seals what has none; how many entries that were. Of two at once, one does nothing."""
    sealed = 0
    while done := _seal_some():
        sealed += done
    return sealed


@transaction.atomic
def _seal_some():
    if not _my_turn():
        return 0
    last = Seal.objects.order_by("-number").first()
    number, digest = (last.number, bytes(last.digest)) if last else (0, BEGINNING)
    seals = []
    for entry in unsealed()[:BATCH]:
        number, digest = number + 1, digest_of(digest, entry, _keys()[0])
        seals.append(Seal(number=number, entry=entry, digest=digest))
    Seal.objects.bulk_create(seals)
    return len(seals)


def _my_turn():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return cursor.fetchone()[0]


def unsealed():
    """Entries without a seal, oldest first."""
    recent = timezone.now() - LONGEST_TRANSACTION
    newest = Seal.objects.filter(entry__at__lt=recent).order_by("-number").first()
    entries = Entry.objects.filter(seal=None).order_by("pk")
    return entries.filter(pk__gt=newest.entry_id) if newest else entries


def digest_of(before: bytes, entry: Entry, key: bytes) -> bytes:
    """32 bytes that nobody can make without the key, and that no other entry has here."""
    words = [
        entry.pk,
        entry.at.isoformat(),
        entry.verb,
        entry.actor_id,
        entry.subject_type,
        entry.subject_id,
        entry.data,
        entry.network,
        entry.device,
    ]
    text = json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, before + text.encode(), "sha256")


def _keys():
    """The key that seals, then those that may have sealed before it was changed."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.sha256(b"audit trail " + secret.encode()).digest() for secret in secrets]


# --- Does it hold? ---------------------------------------------------------------------------
def breaches() -> Iterator[str]:
    """A sentence for each place where the chain does not hold; the first ten."""
    for told, sentence in enumerate(_breaks()):
        if told == SHOWN:
            return
        yield sentence
    yield from _waiting_too_long()


def _breaks():
    keys, before, expected = _keys(), BEGINNING, 1
    for sealed in Seal.objects.order_by("number").select_related("entry").iterator(BATCH):
        if sealed.number != expected:
            yield f"audit trail: seals {expected} to {sealed.number - 1} are missing"
        elif sealed.entry is None:
            yield f"audit trail: entry {sealed.entry_id} (seal {sealed.number}) is missing"
        elif bytes(sealed.digest) not in [digest_of(before, sealed.entry, key) for key in keys]:
            yield f"audit trail: entry {sealed.entry_id} (seal {sealed.number}) was altered"
        expected, before = sealed.number + 1, bytes(sealed.digest)


def _waiting_too_long():
    if late := unsealed().filter(at__lt=timezone.now() - PATIENCE).count():
        yield f"audit trail: {late} entries of more than 15 minutes ago have no seal"
