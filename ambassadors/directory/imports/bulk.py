"""Many rows at once: COPY for new ones, one UPDATE for old ones. For PostgreSQL."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from psycopg.types.json import Jsonb

# The first half of an advisory lock's key; the second is the import's number.
IMPORT_LOCK = 0x1390


@contextmanager
def held(pk: int) -> Iterator[bool]:
    """True for the one worker that has this import in hand; the lock dies with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [IMPORT_LOCK, pk])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [IMPORT_LOCK, pk])


def new_ids(model: type[models.Model], number: int) -> list[int]:
    """Keys for `number` rows to come."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{table}"', column, number],
        )
        return [key for (key,) in cursor.fetchall()]


def copy_in(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Adds rows, given as values by attribute; what none of them names has its default.

    Raises IntegrityError, and then adds none.
    """
    rows = list(rows)
    if not rows:
        return
    fields = [f for f in model._meta.concrete_fields if f.attname in rows[0] or not f.primary_key]
    defaults = {f.attname: getattr(blank, f.attname) for blank in [model()] for f in fields}
    documents = {f.attname for f in fields if isinstance(f, models.JSONField)}
    quoted = ", ".join(f'"{field.column}"' for field in fields)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        statement = f'COPY "{model._meta.db_table}" ({quoted}) FROM STDIN'
        with cursor.copy(statement) as copy:
            for row in rows:
                values = defaults | row
                copy.write_row([
                    Jsonb(values[name]) if name in documents and values[name] is not None else
                    values[name] for name in defaults
                ])  # fmt: skip


def update_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Any]) -> None:
    """Writes `names` of model instances in one statement. Not for arrays."""
    if not rows:
        return
    fields = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    columns = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
               for field in fields]  # fmt: skip
    casts = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    said = ", ".join(f'"{field.column}"' for field in fields)
    put = ", ".join(f'"{field.column}" = new."{field.column}"' for field in fields[1:])
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" AS old SET {put} FROM unnest({casts}) AS new({said})'  # noqa: S608
            f' WHERE old."{key}" = new."{key}"',
            columns,
        )


def update_documents(
    model: type[models.Model], names: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """As update_rows(), of rows given as plain values by column, `id` among them.

    They travel as one JSON text: as arrays each of their quotes would be escaped three times over.
    """
    if not rows:
        return
    fields = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    said = ", ".join(f'"{field.column}" {_type(field)}' for field in fields)
    put = ", ".join(f'"{field.column}" = new."{field.column}"' for field in fields[1:])
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" AS old SET {put} FROM jsonb_to_recordset(%s::jsonb) AS new({said})'  # noqa: S608
            f' WHERE old."{key}" = new."{key}"',
            [json.dumps(rows)],
        )


def _type(field):
    if field.is_relation or field.primary_key:
        return field.rel_db_type(connection)
    # A length has no place in a cast to an array, and says no more than the column does.
    return field.db_type(connection).partition("(")[0]
