"""What is told of the list of every day: what it changed, and when it needs somebody."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Entry, Notification
from ambassadors.accounts.holders import who_may
from ambassadors.directory.imports.models import Import
from ambassadors.directory.imports.schedule import ImportSchedule


def those_who_see_it(entry: Entry) -> list[int]:
    """Administrators, and whoever set it up: others cannot open the page it leads to."""
    return who_may("ambassadors.see_every_import")


def facts(entry: Entry) -> dict:
    if entry.verb == "import_schedule.failed":
        return {"path": reverse("ambassadors:import-schedule")}
    return {"path": reverse("ambassadors:import-check", args=[entry.subject_id])}


def reported(notification: Notification) -> dict | None:
    source = Import.objects.filter(pk=notification.subject_id).first()
    if source is None:
        return None
    return {
        "source": source,
        "counts": source.counts,
        "url": settings.BASE_URL + notification.data["path"],
        "label": _("See what it changed"),
    }


def stopped(notification: Notification) -> dict | None:
    """Why; None once somebody has gone on with it, or the next list came in."""
    entry = Entry.objects.get(pk=notification.data["entry"])
    reason = _why_held(entry) if entry.verb == "import.held" else _why_not_fetched(entry)
    if reason is None:
        return None
    return {
        "reason": reason,
        "url": settings.BASE_URL + notification.data["path"],
        "label": _("Look at it"),
    }


def _why_held(entry):
    waiting = [Import.Status.CHECKED, Import.Status.REFUSED]
    source = Import.objects.filter(pk=entry.subject_id, status__in=waiting).first()
    return source and f"{source.waits_text}. {source.refusal_text}".strip()


def _why_not_fetched(entry):
    schedule = ImportSchedule.objects.filter(outcome=entry.data["reason"]).first()
    return schedule and f"{schedule.get_outcome_display()}. {schedule.problem_text}".strip()


announce(
    Kind(
        name="import.report",
        # Translators: fr: Ce que l’import quotidien a changé
        label=gettext_lazy("What the daily import changed"),
        # Translators: fr: L’import quotidien est fait.
        line=gettext_lazy("The daily import is done."),
        icon="check",
        verbs=("import.reported",),
        people=those_who_see_it,
        facts=facts,
        context=reported,
        channels=("bell",),
        offered=("bell", "email"),
        perm="ambassadors.see_every_import",
    )
)
announce(
    Kind(
        name="import.stopped",
        # Translators: fr: L’import quotidien attend quelqu’un
        label=gettext_lazy("The daily import needs somebody"),
        # Translators: fr: L’import quotidien s’est arrêté : regardez-le.
        line=gettext_lazy("The daily import has stopped: please look at it."),
        icon="warning",
        verbs=("import.held", "import_schedule.failed"),
        people=those_who_see_it,
        facts=facts,
        context=stopped,
        channels=("email", "bell"),
        perm="ambassadors.see_every_import",
    )
)
