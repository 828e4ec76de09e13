"""A file on its way into the directory: received, read, checked, and only then written."""

import secrets
from contextlib import suppress
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
from ambassadors.directory.imports import checking, reading, undoing
from ambassadors.directory.imports.bulk import held
from ambassadors.directory.imports.context import seen_by
from ambassadors.directory.imports.mapping import propose_mapping
from ambassadors.directory.imports.rows import ImportRow
from ambassadors.directory.imports.table import Collided, Limits, Refused
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
# How often a list may meet somebody who changes the directory while it is written.
ATTEMPTS = 5
KEPT = timedelta(days=30)
# A worker says more often that it is alive: what is older was lost with it, and is queued again.
# Should it live after all, it holds the lock, and the second one goes away.
STRANDED_AFTER = timedelta(minutes=2)


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
            status__in=[Import.Status.CHECKING, Import.Status.COMMITTING, Import.Status.UNDOING],
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
        UNDOING = "undoing", pgettext_lazy("import", "Being undone")
        UNDONE = "undone", pgettext_lazy("import", "Undone")
        REFUSED = "refused", pgettext_lazy("import", "Refused")
        CANCELLED = "cancelled", pgettext_lazy("import", "Cancelled")

    class Waits(models.TextChoices):
        """Why a list that was fetched by itself was not simply written."""

        # Translators: fr: C’est la première liste : quelqu’un doit la regarder
        FIRST = "first", _("It is the first list: somebody must look at it")
        # Translators: fr: Ses colonnes ne sont plus les mêmes
        COLUMNS = "columns", _("Its columns are no longer the same")
        # Translators: fr: Plus de personnes qu’admis partiraient
        LEAVING = "leaving", _("More people than allowed would leave")
        # Translators: fr: Plus de lignes qu’admis sont en erreur
        ERRORS = "errors", _("More lines than allowed are in error")
        # Translators: fr: La personne qui l’a réglé n’a plus le droit d’importer
        NO_RIGHT = "no_right", _("Whoever set it up may no longer import")
        # Translators: fr: Le fichier a été refusé
        REFUSED = "refused", _("The file was refused")

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
    # Fetched by itself, not sent by a person; and then why it waits for one, or why it ended.
    schedule = models.ForeignKey(
        "ambassadors.ImportSchedule", models.SET_NULL, null=True, related_name="imports"
    )
    waits = models.CharField(max_length=12, blank=True, editable=False)  # one of Waits
    # What the person decided.
    mapping = models.JSONField(default=list, blank=True)
    choices = models.JSONField(default=list, blank=True)  # see context.directory_context
    invite = models.BooleanField(default=True)
    message_fr = models.TextField(_("message in French"), blank=True, max_length=1000)
    message_en = models.TextField(_("message in English"), blank=True, max_length=1000)
    # What came out.
    counts = models.JSONField(default=dict, blank=True)
    unknown = models.JSONField(default=list, blank=True)  # [kind, under, name, people]
    # See context.seen_by(): while it holds, judging again would find the same.
    judged_against = models.CharField(max_length=64, blank=True, editable=False)
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    committed_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
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
    def receive(cls, file, *, by, schedule=None):
        """Takes an uploaded file in, and checks it at once when it is small.

        file: a Django File with a name and a size. schedule: the ImportSchedule that fetched it.
        Raises Refused for a size or a swelling that
        is not taken; any other refusal is kept as the import's own.
        """
        weight = reading.weight(file, file.size, limits())
        new = cls(name=file.name[-255:], created_by=by, schedule=schedule)
        if file.size <= READ_AT_ONCE and weight <= UNPACK_AT_ONCE:
            new.save()
            new._read(lambda: reading.stream(file.read(), new.name, limits()))
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

    def read_and_check(self):
        """Reads the upload, if it is still there, and checks. For the worker; twice is harmless."""
        with held(self.pk) as mine:
            self.refresh_from_db()
            if not mine or self.status != self.Status.CHECKING:
                return
            with suppress(NotNow):
                if self.upload:
                    with storages["private"].open(self.upload) as file:
                        data = file.read()
                    self._read(lambda: reading.stream(data, self.name, limits()))
                else:
                    self.examine()

    def _read(self, make_table):
        try:
            table = make_table()
            self.form, self.headers = table.form, [name.replace("\0", "") for name in table.headers]
            checking.store(self, table.rows)
        except Refused as refused:
            self._refuse(refused)
            return
        self.header_line = table.header_line
        self.aside |= {"withheld": table.withheld, "hidden_columns": table.hidden_columns}
        remembered = self.schedule.mapping_of(self.headers) if self.schedule else None
        self.mapping = remembered or propose_mapping(checking.StoredTable(self))
        self._keep_what_was_read()
        self.examine()

    @transaction.atomic
    def _refuse(self, refused):
        self._drop_upload()
        self.rows.all().delete()
        refusal = {"code": refused.code, "params": refused.params}
        self._move([self.Status.CHECKING], self.Status.REFUSED, refusal=refusal)

    @transaction.atomic
    def _keep_what_was_read(self):
        self.stay(self.Status.CHECKING)
        self.save(update_fields=["form", "headers", "header_line", "aside", "mapping"])
        self._drop_upload()

    def _drop_upload(self):
        if self.upload:
            transaction.on_commit(partial(storages["private"].delete, self.upload))
            self.upload = ""
            self.save(update_fields=["upload"])

    # --- Checking --------------------------------------------------------------------------

    def examine(self):
        """Judges every row anew and keeps what changed. Nothing else is written."""
        self.counts = dict(checking.examine(self, self.created_by))
        names = ("counts", "unknown", "choices", "judged_against")
        found = {name: getattr(self, name) for name in names}
        self._move([self.Status.CHECKING], self.Status.CHECKED, **found)

    def stay(self, status):
        """Inside a piece's transaction: holds the import at `status`, and says there is life.

        Raises NotNow when somebody has moved it meanwhile.
        """
        self._move([status], status)

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

    @transaction.atomic
    def keep_waiting(self, reason):
        """Fetched by itself, and not to be written before a person has looked at it."""
        self.stay(self.status)
        self.waits = reason
        self.save(update_fields=["waits"])
        record("import.held", subject=self, actor=None, reason=reason)

    def commit(self, by):
        """Writes what was checked and lets others know. Twice changes nothing.

        When the directory is another than the one it was checked against, every row is judged once
        more, against that of this very moment. A list that fits
        into one piece is written whole or not at all; of a longer one, what is written stays
        written when a worker dies, and the next one goes on.
        """
        with held(self.pk) as mine:
            self.refresh_from_db()
            if not mine or self.status != self.Status.COMMITTING:
                return
            self._commit(by)

    def _commit(self, by):
        for _attempt in range(ATTEMPTS):
            is_begun = self.rows.filter(written=True).exists()
            if not is_begun and self.judged_against != seen_by(by):
                self._judge_for(by)
            try:
                write(self, by=by)
            except IntegrityError:
                if self._take_collision(by):
                    return
            else:
                self._close_writing(by)
                return
        raise RuntimeError(f"import {self.pk} collides again and again")

    def _judge_for(self, by):
        self.counts = dict(checking.examine(self, by))
        self.save(update_fields=["counts", "unknown", "judged_against"])

    def _take_collision(self, by):
        """Somebody took an address or a number in between. True when nothing was written yet."""
        if self.rows.filter(written=True).exists():
            self._judge_for(by)
            return False
        refusal = {"code": Collided.__name__, "params": {}}
        self._move([self.Status.COMMITTING], self.Status.CHECKING, refusal=refusal)
        self._check_again()
        return True

    @transaction.atomic
    def _close_writing(self, by):
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
        if self.schedule:
            self._tell_schedule(figures)

    def _tell_schedule(self, figures):
        self.schedule.remember(self.headers, self.mapping, digest=self.aside.get("digest", ""))
        if not self.waits and any(figures[name] for name in (CREATE, UPDATE, CLOSE, ERROR)):
            record("import.reported", subject=self, actor=None, **figures)

    # --- Undoing ---------------------------------------------------------------------------

    @property
    def can_be_undone(self):
        """The last one that was written, as long as it is remembered."""
        if self.status != self.Status.COMMITTED or self.forgotten_at:
            return False
        later = type(self).objects.filter(committed_at__gt=self.committed_at)
        return not later.filter(status=self.Status.COMMITTED).exists()

    def start_undo(self, *, by):
        """Somebody takes it back. Raises NotNow when another import came after it."""
        if not self.can_be_undone:
            raise NotNow(f"import {self.pk} is not the last one")
        self._move(
            [self.Status.COMMITTED],
            self.Status.UNDOING,
            undone_by=by,
            invited_at=self.invited_at or timezone.now(),
        )
        if self.changes.count() <= COMMIT_AT_ONCE:
            self.undo()
        else:
            self._later("undo_import")

    def undo(self):
        """Takes it back, piece by piece. For the worker; twice is harmless."""
        with held(self.pk) as mine:
            self.refresh_from_db()
            if not mine or self.status != self.Status.UNDOING:
                return
            undoing.undo(self, self.undone_by)
            self._close_undo()

    @transaction.atomic
    def _close_undo(self):
        figures = {
            "removed": self.changes.filter(outcome="undone", created=True).count(),
            "restored": self.changes.filter(outcome="undone", created=False).count(),
            "kept": self.changes.filter(outcome="kept").count(),
        }
        counts = self.counts | figures
        self._move([self.Status.UNDOING], self.Status.UNDONE, counts=counts)
        record("import.undone", subject=self, actor=self.undone_by, **figures)

    def keep_units_made(self, made):
        """made: keys of the departments and places that this import created, by kind."""
        if any(made.values()):
            kept = self.aside.get("made", {})
            self.aside["made"] = {kind: kept.get(kind, []) + keys for kind, keys in made.items()}
            self.save(update_fields=["aside"])

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
        self.changes.all().delete()
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
        tasks = {"checking": "check_import", "undoing": "undo_import"}
        self._later(tasks.get(self.status, "commit_import"))

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
    def waits_text(self):
        return str(self.Waits(self.waits).label) if self.waits else ""

    @property
    def to_write(self):
        """How many rows would change something."""
        return sum(self.counts.get(action, 0) for action in (CREATE, UPDATE, CLOSE))

    @property
    def coming_in(self):
        """How many rows are people of the directory, once written."""
        return sum(self.counts.get(action, 0) for action in (CREATE, UPDATE, SAME))

    def tell_progress(self, step, done, total):
        """For the page that follows. step: reading, checking, writing or undoing; total: 0 when
        nobody knows."""
        cache.set(f"import-progress:{self.pk}", [step, done, total], 600)

    @property
    def progress(self):
        """What is being done, how far it is and how much it is; None when nobody has said yet."""
        said = cache.get(f"import-progress:{self.pk}")
        return said and dict(zip(("step", "done", "total"), said, strict=True))
