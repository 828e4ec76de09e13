from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from activity.log import record
from activity.spreadsheet import csv_response, xlsx_response
from ambassadors.accounts.policy import permission_required
from campaigns.reach import export
from campaigns.reach.forms import ReachFilter
from campaigns.reach.page import Page
from campaigns.reach.report import Report


@require_GET
@permission_required("campaigns.see_reach")
def reach_report(request):
    form = ReachFilter.of(request.GET)
    report = Report(form.scope, form.order)
    return render(request, "campaigns/reach_report.html", {"page": Page(form, report)})


@require_GET
@permission_required("campaigns.export_reach")
def reach_export(request, format):
    """The same question as the page, as a file; a question that makes no sense goes back to it."""
    form = ReachFilter.of(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('campaigns:reach-report')}?{request.GET.urlencode()}")
    report = Report(form.scope, form.order)
    tables = {table.key: table for table in report.tables}
    wanted = request.GET.get("table")
    if wanted and wanted not in tables:
        raise Http404
    record("reach.exported", subject=request.user, actor=request.user, format=format, **form.asked)
    name = f"reach-{report.scope.period.first}-{report.scope.period.last}"
    if format == "xlsx":
        return xlsx_response(export.workbook(report), name)
    sheet = export.sheet(tables[wanted]) if wanted else export.one_list(report)
    return csv_response(sheet, f"{name}-{wanted}" if wanted else name)
