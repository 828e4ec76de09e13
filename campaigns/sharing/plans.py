"""Not now: a reminder at a moment of one's choice, kept, put into a calendar, or removed."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ambassadors.enrolment.access import ambassadors_only
from campaigns.sharing import calendar_file
from campaigns.sharing.actions import plan
from campaigns.sharing.forms import MomentForm
from campaigns.sharing.models import Plan
from campaigns.sharing.views import panel_of, render_panel, shareable


@require_POST
@shareable
def plan_make(request, content):
    """Keeps the panel as it stands, to be opened again at the moment chosen."""
    panel = panel_of(request.POST, content, request.ambassador)
    form = MomentForm(request.POST, until=panel.until)
    if not form.is_valid():
        return render_panel(request, panel, status=422, moment_error=form.error)
    planned = plan(
        content,
        by=request.ambassador,
        network=panel.network,
        at=form.cleaned_data["moment"],
        language=panel.language,
        caption=panel.caption,
        words=panel.text if panel.is_own_words else "",
    )
    if request.htmx:
        context = {"plan": planned, "content": content, "just_planned": True}
        return render(request, "campaigns/_share_planned.html", context)
    messages.success(request, _("We will remind you; nothing is posted for you."))
    return redirect("campaigns:share-panel", content.pk)


@require_POST
@ambassadors_only
def plan_remove(request, pk):
    """Takes a reminder back. One that has been sent, or removed before, is no error."""
    Plan.objects.to_come().filter(ambassador=request.ambassador, pk=pk).delete()
    if request.htmx:
        return render(request, "campaigns/_share_unplanned.html")
    messages.success(request, _("The reminder is removed."))
    return redirect(f"{reverse('campaigns:impact')}#plans")


@require_safe
@ambassadors_only
def plan_calendar(request, pk):
    """The moment as a file that any calendar opens."""
    plans = Plan.objects.filter(ambassador=request.ambassador).select_related("content", "network")
    planned = get_object_or_404(plans, pk=pk)
    path = reverse("campaigns:share-panel", args=[planned.content_id])
    event = calendar_file.Event(
        uid=f"plan-{planned.pk}@{request.get_host()}",
        at=planned.at,
        made_at=planned.created_at,
        summary=_("Share: %(title)s") % {"title": planned.content.title},
        url=f"{settings.BASE_URL}{path}?plan={planned.pk}",
    )
    response = HttpResponse(calendar_file.write(event), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="porte-voix-{planned.pk}.ics"'
    return response
