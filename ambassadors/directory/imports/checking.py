"""From a file to stored rows, and from rows to verdicts, some thousands at a time.

Each piece is a transaction of its own. Whoever starts again after a worker's death finds the rows
that are there, and verdicts that are the same are not written twice.
"""

import pickle
import zlib
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db import connection, transaction

from ambassadors.accounts.models import User
from ambassadors.directory.imports.bulk import copy_in, update_documents
from ambassadors.directory.imports.context import (
    directory_context,
    first_choices,
    known_people,
    seen_by,
    with_choices,
)
from ambassadors.directory.imports.judging import Judging
from ambassadors.directory.imports.rows import ImportRow
from ambassadors.directory.imports.table import Row, Table


class StoredTable(Table):
    """The headers of an import; its columns are read from the database."""

    def __init__(self, source: Any):
        super().__init__(source.form, source.headers, [], header_line=source.header_line)
        self.source = source

    def column(self, at: int) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT btrim(cells->>%s) FROM ambassadors_importrow"
                " WHERE source_id = %s AND cells->>%s ~ '[^[:space:]]'",
                [at, self.source.pk, at],
            )
            return [cell for (cell,) in cursor.fetchall()]


def store(source: Any, rows: Iterable[Row]) -> None:
    """Keeps the rows of a file; those that an earlier worker kept are passed over.

    Raises whatever reading raises.
    """
    done = source.rows.count()
    numbered = islice(enumerate(rows), done, None)
    while piece := list(islice(numbered, ImportRow.CHUNK)):
        with transaction.atomic():
            source.stay(source.Status.CHECKING)
            copy_in(ImportRow, (ImportRow.values_of(source, at, row) for at, row in piece))
        done += len(piece)
        source.tell_progress("reading", done, 0)


def examine(source: Any, importer: User | None) -> Counter:
    """Gives each row of `source` its verdict; returns how many have which outcome and action.

    Sets source.unknown, and source.choices when nobody has chosen yet.
    """
    source.judged_against = seen_by(importer)
    context = directory_context(importer, source.choices)
    judging = Judging(StoredTable(source), source.mapping, context)
    total, pieces, is_first = source.rows.count(), [], not source.counts
    for rows in ImportRow.stored_rows(source):
        pieces.append(_packed([judging.first(row) for row in rows]))
        source.tell_progress("checking", judging.rows // 2, total)
    if is_first:
        source.choices = first_choices(judging.unknown, judging.rows)
        context = with_choices(context, source.choices)
    judging.turn(context)
    tally, done = Counter(), 0
    for rows, piece in zip(_kept(source, is_first), pieces, strict=True):
        tally += _settle(judging, rows, piece, source)
        done += len(rows)
        source.tell_progress("checking", (total + done) // 2, total)
    source.unknown = [
        [kind, unit.under, unit.name, people]
        for kind, units in judging.unknown.items()
        for unit, people in units.most_common()
    ]
    return tally


def _kept(source, is_first):
    """The rows with the verdict they have; before anybody judged them, they have none."""
    return source.rows.in_light_chunks("written", *([] if is_first else ImportRow.VERDICT))


def _settle(judging, rows, piece, source):
    verdicts, changed, tally = _unpacked(piece), [], Counter()
    people = judging.context.people
    known = known_people(verdict.email for verdict in verdicts if verdict.email in people)
    for row, verdict in zip(rows, verdicts, strict=True):
        judging.second(verdict, known.get(verdict.email))
        new = ImportRow.verdict_values(verdict)
        if row.written:
            # In the directory already: no later verdict touches it.
            new = {name: getattr(row, name) for name in ImportRow.VERDICT}
        elif any(getattr(row, name, None) != value for name, value in new.items()):
            changed.append({"id": row.pk} | new)
        tally.update(filter(None, (new["outcome"], new["action"])))
    with transaction.atomic():
        source.stay(source.status)
        update_documents(ImportRow, ImportRow.VERDICT, changed)
    return tally


# All verdicts of a list at once would be a fifth of a gigabyte; packed they are a hundredth.
def _packed(verdicts):
    return zlib.compress(pickle.dumps(verdicts, pickle.HIGHEST_PROTOCOL), 1)


def _unpacked(piece):
    return pickle.loads(zlib.decompress(piece))  # noqa: S301 (packed just above, never stored)
