from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from activity.log import record
from activity.models import Entry, Seal
from activity.spreadsheet import Sheet, csv_response, xlsx_response
from activity.waking import wake
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.audit.tasks import check_trail
from ambassadors.audit.trail import PAGE, TrailFilter, lines

# What a spreadsheet opens without complaint, and a request makes in time.
MOST_EXPORTED = 50_000


@require_GET
@permission_required("ambassadors.see_audit_trail")
def entry_list(request):
    """The trail, newest first. Pages are by number of entry, so that page 1,000 costs no more."""
    form = TrailFilter(request.GET)
    valid = form.is_valid()
    entries = form.entries() if valid else Entry.objects.none()
    if before := _number(request.GET.get("before")):
        entries = entries.filter(pk__lt=before)
    found = list(entries[: PAGE + 1])
    shown = lines(found[:PAGE])
    asked = form.asked if valid else {}
    if valid:
        note_look(request.user, form.people, Look.What.TRAIL)
    context = {
        "form": form,
        "lines": shown,
        "asked": urlencode(asked),
        "filtered": bool(asked),
        "before": before,
        "next": shown[-1].entry.pk if len(found) > PAGE else None,
        "check": Entry.objects.filter(verb="trail.checked").first(),
        "head": Seal.objects.order_by("-number").first(),
        "about": shown[0] if shown and asked.get("subject") else None,
    }
    return render(request, "ambassadors/entry_list.html", context, status=200 if valid else 422)


def _number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@require_GET
@permission_required("ambassadors.see_audit_trail")
@fresh_login_required
def entry_export(request, format):
    """The same lines as the page, as a file; a question that makes no sense goes back to it."""
    if format not in {"csv", "xlsx"}:
        raise Http404
    form = TrailFilter(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('ambassadors:entry-list')}?{request.GET.urlencode()}")
    shown = lines(form.entries()[:MOST_EXPORTED])
    note_look(request.user, form.people, Look.What.TRAIL)
    record("trail.exported", subject=request.user, actor=request.user, format=format, **form.asked)
    sheet = Sheet(
        title=_("Audit trail"),
        header=[
            _("Number"), _("When"), _("What"), _("By whom"), _("About"), _("From where"),
            _("Before"), _("After"), _("Details"),
        ],
        rows=[_row(line) for line in shown],
    )  # fmt: skip
    name = f"audit-trail-{timezone.localdate()}"
    return xlsx_response([sheet], name) if format == "xlsx" else csv_response(sheet, name)


def _row(line):
    when = timezone.localtime(line.entry.at).isoformat(" ", "seconds")
    before = "; ".join(_told(what, before) for what, before, _after in line.changes)
    after = "; ".join(_told(what, after) for what, _before, after in line.changes)
    details = "; ".join(_told(name, value) for name, value in line.details)
    about = [line.what, line.who, line.about, line.where]
    return [str(line.entry.pk), when, *about, before, after, details]


def _told(name, value):
    value = "–" if value is None else value
    return f"{name}: {value}" if name else str(value)


@require_POST
@permission_required("ambassadors.see_audit_trail")
def trail_check(request):
    """Checks every seal, in a worker: what it finds is on the page when it is done."""
    wake(check_trail)
    messages.info(request, _("Every entry is being checked. Load the page again in a minute."))
    return redirect("ambassadors:entry-list")
