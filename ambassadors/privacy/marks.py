"""What stays of an erased person: a mark that proves that it was done, and to whom only if asked.

It is an HMAC over their number and the moment their account was made, under the product's key. So
the mark says nothing by itself; but from a restored backup, in which the person is back, it can be
made again and found. The number alone would not do: a restored database gives it out once more.

The marks also stand in a file beside the database, because a restore takes the table back too.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import salted_hmac

SALT = "porte-voix.erased"


def mark_of(user: AbstractBaseUser) -> str:
    """64 hexadecimal digits."""
    return next(marks_of(user))


def marks_of(user: AbstractBaseUser) -> Iterator[str]:
    """By the key of today, then by those that came before it."""
    words = f"{user.pk}:{user.date_joined.isoformat()}"
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac(SALT, words, secret=key, algorithm="sha256").hexdigest()


def written() -> set[str]:
    """The marks in the file; none before the first erasure."""
    path = Path(settings.ERASURE_LOG)
    if not path.exists():
        return set()
    lines = path.read_text(encoding="ascii").splitlines()
    return {json.loads(line)["mark"] for line in lines if line.strip()}


def write(marks: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> None:
    """Adds (mark, moment) to the file, those that are not in it."""
    path, known = Path(settings.ERASURE_LOG), written()
    new = [{"mark": mark, "at": at} for mark, at in marks if mark not in known]
    if not new:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.writelines(json.dumps(line) + "\n" for line in new)
