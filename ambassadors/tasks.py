"""Hub: the worker knows the tasks that are named here."""

from ambassadors.audit.tasks import check_trail
from ambassadors.directory.imports.tasks import (
    check_import,
    commit_import,
    run_import_schedule,
    sweep_imports,
    undo_import,
)
from ambassadors.directory.leaving import close_leavers
from ambassadors.directory.moves import move_people
from ambassadors.enrolment.importing import invite_imported, sweep_imported
from ambassadors.enrolment.tasks import remind_invited
from ambassadors.privacy.tasks import (
    carry_out,
    erase_due,
    keep_to_retention,
    make_export,
    sweep_exports,
)

__all__ = [
    "carry_out",
    "check_import",
    "check_trail",
    "close_leavers",
    "commit_import",
    "erase_due",
    "invite_imported",
    "keep_to_retention",
    "make_export",
    "move_people",
    "remind_invited",
    "run_import_schedule",
    "sweep_exports",
    "sweep_imported",
    "sweep_imports",
    "undo_import",
]
