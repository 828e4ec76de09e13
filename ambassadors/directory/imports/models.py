"""A file on its way into the directory: received, read, checked, and only then written."""

import secrets
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from activity.waking import wake
from ambassadors.directory.imports import reading
from ambassadors.directory.imports.context import directory_context, first_choices
from ambassadors.directory.imports.judging import judge
from ambassadors.directory.imports.mapping import propose_mapping
from ambassadors.directory.imports.rows import ImportRow
from ambassadors.directory.imports.table import Collided, Limits, Refused, Table
from ambassadors.directory.imports.verdicts import (
    CLEAN,
    CLOSE,
    CREATE,
    ERROR,
    IGNORE,
    MERGE,
    SAME,
    UPDATE,
)
from ambassadors.directory.imports.writing import write

# Up to here the person waits for the answer; above, a worker does it and the page follows.
READ_AT_ONCE = 2**20  # bytes as uploaded
UNPACK_AT_ONCE = 20 * 2**20  # bytes of a workbook, unpacked
CHECK_AT_ONCE = 5_000  # rows
COMMIT_AT_ONCE = 200  # rows
KEPT = timedelta(days=30)
# No worker takes longer: what is older was lost with its message and is queued again.
STRANDED_AFTER = timedelta(minutes=10)


# An upload that no row knows was left by a transaction that failed, or is just arriving.
ORPHAN_AFTER = timedelta(hours=1)
FOLDER = "imports"


class NotNow(Exception):
    """The import is not at the step this verb starts from: somebody was faster."""


def limits():
    return Limits(size=settings.IMPORT_MAX_BYTES)


