"""Three screens: choose a file, check it, invite. Nothing is written before the last button."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activity.log import record
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import User
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.directory.imports import forms, showing
from ambassadors.directory.imports.context import created
from ambassadors.directory.imports.download import rows_response
from ambassadors.directory.imports.judging import is_surely_meant
from ambassadors.directory.imports.models import Import, NotNow, limits
from ambassadors.directory.imports.schedule import ImportSchedule
from ambassadors.directory.imports.table import Refused, TooLarge

PAGE = 25
HISTORY = 10
FORM_AROUND_THE_FILE = 2**20  # bytes
PATIENCE = 2**30  # bytes read and thrown away, so that the browser hears why

may_import = permission_required("ambassadors.import_people")
Status = Import.Status
# From the moment somebody went ahead.
AFTER = {Status.COMMITTING, Status.COMMITTED, Status.UNDOING, Status.UNDONE}


def of_source(view):
    """Gives the view the import of its address, if the person may see it."""

    @wraps(view)
    @may_import
    def found(request, pk):
        sources = Import.objects.visible_to(request.user)
        return view(request, get_object_or_404(sources.select_related("created_by"), pk=pk))

    return found


def if_checked(view):
    """For what is done to a checked import; at any other step the person is shown where it is."""

    @wraps(view)
    def at_the_step(request, source):
        if source.status != Status.CHECKED:
            return redirect("ambassadors:import-check", source.pk)
        try:
            return view(request, source)
        except NotNow:
            messages.warning(request, _("Somebody else has just gone on with this import."))
            return redirect("ambassadors:import-check", source.pk)

    return of_source(at_the_step)


# --- 1. Choose ---------------------------------------------------------------------------------


@csrf_exempt  # Looking for the token reads the whole body; its size is looked at first.
@require_http_methods(["GET", "POST"])
@may_import
def import_new(request):
    if (
        int(request.META.get("CONTENT_LENGTH") or 0)
        > settings.IMPORT_MAX_BYTES + FORM_AROUND_THE_FILE
    ):
        return _too_large(request)
    return _import_new(request)


def _too_large(request):
    # A browser that is still sending does not listen: the rest is taken and dropped.
    taken = 0
    while taken < PATIENCE and (chunk := request.read(65_536)):
        taken += len(chunk)
    form = forms.Choose({}, {})
    form.errors.clear()
    form.add_error("file", str(TooLarge(megabytes=limits().size // 2**20)))
    return _choose(request, form, status=413)


@csrf_protect
def _import_new(request):
    if request.method == "GET":
        return _choose(request, forms.Choose())
    form = forms.Choose(request.POST, request.FILES)
    if form.is_valid() and (source := _received(request, form, "file", Import.receive)):
        return redirect("ambassadors:import-check", source.pk)
    return _choose(request, form, status=422)


@require_POST
@may_import
def import_paste(request):
    form = forms.Paste(request.POST)
    if form.is_valid() and (source := _received(request, form, "addresses", Import.receive_pasted)):
        return redirect("ambassadors:import-check", source.pk)
    return _choose(request, forms.Choose(), form, status=422)


def _received(request, form, field, receive):
    """The new import; None when it was refused, and then the form says why."""
    try:
        source = receive(form.cleaned_data[field], by=request.user)
    except Refused as refused:
        form.add_error(field, str(refused))
        return None
    if source.status == Status.REFUSED:
        form.add_error(field, source.refusal_text)
        source.delete()
        return None
    return source


def _choose(request, form, paste=None, status=200):
    earlier = Import.objects.visible_to(request.user).select_related("created_by")
    return render(
        request,
        "ambassadors/import_new.html",
        {
            "form": form,
            "paste": paste or forms.Paste(),
            "megabytes": limits().size // 2**20,
            "schedule": ImportSchedule.objects.filter(pk=1, is_on=True).first(),
            "earlier": earlier.exclude(status__in=[Status.CANCELLED, Status.REFUSED])[:HISTORY],
        },
        status=status,
    )


# --- 2. Check ----------------------------------------------------------------------------------


@require_GET
@of_source
def import_check(request, source):
    if source.status in AFTER:
        return redirect("ambassadors:import-done", source.pk)
    if source.status != Status.CHECKED:
        return render(request, "ambassadors/import_wait.html", {"source": source})
    return render(request, "ambassadors/import_check.html", _check_page(request, source))


def _check_page(request, source, form=None):
    shown = forms.Rows(request.GET).filter_for(source)
    page = Paginator(getattr(source.rows, shown)(), PAGE).get_page(request.GET.get("page"))
    _note_seen(request.user, page)
    counts = source.counts
    units = showing.unknown_units(source)
    creatable = _creatable(source, units)
    return {
        "source": source,
        "lines": source.rows.count(),
        "shown": shown,
        "title": forms.Rows.FILTERS[shown],
        "page": page,
        "form": form or forms.Corrections(page, source),
        "known": counts.get("update", 0) + counts.get("same", 0),
        "passed_over": counts.get("merge", 0) + counts.get("ignore", 0),
        "people": [_person(row, source) for row in page] if shown in {"new", "known"} else [],
        "units": list(showing.unit_phrases(units)),
        "creatable": len(creatable),
        "lone": len(units) - len(creatable),
        "created": list(showing.unit_phrases(_chosen(source))),
        "columns": showing.column_summary(source),
    }


def _note_seen(by, rows):
    """Those of the lines shown who are in the directory already: a line has no account yet."""
    emails = [User.objects.normalize_email(row.fields.get("email") or "") for row in rows]
    known = User.objects.filter(email__in=filter(None, emails))
    note_look(by, known.values_list("pk", flat=True), Look.What.IMPORT)


def _person(row, source):
    return {
        "row": row,
        "told": list(showing.told(row, source)),
        "changes": showing.changes_of(row),
        "language": dict(settings.LANGUAGES).get(row.fields.get("language"), ""),
    }


def _creatable(source, units):
    rows = source.rows.count()
    return [(kind, unit, n) for kind, unit, n in units if is_surely_meant(n, rows)]


def _chosen(source):
    return [
        (choice["kind"], showing.Unit(choice["under"], choice["name"]), choice.get("people", 0))
        for choice in source.choices
        if not choice["target"]
    ]


@require_POST
@if_checked
def import_correct(request, source):
    """Takes over what was typed on the page, and judges the file anew."""
    keys = {key.split("-")[1] for key in request.POST if key.startswith(("cell-", "skip-"))}
    rows = source.rows.filter(pk__in=[key for key in keys if key.isdecimal()])
    form = forms.Corrections(rows, source, request.POST)
    if not form.is_valid():
        page = _check_page(request, source, form)
        return render(request, "ambassadors/import_check.html", page, status=422)
    changed = form.changed_rows()
    if changed:
        before = source.counts.get("error", 0)
        source.correct(changed)
        _say_how_it_went(request, before, source.counts.get("error", 0))
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect("ambassadors:import-check", source.pk)


def _say_how_it_went(request, before, after):
    if after < before:
        messages.success(request, _("Checked again: fewer lines are left to put right."))
    else:
        messages.warning(request, _("Checked again: there is still something to put right."))


@require_http_methods(["GET", "POST"])
@if_checked
def import_columns(request, source):
    form = forms.Columns(source, request.POST or None)
    if form.is_bound and form.is_valid():
        source.remap(form.mapping())
        return redirect("ambassadors:import-check", source.pk)
    status = 422 if form.is_bound else 200
    page = {"source": source, "form": form, "columns": showing.column_summary(source)}
    return render(request, "ambassadors/import_columns.html", page, status=status)


@require_http_methods(["GET", "POST"])
@if_checked
def import_units(request, source):
    form = forms.Units(source, request.POST or None)
    if form.is_bound and form.is_valid():
        source.choose(form.choices())
        return redirect("ambassadors:import-check", source.pk)
    status = 422 if form.is_bound else 200
    page = {"source": source, "form": form}
    return render(request, "ambassadors/import_units.html", page, status=status)


@require_POST
@if_checked
def import_units_create(request, source):
    """Creates in one go what the directory lacks, but for names that a single person has."""
    units = _creatable(source, showing.unknown_units(source))
    source.choose([*source.choices, *created(units)])
    return redirect("ambassadors:import-check", source.pk)


@require_GET
@of_source
@fresh_login_required
def import_download(request, source):
    """The lines to put right, as a file like the one that came."""
    record("import.downloaded", subject=source, actor=request.user)
    for lines in source.rows.errors().in_chunks():
        _note_seen(request.user, lines)
    return rows_response(source, source.rows.errors())


@require_POST
@of_source
def import_cancel(request, source):
    try:
        source.cancel()
    except NotNow:
        messages.warning(request, _("Too late: this import is being written, or done."))
        return redirect("ambassadors:import-check", source.pk)
    messages.info(request, _("Cancelled. Nothing was written, and the file is forgotten."))
    return redirect("ambassadors:import-new")


# --- 3. Invite ---------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@if_checked
def import_invite(request, source):
    form = forms.Invite(request.POST or None)
    if form.is_bound and form.is_valid():
        source.start(
            by=request.user,
            invite=form.cleaned_data["how"] == forms.Invite.MAIL,
            message_fr=form.cleaned_data["message_fr"],
            message_en=form.cleaned_data["message_en"],
        )
        return redirect("ambassadors:import-done", source.pk)
    page = {"source": source, "form": form, "facts": showing.invitation_facts(source)}
    status = 422 if form.is_bound else 200
    return render(request, "ambassadors/import_invite.html", page, status=status)


@require_GET
@of_source
def import_done(request, source):
    if source.status not in AFTER:
        return redirect("ambassadors:import-check", source.pk)
    page = {
        "source": source,
        "progress": source.progress,
        "passed_over": source.counts.get("merge", 0) + source.counts.get("ignore", 0),
        "invited": source.rows.new().filter(person__ambassador__isnull=False).count(),
        "under_way": source.status in {Status.COMMITTING, Status.UNDOING}
        or source.invited_at is None,
    }
    return render(request, "ambassadors/import_done.html", page)


@require_POST
@of_source
def import_undo(request, source):
    try:
        source.start_undo(by=request.user)
    except NotNow:
        messages.warning(request, _("Only the last import can be undone, and only once."))
    return redirect("ambassadors:import-done", source.pk)
