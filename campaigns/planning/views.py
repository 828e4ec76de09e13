from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ambassadors.accounts.policy import permission_required
from ambassadors.enrolment.models import WrongState
from campaigns.planning.forms import CampaignFilter, NoteForm
from campaigns.planning.journal import journal
from campaigns.planning.kinds import PATTERNS
from campaigns.planning.models import Campaign, NotReady, OwnApproval, TooWide
from campaigns.planning.path import path_of
from campaigns.planning.progress import progress_of

TAB_LABELS = {
    "": pgettext_lazy("campaign filter", "All"),
    "preparing": gettext_lazy("In preparation"),
    "scheduled": gettext_lazy("Scheduled"),
    "running": gettext_lazy("Running"),
    "ended": gettext_lazy("Ended"),
    "archived": gettext_lazy("Archived"),
}
LOG_LINES = 8


@require_GET
@permission_required("campaigns.see_campaigns")
def campaign_list(request):
    form = CampaignFilter(request.GET)
    tab = form.value("state")
    found = form.campaigns(Campaign.objects.visible_to(request.user))
    campaigns = found.filter(state__in=form.TABS[tab]).select_related("owner")
    progress = progress_of(campaigns)
    context = {
        "form": form,
        "tab": tab,
        "tabs": _tabs(found, form.TABS),
        "rows": [(campaign, progress[campaign.pk]) for campaign in campaigns],
        "patterns": PATTERNS.values(),
        "is_filtered": bool(form.value("kind") or form.value("q") or tab),
    }
    return render(request, "campaigns/campaign_list.html", context)


def _tabs(campaigns, tabs):
    """(key, label, how many) of each."""
    by_state = dict(campaigns.order_by().values_list("state").annotate(Count("pk")))
    return [
        (tab, TAB_LABELS[tab], sum(by_state.get(state, 0) for state in states))
        for tab, states in tabs.items()
    ]


@require_GET
@permission_required("campaigns.see_campaigns")
def campaign_detail(request, slug):
    """The sheet: goal, contents, audience, rhythm, log, and the one thing to do next."""
    return _sheet(request, _campaign(request, slug), NoteForm())


def _sheet(request, campaign, note_form, status=200):
    whole_log = "log" in request.GET
    contents = _contents(campaign)
    lines = journal(campaign, None if whole_log else LOG_LINES + 1)
    progress = progress_of([campaign])[campaign.pk]
    context = {
        "campaign": campaign,
        "path": path_of(campaign),
        "progress": progress,
        "tells": not progress.is_hidden,
        "elapsed": _elapsed(campaign),
        "contents": contents,
        "figures": {
            "visits": sum(content.visits for content in contents),
            "shares": sum(content.shares for content in contents),
        },
        "readers": _readers(campaign.audience),
        "mailed": campaign.audience.mailed().count(),
        "parts": _parts(campaign.audience),
        "opening_line": campaign.disclosure(get_language()),
        "journal": lines if whole_log else lines[:LOG_LINES],
        "log_goes_on": not whole_log and len(lines) > LOG_LINES,
        "note_form": note_form,
        "may_approve": request.user.has_perm("campaigns.approve_campaign", campaign),
    }
    return render(request, "campaigns/campaign_detail.html", context, status=status)


def _elapsed(campaign):
    """How much of its time is gone, in percent; None before the start and after the end."""
    now = timezone.now()
    if campaign.launched_at is None or not campaign.is_open or now >= campaign.ends_at:
        return None
    return round(100 * (now - campaign.launched_at) / (campaign.ends_at - campaign.launched_at))


def _parts(audience):
    """What the audience is made of, to be read out."""
    languages = dict(settings.LANGUAGES)
    included = [*audience.departments.all(), *audience.locations.all()]
    included += [languages[code] for code in audience.languages]
    return {
        "included": [*included, *audience.tags],
        "excluded": list(audience.excluded_departments.all()),
        "excluded_people": audience.excluded_people.count(),
    }


def _campaign(request, slug):
    campaigns = Campaign.objects.visible_to(request.user).select_related("owner", "audience")
    return get_object_or_404(campaigns, slug=slug)


def _contents(campaign):
    """Each item with what was declared and what was measured on its links."""
    declared = Count("links__shares", filter=Q(links__shares__declared_at__isnull=False))
    visits = campaign.tallies.filter(kind="human").order_by().values_list("content")
    visits = dict(visits.annotate(Sum("clicks")))
    contents = list(campaign.contents.annotate(shares=declared).prefetch_related("captions"))
    for content in contents:
        content.visits = visits.get(content.pk, 0)
    return contents


def _readers(audience):
    """How many active ambassadors it takes in, in all and by language."""
    by_language = audience.ambassadors().order_by().values_list("user__language")
    by_language = dict(by_language.annotate(Count("pk")))
    return {"total": sum(by_language.values()), "people": audience.people().count(), **by_language}


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_submit(request, slug):
    return _move(request, slug, Campaign.submit, _("Submitted. Somebody else will look at it."))


@require_POST
@permission_required("campaigns.approve_campaign")
def campaign_approve(request, slug):
    return _move(request, slug, Campaign.approve, _("Approved. It can be launched."))


@require_POST
@permission_required("campaigns.approve_campaign")
def campaign_send_back(request, slug):
    campaign = _campaign(request, slug)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _sheet(request, campaign, form, status=422)
    note = form.cleaned_data["note"]
    return _move(
        request, slug, Campaign.send_back, _("Sent back to its owner, with your note."), note
    )


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_launch(request, slug):
    return _move(request, slug, Campaign.schedule, _("Launched. You can still take it back."))


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_unschedule(request, slug):
    return _move(request, slug, Campaign.unschedule, _("Taken back. Nothing has left."))


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_pause(request, slug):
    return _move(request, slug, Campaign.pause, _("Paused. Nothing else will go out."))


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_resume(request, slug):
    return _move(request, slug, Campaign.resume, _("The campaign is running again."))


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_end(request, slug):
    return _move(request, slug, Campaign.end, _("Ended. Nothing of it is offered any more."))


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_archive(request, slug):
    return _move(request, slug, Campaign.archive, _("Archived. Its figures stay in the reports."))


def _move(request, slug, verb, done, *args):
    """Does `verb`, says so in `done`, or says why it could not be done; then back to the sheet."""
    campaign = _campaign(request, slug)
    try:
        verb(campaign, request.user, *args)
    except NotReady as refusal:
        messages.warning(request, _("Not ready yet. ") + " ".join(refusal.reasons))
        return redirect("campaigns:campaign-step", campaign.slug, "check")
    except TooWide:
        text = _("It asks more people than those of your departments: narrow it, or ask HR.")
        messages.warning(request, text)
    except OwnApproval:
        messages.warning(request, _("You wrote it, or changed it last: somebody else approves it."))
    except WrongState:
        campaign.refresh_from_db()
        text = _("Nothing was changed: somebody was faster. The campaign is now “%(state)s”.")
        messages.warning(request, text % {"state": campaign.get_state_display()})
    else:
        messages.success(request, done)
    return redirect(campaign)
