from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from activity.log import record
from activity.spreadsheet import csv_response, xlsx_response
from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content
from campaigns.reach import export
from campaigns.reach.arranging import CostForm
from campaigns.reach.definitions import DEFINITIONS
from campaigns.reach.efforts import Efforts, Staying
from campaigns.reach.forms import ReachFilter
from campaigns.reach.items import ItemReport
from campaigns.reach.money import CostPerClick
from campaigns.reach.page import Page
from campaigns.reach.report import Report
from campaigns.reach.saved import SavedView


@require_GET
@permission_required("campaigns.see_reach")
def reach_report(request):
    """Who comes without a question gets the view they have chosen to open first."""
    if not request.GET and (default := _default_of(request.user)):
        return redirect(default)
    form = ReachFilter.of(request.GET, reader=request.user)
    if form.shows_nothing:
        return render(request, "campaigns/reach_nothing.html")
    page = Page(form, Report(form.scope, form.order), _view(request))
    return render(request, "campaigns/reach_report.html", {"page": page})


def _default_of(user):
    seen = SavedView.objects.visible_to(user)
    return seen.default_of(user)


def _view(request):
    """The saved view one came by, if any: its name stands over the report."""
    named = request.GET.get("view", "")
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    return views.filter(pk=named).first() if named.isdecimal() and len(named) < 10 else None


@require_GET
@permission_required("campaigns.export_reach")
def reach_export(request, format):
    """The same question as the page, as a file; a question that makes no sense goes back to it."""
    form = ReachFilter.of(request.GET, reader=request.user)
    if form.shows_nothing or not form.is_valid():
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


@require_GET
@permission_required("campaigns.see_reach")
def reach_item(request, pk):
    """What one item brought in a period; of the report's filters only the days count here."""
    content = get_object_or_404(
        Content.objects.visible_to(request.user).select_related("campaign"), pk=pk
    )
    form = ReachFilter.for_days_of(request.GET)
    context = {"form": form, "scope": form.scope, "item": ItemReport(content, form.scope)}
    return render(request, "campaigns/reach_item.html", context)


@require_GET
@permission_required("campaigns.see_whole_reach")
def reach_efforts(request):
    """How shares are spread, and whether people stay: for the whole programme only."""
    form = ReachFilter.for_ready_periods_of(request.GET)
    context = {"form": form, "scope": form.scope, "efforts": Efforts(form.scope)}
    return render(request, "campaigns/reach_efforts.html", context | {"staying": Staying()})


@require_GET
@permission_required("campaigns.see_reach")
def reach_definitions(request):
    return render(
        request, "campaigns/reach_definitions.html", {"definitions": DEFINITIONS.values()}
    )


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_reach_settings")
def reach_settings(request):
    cost = CostPerClick.current()
    form = CostForm(request.POST or None, instance=cost)
    if request.method == "POST" and form.is_valid():
        form.instance.keep(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("campaigns:reach-settings")
    status = 422 if form.errors else 200
    return render(
        request, "campaigns/reach_settings.html", {"form": form, "cost": cost}, status=status
    )
