from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from ambassadors.enrolment.models import WrongState
from campaigns.conversions.forms import GoalForm
from campaigns.conversions.models import Goal
from campaigns.conversions.sheet import Sheet
from campaigns.planning.models import Campaign


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_goals")
def goal_list(request, slug):
    """What counts on the campaign's own site, and how that site says so."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
    form = GoalForm(request.POST or None, campaign=campaign)
    if request.method == "POST" and campaign.is_open and form.is_valid():
        form.instance.create(by=request.user)
        messages.success(request, _("Counted from now on."))
        return redirect("campaigns:goal-list", slug)
    status = 422 if request.method == "POST" else 200
    context = {"campaign": campaign, "form": form, "sheet": Sheet(campaign)}
    return render(request, "campaigns/goal_list.html", context, status=status)


@require_POST
@permission_required("campaigns.change_goals")
def goal_end(request, pk):
    campaigns = Campaign.objects.visible_to(request.user)
    goal = get_object_or_404(Goal.objects.filter(campaign__in=campaigns), pk=pk)
    try:
        goal.end(by=request.user)
        messages.success(request, _("New visits no longer count; earlier ones still may."))
    except WrongState:
        messages.warning(request, _("Somebody has already ended it."))
    return redirect("campaigns:goal-list", goal.campaign.slug)
