"""A file of items: chosen, checked without writing anything, then made into drafts."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from activity.log import record
from activity.spreadsheet import Sheet, csv_response, xlsx_response
from ambassadors.accounts.policy import permission_required
from ambassadors.directory.imports.table import Refused, column_letter
from campaigns.library.columns import COLUMNS
from campaigns.library.export import explanation_sheet, template_sheet
from campaigns.library.judging import AGAIN, KNOWN, NEW, WRONG
from campaigns.library.models import AlreadyDone, ContentImport, refusal_text
from campaigns.planning.models import Campaign

SHOWN = 25


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), at most 1,000 lines and 5 MB."),
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=gettext_lazy("Campaign"),
        help_text=gettext_lazy("For the lines that name none."),
        empty_label=gettext_lazy("Every line names its own"),
        required=False,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the pages"),
        help_text=gettext_lazy("For the lines that do not say."),
        choices=settings.LANGUAGE_CHOICES,
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        campaigns = Campaign.objects.visible_to(user).open()
        self.fields["campaign"].queryset = campaigns.order_by("name_fr")


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def content_import(request):
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and (received := _received(form, request.user)):
        return redirect("campaigns:content-import-check", received.pk)
    context = {
        "form": form,
        "columns": COLUMNS.values(),
        "latest": ContentImport.objects.visible_to(request.user)[:5],
    }
    status = 422 if form.errors else 200
    return render(request, "campaigns/content_import.html", context, status=status)


def _received(form, by):
    """The import; None when the file is refused, and then the form says why."""
    asked = form.cleaned_data
    try:
        return ContentImport.receive(
            asked["file"], by=by, campaign=asked["campaign"], language=asked["language"]
        )
    except Refused as refused:
        form.add_error("file", refusal_text(refused))
        return None


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def content_import_check(request, pk):
    """What would become of each line; once done, what did."""
    source = _source(request, pk)
    if request.method == "POST":
        return _carry_out(request, source)
    verdicts = source.verdicts()
    by_outcome = {outcome: [] for outcome in (NEW, KNOWN, AGAIN, WRONG)}
    for verdict in verdicts:
        by_outcome[verdict.outcome].append(verdict)
    context = {
        "source": source,
        "lines": len(verdicts),
        "new": by_outcome[NEW],
        "known": by_outcome[KNOWN] + by_outcome[AGAIN],
        "wrong": by_outcome[WRONG],
        "shown_new": [_told(source, v) for v in by_outcome[NEW][:SHOWN]],
        "shown_known": (by_outcome[KNOWN] + by_outcome[AGAIN])[:SHOWN],
        "shown_wrong": [_told(source, v) for v in by_outcome[WRONG][:SHOWN]],
        "most": SHOWN,
    }
    return render(request, "campaigns/content_import_check.html", context)


def _source(request, pk):
    sources = ContentImport.objects.visible_to(request.user).select_related("campaign")
    return get_object_or_404(sources, pk=pk)


def _carry_out(request, source):
    try:
        made = source.carry_out(request.user)
    except AlreadyDone:
        messages.warning(request, _("This file has been taken in already."))
        return redirect("campaigns:content-import-check", source.pk)
    text = ngettext("%(n)d draft made.", "%(n)d drafts made.", made) % {"n": made}
    messages.success(request, text)
    return redirect("campaigns:content-import-check", source.pk)


def _told(source, verdict):
    """A line with what there is to say of it, by the column it is about."""
    problems = [
        {
            "column": _name_of(source, p.at),
            "letter": _letter(p.at),
            "text": p.text,
            "grave": p.grave,
        }
        for p in verdict.problems
    ]
    return {"verdict": verdict, "problems": problems}


def _name_of(source, at):
    return source.headers[at].strip() if at is not None else ""


def _letter(at):
    return column_letter(at) if at is not None else ""


@require_GET
@permission_required("campaigns.write_content")
def content_import_errors(request, pk):
    """The lines to put right, as a file like the one that came, each with what is wrong."""
    source = _source(request, pk)
    wrong = [verdict for verdict in source.verdicts() if verdict.outcome == WRONG]
    record("library.import_downloaded", subject=source, actor=request.user)
    header = [pgettext("column", "error"), pgettext("column", "line"), *source.headers]
    sheet = Sheet(_("To put right"), header, [_line(source, verdict) for verdict in wrong])
    return _file(source.form, [sheet], f"import-{source.pk}")


def _line(source, verdict):
    colon = pgettext("between a name and what follows", ":")
    said = [
        f"{_name_of(source, p.at)}{colon} {p.text}" if p.at is not None else p.text
        for p in verdict.problems
        if p.grave
    ]
    return [" ".join(said), str(verdict.line), *verdict.cells]


@require_GET
@permission_required("campaigns.write_content")
def content_import_template(request, format):
    """An empty file to fill in; as a workbook, with what goes where."""
    if format not in {"csv", "xlsx"}:
        raise Http404
    return _file(format, [template_sheet(), explanation_sheet()], "library")


def _file(form, sheets, name):
    return xlsx_response(sheets, name) if form == "xlsx" else csv_response(sheets[0], name)