def drop_orphans(now):
    """Deletes the uploads that no import knows."""
    storage = storages["private"]
    if not storage.exists(FOLDER):
        return
    known = set(Import.objects.exclude(upload="").values_list("upload", flat=True))
    for name in storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if path not in known and storage.get_modified_time(path) < now - ORPHAN_AFTER:
            storage.delete(path)


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and all for those who administer."""
        if user.has_perm("ambassadors.see_every_import"):
            return self
        if user.has_perm("ambassadors.import_people"):
            return self.filter(created_by=user)
        return self.none()

    def remembered(self):
        return self.filter(forgotten_at=None)

    def stale(self, now):
        """Still holding rows or a file, and older than they may be."""
        return self.remembered().filter(created_at__lt=now - KEPT)

    def stranded(self, now):
        """With work under way that no worker is doing."""
        return self.filter(
            status__in=[Import.Status.CHECKING, Import.Status.COMMITTING],
            moved_at__lt=now - STRANDED_AFTER,
        )

    def to_invite(self):
        """Written, and not everybody new has been invited."""
        return self.filter(status=Import.Status.COMMITTED, invited_at=None)


class Import(models.Model):
    """One file (or pasted list) of people, from its arrival to what became of it."""

    class Status(models.TextChoices):
        CHECKING = "checking", pgettext_lazy("import", "Being checked")
        CHECKED = "checked", pgettext_lazy("import", "Checked")
        COMMITTING = "committing", pgettext_lazy("import", "Being written")
        COMMITTED = "committed", pgettext_lazy("import", "Done")
        REFUSED = "refused", pgettext_lazy("import", "Refused")
        CANCELLED = "cancelled", pgettext_lazy("import", "Cancelled")

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="imports"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    moved_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(_("file name"), max_length=255)
    # Where the private storage keeps the file, until it is read and no longer: it may hold columns
    # that nobody here may see.
    upload = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.CHECKING)
    refusal = models.JSONField(default=dict, blank=True)  # code and params of a Refused
    # The table without its rows: see table.Table.
    form = models.CharField(max_length=10, blank=True)
    headers = models.JSONField(default=list, blank=True)
    header_line = models.PositiveIntegerField(default=0)
    aside = models.JSONField(default=dict, blank=True)  # columns that were not read
    # What the person decided.
    mapping = models.JSONField(default=list, blank=True)
    choices = models.JSONField(default=list, blank=True)  # see context.directory_context
    invite = models.BooleanField(default=True)
    message_fr = models.TextField(_("message in French"), blank=True, max_length=1000)
    message_en = models.TextField(_("message in English"), blank=True, max_length=1000)
    # What came out.
    counts = models.JSONField(default=dict, blank=True)
    unknown = models.JSONField(default=list, blank=True)  # [kind, under, name, people]
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    committed_at = models.DateTimeField(null=True)
    invited_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="committed", committed_at__isnull=False)
                | ~Q(status="committed"),
                name="import_committed_has_date",
            ),
            models.CheckConstraint(
                condition=Q(upload="") | Q(status="checking"), name="import_upload_only_until_read"
            ),
        ]

    def __str__(self):
        return self.name

    # --- Arriving --------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def receive(cls, file, *, by):
        """Takes an uploaded file in, and checks it at once when it is small.

        file: a Django File with a name and a size. Raises Refused for a size or a swelling that
        is not taken; any other refusal is kept as the import's own.
        """
        weight = reading.weight(file, file.size, limits())
        new = cls(name=file.name[-255:], created_by=by)
        if file.size <= READ_AT_ONCE and weight <= UNPACK_AT_ONCE:
            new.save()
            new._read(lambda: reading.read(file.read(), new.name, limits()))
        else:
            # The person's own file name never touches the disk.
            new.upload = storages["private"].save(f"{FOLDER}/{secrets.token_urlsafe(24)}", file)
            new.save()
            new._later("check_import")
        return new

    @classmethod
    @transaction.atomic
    def receive_pasted(cls, text, *, by):
        """Takes in addresses typed into a box. Raises Refused when there is none."""
        table = reading.read_pasted(text, limits())
        new = cls.objects.create(name=str(_("Pasted list")), created_by=by)
        new._read(lambda: table)
        return new

    @transaction.atomic
    def read_and_check(self):
        """Reads the upload, if it is still there, and checks. For the worker; twice is harmless."""
        mine = type(self).objects.select_for_update().filter(pk=self.pk)
        if not mine.filter(status=self.Status.CHECKING).exists():
            return
        if not self.upload:
            self.examine()
            return
        with storages["private"].open(self.upload) as file:
            data = file.read()
        self._read(lambda: reading.read(data, self.name, limits()))

    def _read(self, make_table):
        try:
            table = make_table()
        except Refused as refused:
            self._drop_upload()
            refusal = {"code": refused.code, "params": refused.params}
            self._move([self.Status.CHECKING], self.Status.REFUSED, refusal=refusal)
            return
        self.form, self.headers = table.form, [name.replace("\0", "") for name in table.headers]
        self.header_line = table.header_line
        self.aside = {"withheld": table.withheld, "hidden_columns": table.hidden_columns}
        self.mapping = propose_mapping(table)
        self.choices = first_choices(table, self.mapping, self.created_by)
        self.save()
        rows = [ImportRow.of(self, position, row) for position, row in enumerate(table.rows)]
        self._judge(rows, self.created_by)
        ImportRow.objects.bulk_create(rows, batch_size=1000)
        self._drop_upload()
        self._say_checked()

    def _drop_upload(self):
        if self.upload:
            transaction.on_commit(partial(storages["private"].delete, self.upload))
            self.upload = ""
            self.save(update_fields=["upload"])

    # --- Checking --------------------------------------------------------------------------

    def examine(self):
        """Judges every row anew and keeps what changed. Nothing else is written."""
        self._judge_again(self.created_by)
        self._say_checked()

    def _say_checked(self):
        found = {"counts": self.counts, "unknown": self.unknown}
        self._move([self.Status.CHECKING], self.Status.CHECKED, **found)

    def _judge_again(self, importer):
        rows = list(self.rows.all())
        judgement, changed = self._judge(rows, importer)
        ImportRow.objects.bulk_update(changed, ImportRow.VERDICT, batch_size=500)
        return judgement

    def _judge(self, rows, importer):
        """Gives each row its verdict, unsaved. Returns the judgement and the rows it changed."""
        table = Table(
            self.form, self.headers, [row.as_row() for row in rows], header_line=self.header_line
        )
        judgement = judge(table, self.mapping, directory_context(importer, self.choices))
        changed = [row for row, v in zip(rows, judgement.verdicts, strict=True) if row.take(v)]
        self.counts = judgement.outcomes | judgement.actions
        self.unknown = [
            [kind, unit.under, unit.name, people]
            for kind, units in judgement.unknown.items()
            for unit, people in units.most_common()
        ]
        return judgement, changed

    @transaction.atomic
    def remap(self, mapping):
        """mapping: a name of FIELDS or None for each column."""
        self._move([self.Status.CHECKED], self.Status.CHECKING, mapping=list(mapping))
        self._check_again()

    @transaction.atomic
    def choose(self, choices):
        """choices: what becomes of the departments, teams and places the directory lacks."""
        self._move([self.Status.CHECKED], self.Status.CHECKING, choices=list(choices))
        self._check_again()

    @transaction.atomic
    def correct(self, rows):
        """rows: ImportRows of this import whose `corrections` or `skipped` were changed."""
        self._move([self.Status.CHECKED], self.Status.CHECKING)
        ImportRow.objects.bulk_update(rows, ["corrections", "skipped"])
        self._check_again()

    def _check_again(self):
        if self.rows.count() <= CHECK_AT_ONCE:
            self.examine()
        else:
            self._later("check_import")

    # --- Writing ---------------------------------------------------------------------------

    def start(self, *, by, invite=True, message_fr="", message_en=""):
        """The person goes ahead: written at once when it is little, else by a worker."""
        self._move(
            [self.Status.CHECKED],
            self.Status.COMMITTING,
            committed_by=by,
            invite=invite,
            message_fr=message_fr,
            message_en=message_en,
            refusal={},
        )
        if self.to_write <= COMMIT_AT_ONCE:
            self.commit(by)
        else:
            self._later("commit_import")

    def commit(self, by):
        """Writes what was checked, all or nothing, and lets others know. Twice changes nothing.

        Every row is judged once more, against the directory of this very moment.
        """
        try:
            self._write(by)
        except IntegrityError:
            # Somebody took an address or a number in between. Nothing was written.
            refusal = {"code": Collided.__name__, "params": {}}
            self._move([self.Status.COMMITTING], self.Status.CHECKING, refusal=refusal)
            self._check_again()

    @transaction.atomic
    def _write(self, by):
        # The lock keeps a second worker out until the first has committed.
        mine = type(self).objects.select_for_update().filter(pk=self.pk)
        if not mine.filter(status=self.Status.COMMITTING).exists():
            return
        judgement = self._judge_again(by)
        write(judgement, self.choices, by=by, progress=self.tell_progress)
        self.rows.new().find_their_people()
        self._move(
            [self.Status.COMMITTING],
            self.Status.COMMITTED,
            counts=self.counts,
            unknown=self.unknown,
            committed_at=timezone.now(),
        )
        self._keep_what_was_told()
        told = (CREATE, UPDATE, SAME, CLOSE, ERROR)
        figures = {name: self.counts.get(name, 0) for name in told}
        record("import.committed", subject=self, actor=by, **figures)

    def _keep_what_was_told(self):
        """Of what went in without a word, no copy stays here."""
        quiet = self.rows.filter(outcome__in=[CLEAN, MERGE, IGNORE])
        quiet.exclude(action=CREATE).delete()
        quiet.update(cells=[], corrections={}, fields={}, messages=[])

    @transaction.atomic
    def close_invitations(self, **figures):
        """All who are to be invited have been; figures: how many, for the record."""
        self.counts |= figures
        self.invited_at = timezone.now()
        self.save(update_fields=["counts", "invited_at"])
        # Whoever came in without a word needs no line here any more.
        self.rows.filter(outcome=CLEAN).delete()

    @transaction.atomic
    def cancel(self):
        self._drop_upload()
        self._move([self.Status.CHECKED, self.Status.CHECKING], self.Status.CANCELLED)
        self.forget()

    @transaction.atomic
    def forget(self):
        """Lets go of the rows and the file; what was counted stays."""
        self._drop_upload()
        self.rows.all().delete()
        self.forgotten_at = timezone.now()
        self.save(update_fields=["forgotten_at"])

    def _move(self, sources, target, **fields):
        # The filter is the lock: of two concurrent moves, one updates no row.
        fields |= {"status": target, "moved_at": timezone.now()}
        if not type(self).objects.filter(pk=self.pk, status__in=sources).update(**fields):
            raise NotNow(f"import {self.pk} is not in {sources}")
        for name, value in fields.items():
            setattr(self, name, value)

    def queue_again(self):
        """Wakes a worker for the step this import waits in."""
        self._move([self.status], self.status)
        checking = self.status == self.Status.CHECKING
        self._later("check_import" if checking else "commit_import")

    def _later(self, task):
        from ambassadors.directory.imports import tasks

        transaction.on_commit(partial(wake, getattr(tasks, task), self.pk), robust=True)

    # --- Saying ----------------------------------------------------------------------------

    @property
    def refusal_text(self):
        if not self.refusal:
            return ""
        return str(Refused.from_code(self.refusal["code"], self.refusal["params"]))

    @property
    def to_write(self):
        """How many rows would change something."""
        return sum(self.counts.get(action, 0) for action in (CREATE, UPDATE, CLOSE))

    @property
    def coming_in(self):
        """How many rows are people of the directory, once written."""
        return sum(self.counts.get(action, 0) for action in (CREATE, UPDATE, SAME))

    def tell_progress(self, done, total):
        """Beside the transaction, so that a page can follow while the rows are written."""
        cache.set(f"import-progress:{self.pk}", [done, total], 600)

    @property
    def progress(self):
        """People written and people to write, or None when nobody has said yet."""
        return cache.get(f"import-progress:{self.pk}")
