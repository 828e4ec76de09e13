"""What is held about people: one line for each column that leads to one, where it belongs.

A slice with a table that names somebody has a `privacy.py`, which calls `hold()` for it at start.
From these lines come the page "My data", the export, the erasure and the assessment; a test walks
the schema and fails for a column that nobody registered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from ambassadors.enrolment.models import Ambassador


@dataclass(frozen=True, eq=False)
class Sort:
    """A paragraph of the page: the reader's words for a few tables.

    why: what for. basis: by which right. kept: for how long. seen_by: who can see it. Each is a
    sentence in plain words. place: where it stands on the page, from the top.
    """

    key: str
    label: Any
    why: Any
    basis: Any
    kept: Any
    seen_by: Any
    place: int = 9


class Fate(models.TextChoices):
    """What erasing does to the row."""

    DELETED = "deleted"
    # It stays, nobody's: the figures add up as before.
    NAMELESS = "nameless"
    # It stays, by "a former colleague": what a company published has an author.
    FORMER = "former"
    # The trail: it knows a number only, and the number leads nowhere.
    KEPT = "kept"


FATES = {
    models.CASCADE: Fate.DELETED,
    models.SET_NULL: Fate.NAMELESS,
    models.PROTECT: Fate.FORMER,
    models.DO_NOTHING: Fate.KEPT,
}


@dataclass(frozen=True)
class Holding:
    """Rows of `model` that lead to a person by the lookup `by`.

    omit: columns that are no answer to "what do you know about me": secrets, and what only
    machines read. They are named, so that a new column is exported unless somebody says otherwise.
    only: where most of a row is about something else, the few columns that are about the person.
    """

    model: type[models.Model]
    by: str
    sort: Sort
    label: Any
    omit: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its file in the export is called."""
        return f"{self.model._meta.model_name}-{self.by.replace('__', '-')}"

    @property
    def fate(self) -> Fate:
        """As the database has it: what the column does when the person goes."""
        if self.model is get_user_model():
            return Fate.DELETED
        field = self.model._meta.get_field(self.by.partition("__")[0])
        if field.related_model in (get_user_model(), Ambassador):
            return FATES[field.remote_field.on_delete]
        # By way of another row, which loses its person.
        return Fate.NAMELESS if "__" in self.by else Fate.DELETED

    def of(self, user) -> models.QuerySet:
        # An ambassador's key is the user's.
        return self.model._default_manager.filter(**{self.by: user.pk}).order_by("pk")

    @property
    def columns(self) -> list[models.Field]:
        fields = self.model._meta.concrete_fields
        if self.only:
            return [field for field in fields if field.name in self.only]
        hidden = {*self.omit, self.by, "id"}
        return [field for field in fields if field.name not in hidden]


HOLDINGS: list[Holding] = []
CLEANERS: list[Callable[[Any], None]] = []


def hold(model, by, sort, label, *, omit=(), only=()) -> None:
    """Registers a column that leads to a person. Once per column, at start."""
    HOLDINGS.append(Holding(model, by, sort, label, tuple(omit), tuple(only)))


def before_erasing(clean: Callable[[Any], None]) -> Callable[[Any], None]:
    """Decorates what takes a person (a User) out of where no foreign key leads: files, JSON."""
    CLEANERS.append(clean)
    return clean


def sorts() -> dict[Sort, list[Holding]]:
    """What is held, paragraph by paragraph."""
    found: dict[Sort, list[Holding]] = {}
    for holding in sorted(HOLDINGS, key=lambda each: each.sort.place):
        found.setdefault(holding.sort, []).append(holding)
    return found
