"""Takes a person out of every table. What the company published stays, by "a former colleague".

What the database does by itself when an account goes is right for most rows: what was only theirs
goes too, what is counted stays, nobody's. Beforehand go the rows no foreign key leads to (see
`before_erasing`), and rows that must have an author get one who is nobody.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils.crypto import get_random_string

from activity.log import record
from ambassadors.accounts.erased import ERASED_DOMAIN
from ambassadors.accounts.models import LastAdmin, User
from ambassadors.privacy import marks
from ambassadors.privacy.models import Erasure, ErasureRequest, Reason, is_last_admin
from ambassadors.privacy.registry import CLEANERS, HOLDINGS, Fate

# Rows without words in them, and many: a search for a name would read them for nothing.
WORDLESS = ("campaigns_click", "campaigns_tally", "campaigns_hourtally", "campaigns_daytotal")
# The trail keeps a number; nothing else of the product may look like a name in it.
TRAIL = ("activity_entry", "activity_seal")


@transaction.atomic
def erase(user: User, *, reason: Reason, by: User | None = None) -> Erasure:
    """Erases the person for good, and gives the proof. Raises LastAdmin.

    by: who set it going, None for the schedule. On commit the mark is in the file as well.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if is_last_admin(user):
        raise LastAdmin
    words = words_of(user)
    proof = Erasure(mark=marks.mark_of(user), reason=reason, consents=_consents_of(user))
    for clean in CLEANERS:
        clean(user)
    _end_sessions(user)
    _hand_over(user)
    record("erasure.done", subject=user, actor=by, reason=reason)
    _gone, each = user.delete()
    proof.removed = {name: n for name, n in each.items() if n}
    proof.left_in = mentions(words)
    # Of somebody who was back from a backup there is a proof already.
    proof, _is_new = Erasure.objects.update_or_create(
        mark=proof.mark,
        defaults={name: getattr(proof, name) for name in KEPT},
        create_defaults={name: getattr(proof, name) for name in ("mark", *KEPT)},
    )
    transaction.on_commit(partial(marks.write, [(proof.mark, proof.at.isoformat())]))
    return proof


KEPT = ("reason", "at", "consents", "removed", "left_in")


def words_of(user) -> list[str]:
    """By what they would be found: the address, and the whole name."""
    names = {
        f"{first} {user.last_name}" for first in (user.first_name, user.preferred_name) if first
    }
    return [user.email, *sorted(name for name in names if user.last_name)]


def _consents_of(user):
    said = user.consents.order_by("at").values_list("purpose", "given", "at", "fingerprint")
    return [[purpose, given, at.date().isoformat(), mark] for purpose, given, at, mark in said]


def _end_sessions(user):
    """Those of the log-in are in a table of allauth's, if at all: each is opened and looked at."""
    ended = [
        session.session_key
        for session in Session.objects.iterator(chunk_size=500)
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Session.objects.filter(session_key__in=ended).delete()


def _hand_over(user):
    """Gives to somebody who is nobody what must be somebody's."""
    former = None
    for holding in HOLDINGS:
        if holding.fate is not Fate.FORMER or not holding.of(user).exists():
            continue
        former = former or _make_former()
        holding.of(user).order_by().update(**{holding.by: former})


def _make_former():
    """One for each person erased: two who decided on the same item stay two."""
    address = f"{get_random_string(16).lower()}{ERASED_DOMAIN}"
    return User.objects.create_user(address, is_active=False, language=settings.LANGUAGE_CODE)


def mentions(words: list[str]) -> dict[str, int]:
    """{table: rows} that hold one of the words, of all that hold text; the trail is left out."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables_with_text(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT count(*) FROM {name} row WHERE row::text ILIKE ANY(%s)",  # noqa: S608
                [[f"%{_escaped(word)}%" for word in words]],
            )
            if n := cursor.fetchone()[0]:
                found[table] = n
    return found


def _tables_with_text(cursor) -> Iterator[str]:
    cursor.execute(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND data_type IN"
        " ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'tsvector')"
    )
    for (table,) in cursor.fetchall():
        if not table.startswith(WORDLESS) and table not in TRAIL:
            yield table


def _escaped(word):
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def erase_due(now: datetime) -> int:
    """Erases whoever asked and has not changed their mind. Gives how many."""
    erased = 0
    for asked in ErasureRequest.objects.due(now).select_related("user"):
        # They asked as one of two, and are the last by now: an administrator sees it wait.
        if not is_last_admin(asked.user):
            erase(asked.user, reason=Reason.ASKED)
            erased += 1
    sync_file()
    return erased


def again() -> int:
    """After a restore: erases whoever is back although they were erased. Gives how many.

    Looks at the file beside the database, and at the table, in case the file was lost.
    """
    known = marks.written() | set(Erasure.objects.values_list("mark", flat=True))
    back = [user for user in User.objects.iterator() if known & set(marks.marks_of(user))]
    for user in back:
        erase(user, reason=Reason.AGAIN)
    return len(back)


def sync_file() -> None:
    """Puts into the file what a crash between the commit and the writing left out."""
    marks.write([(mark, at.isoformat()) for mark, at in Erasure.objects.values_list("mark", "at")])
