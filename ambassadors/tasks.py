"""Hub: the worker knows the tasks that are named here."""

from ambassadors.audit.tasks import check_trail
from ambassadors.directory.imports.tasks import check_import, commit_import, sweep_imports
from ambassadors.enrolment.importing import invite_imported, sweep_imported
from ambassadors.enrolment.tasks import remind_invited

__all__ = [
    "check_import",
    "check_trail",
    "commit_import",
    "invite_imported",
    "remind_invited",
    "sweep_imported",
    "sweep_imports",
]
