import json
from dataclasses import asdict

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, OuterRef

from ambassadors.directory.imports.headers import FIELDS
from ambassadors.directory.imports.table import Row
from ambassadors.directory.imports.verdicts import (
    CREATE,
    ERROR,
    IGNORE,
    MERGE,
    SAME,
    UPDATE,
    WARNING,
)


class ImportRowQuerySet(models.QuerySet):
    def errors(self):
        return self.filter(outcome=ERROR)

    def remarks(self):
        return self.filter(outcome=WARNING)

    def new(self):
        return self.filter(action=CREATE)

    def known(self):
        return self.filter(action__in=[UPDATE, SAME])

    def in_chunks(self):
        """Lists of rows in the order of the file, each read when it is asked for."""
        last = -1
        while chunk := list(self.filter(position__gt=last).order_by("position")[: ImportRow.CHUNK]):
            yield chunk
            last = chunk[-1].position

    def in_light_chunks(self, *names):
        """As in_chunks(), of tuples (key, position, then `names`): half of the time is models'."""
        last = -1
        chosen = self.order_by("position").values_list("pk", "position", *names, named=True)
        while chunk := list(chosen.filter(position__gt=last)[: ImportRow.CHUNK]):
            yield chunk
            last = chunk[-1].position

    def to_write(self, action):
        return self.filter(action=action, written=False)

    def without_change(self):
        """Written, and not yet noted with what it changed."""
        noted = ImportChange.objects.filter(source=OuterRef("source"), person=OuterRef("person"))
        return self.filter(~Exists(noted), written=True)

    def passed_over(self):
        return self.filter(outcome__in=[MERGE, IGNORE])


class ImportRow(models.Model):
    """One line of a file: what it says, what the person corrected, and the verdict."""

    VERDICT = ["outcome", "action", "fields", "messages", "changes", "related"]

    # How many are in hand at once, and in one transaction.
    CHUNK = 2_000

    # The constraint's index begins with it: one of its own would only be written.
    source = models.ForeignKey(
        "ambassadors.Import", models.CASCADE, related_name="rows", db_index=False
    )
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    line_end = models.PositiveIntegerField()
    cells = models.JSONField()
    marks = models.JSONField(default=dict)
    hidden = models.BooleanField(default=False)
    mended = models.PositiveSmallIntegerField(null=True)
    corrections = models.JSONField(default=dict)  # column (as text) -> what the person wrote
    skipped = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, blank=True)
    action = models.CharField(max_length=10, blank=True)
    fields = models.JSONField(default=dict)
    changes = models.JSONField(default=list)
    messages = models.JSONField(default=list)
    related = models.PositiveIntegerField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )

    # In the directory already: no later verdict touches it.
    written = models.BooleanField(default=False)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="import_row_position_once")
        ]
        indexes = [
            models.Index(fields=["source", "outcome", "position"], name="import_row_by_outcome"),
            models.Index(fields=["source", "action", "position"], name="import_row_by_action"),
        ]

    def __str__(self):
        return f"{self.source_id}:{self.line}"

    @classmethod
    def values_of(cls, source, position, row):
        """A Row as it is stored, for copy_in()."""
        return {
            "source_id": source.pk,
            "position": position,
            "line": row.line,
            "line_end": row.line_end,
            # PostgreSQL keeps no NUL, not even in JSON; the judge would take it out anyway.
            "cells": [cell.replace("\0", "") for cell in row.cells],
            "marks": row.marks,
            "hidden": row.hidden,
            "mended": row.mended,
        }

    @classmethod
    def stored_rows(cls, source):
        """Lists of Rows as they were read, with what the person has corrected since."""
        last = -1
        while chunk := cls._stored_after(source, last):
            yield [_as_row(*values) for _position, *values in chunk]
            last = chunk[-1][0]

    @classmethod
    def _stored_after(cls, source, last):
        # As text, past the model: nearly all marks and corrections are empty, and need no reading.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT position, line, line_end, cells::text, marks::text, corrections::text,"
                " hidden, mended, skipped FROM ambassadors_importrow"
                " WHERE source_id = %s AND position > %s ORDER BY position LIMIT %s",
                [source.pk, last, cls.CHUNK],
            )
            return cursor.fetchall()

    @classmethod
    def verdict_values(cls, verdict):
        """What is kept of a verdict, by the names of VERDICT."""
        return {
            "outcome": verdict.outcome,
            "action": verdict.action or "",
            "fields": {n: v for n, v in verdict.fields.items() if FIELDS[n].kept},
            "messages": [asdict(message) for message in verdict.messages],
            "changes": verdict.changes,
            "related": verdict.related,
        }


def _as_row(line, line_end, cells, marks, corrections, hidden, mended, skipped):
    cells, corrected = json.loads(cells), {}
    if corrections != "{}":
        corrected = json.loads(corrections)
        cells = [corrected.get(str(at), cell) for at, cell in enumerate(cells)]
    marks = {} if marks == "{}" else json.loads(marks)
    return Row(
        line,
        cells,
        line_end=line_end,
        marks={int(at): mark for at, mark in marks.items() if at not in corrected},
        hidden=hidden,
        mended=None if str(mended) in corrected else mended,
        skipped=skipped,
    )


class ImportChangeQuerySet(models.QuerySet):
    def to_undo(self):
        return self.filter(outcome="")

    def came(self):
        """People who were not here before, and still are."""
        return self.filter(created=True, person__isnull=False)


class ImportChange(models.Model):
    """What an import did to one person, kept so that it can be undone."""

    class Outcome(models.TextChoices):
        UNDONE = "undone"
        KEPT = "kept"  # somebody used the account or changed it since

    source = models.ForeignKey(
        "ambassadors.Import", models.CASCADE, related_name="changes", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    created = models.BooleanField()
    said = models.JSONField(default=dict)  # field -> [before, after], as judging knows them
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)

    objects = ImportChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "person"], name="import_change_once")
        ]
        indexes = [models.Index(fields=["source", "outcome"], name="import_change_by_outcome")]

    def __str__(self):
        return f"{self.source_id}:{self.person_id}"
