from datetime import timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from activity.log import record
from ambassadors.directory.imports.reading import check_size, read
from ambassadors.directory.imports.table import Limits
from campaigns.content.models import Caption, Content
from campaigns.library.columns import Headers
from campaigns.library.judging import NEW, WRONG, World, judge
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign

LIMITS = Limits(size=5 * 2**20, unpacked=50 * 2**20, rows=1000, columns=100)
KEPT = timedelta(days=30)
# What the reader says of people’s lists, said of items.
REFUSALS = {
    "NoHeader": gettext_lazy(
        "No line with column names was found. One column at least must be called “Link”."
    ),
    "NoRows": gettext_lazy("The file has column names and nothing under them."),
    "TooManyColumns": gettext_lazy("The file has more than %(columns)s columns."),
}


class AlreadyDone(Exception):
    """The items of this file are in the library: somebody was faster."""


def refusal_text(refused):
    return str(REFUSALS.get(refused.code, refused.message)) % refused.params


class ContentImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own."""
        return self.filter(created_by=user)

    def stale(self, now):
        return self.filter(created_at__lt=now - KEPT)


class ContentImport(models.Model):
    """A file of items: read, checked, and only then made into drafts."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="content_imports"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    name = models.CharField(max_length=255)
    # csv or xlsx: what is to be put right goes back as it came.
    form = models.CharField(max_length=10)
    headers = models.JSONField(default=list)
    rows = models.JSONField(default=list)  # dicts of line, cells and marks: see table.Row
    # For lines that say neither.
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="+")
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    made = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    objects = ContentImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.name

    @classmethod
    @transaction.atomic
    def receive(cls, file, *, by, campaign, language):
        """Reads an uploaded file (name, size, content) and keeps its lines. Raises Refused.

        Those that nobody has looked at for a month are forgotten.
        """
        check_size(file.size, LIMITS)
        table = read(file.read(), file.name, LIMITS, _headers().matter)
        cls.objects.stale(timezone.now()).delete()
        return cls.objects.create(
            created_by=by,
            name=file.name[-255:],
            form=table.form,
            headers=[_plain(header) for header in table.headers],
            rows=[_as_json(row) for row in table.rows if not row.blank],
            campaign=campaign,
            language=language,
        )

    def verdicts(self):
        """What each line would become, as the library is now."""
        world = World.of(_headers(), self.campaign, self.language, self.created_by)
        return judge(self.headers, self.rows, world)

    @property
    def ignored(self):
        """Names of the columns that are about nothing we know."""
        mapping = _headers().mapping(self.headers)
        named = zip(self.headers, mapping, strict=True)
        return [header for header, column in named if column is None and header.strip()]

    @transaction.atomic
    def carry_out(self, by):
        """Makes a draft of every line that is new and right; all of them or none.

        Judged once more, against the library of this moment. Returns how many; raises AlreadyDone.
        """
        here = ContentImport.objects.select_for_update().get(pk=self.pk)
        if here.done_at:
            raise AlreadyDone
        # Of two files with the same page, the second finds what the first has made.
        _hold_the_door()
        verdicts = self.verdicts()
        drafts = [(_draft(verdict, by), verdict) for verdict in verdicts if verdict.outcome == NEW]
        _write_texts(drafts, by)
        _put_under_topics(drafts)
        wrong = {verdict.line for verdict in verdicts if verdict.outcome == WRONG}
        self.rows = [row for row in self.rows if row["line"] in wrong]
        self.made, self.done_at = len(drafts), timezone.now()
        self.save(update_fields=["rows", "made", "done_at"])
        record("library.imported", subject=self, actor=by, items=self.made, refused=len(wrong))
        return self.made


def _draft(verdict, by):
    draft = Content(**verdict.values)
    draft.write(by)
    return draft


def _headers():
    return Headers(Network.objects.available())


def _plain(text):
    # PostgreSQL keeps no NUL, not even in JSON.
    return text.replace("\0", "")


def _as_json(row):
    marks = {str(at): mark for at, mark in row.marks.items()}
    return {"line": row.line, "cells": [_plain(c) for c in row.cells], "marks": marks}


def _hold_the_door():
    """One file at a time: held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('campaigns.content_import'))")


def _write_texts(drafts, by):
    Caption.objects.bulk_create(
        [
            Caption(
                content=draft,
                network=place.network,
                language=place.language,
                text=text,
                writer=by,
                position=position,
            )
            for draft, verdict in drafts
            for position, (place, text) in enumerate(verdict.texts)
        ],
        batch_size=500,
    )


def _put_under_topics(drafts):
    through = Content.topics.through
    through.objects.bulk_create(
        [
            through(content=draft, topic=topic)
            for draft, verdict in drafts
            for topic in dict.fromkeys(verdict.topics)
        ],
        batch_size=500,
    )
