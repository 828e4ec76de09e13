"""Statements about thousands of clicks at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def cursor() -> Iterator[psycopg.Cursor]:
    """Unlike Django's, one that sends values beside the statement, not written into it.

    Raises django.db's errors all the same.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as found:
        yield found


@contextmanager
def pipeline() -> Iterator[None]:
    """Statements inside are sent without waiting for the answer to the one before."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def ask(statement: str, parameters: Sequence | Mapping) -> list[tuple]:
    """The rows it gives, if any."""
    with cursor() as asking:
        asking.execute(statement, parameters)
        return asking.fetchall() if asking.description else []


def array(values: Iterable) -> str:
    """Numbers, dates or plain words, to be cast to an array of them: psycopg looks at each value
    of a list for its type, which takes longer than all that PostgreSQL does with it."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def bytes_array(values: Iterable[bytes]) -> str:
    """The same, for bytea[]."""
    return "{" + ",".join([rf'"\\x{value.hex()}"' for value in values]) + "}"
