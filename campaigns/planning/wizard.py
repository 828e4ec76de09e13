"""Five plain pages, one form each; each saves, and one may leave and come back."""

from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from ambassadors.enrolment.models import WrongState
from campaigns.planning import preflight
from campaigns.planning.forms import AudienceForm, PurposeForm, RhythmForm
from campaigns.planning.kinds import PATTERNS
from campaigns.planning.models import Campaign


class Step(models.TextChoices):
    PURPOSE = "purpose", pgettext_lazy("step", "Purpose")
    AUDIENCE = "audience", pgettext_lazy("step", "Audience")
    CONTENT = "content", pgettext_lazy("step", "Content")
    RHYTHM = "rhythm", pgettext_lazy("step", "Rhythm")
    CHECK = "check", pgettext_lazy("step", "Check")

    @property
    def number(self):
        return list(type(self)).index(self) + 1

    @property
    def following(self):
        return list(type(self))[self.number]

    @property
    def question(self):
        return QUESTIONS[self]


QUESTIONS = {
    Step.PURPOSE: gettext_lazy("What is it for?"),
    Step.AUDIENCE: gettext_lazy("Who is asked?"),
    Step.CONTENT: gettext_lazy("What will they share?"),
    Step.RHYTHM: gettext_lazy("When does it start and end?"),
    Step.CHECK: gettext_lazy("Is everything ready?"),
}


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.run_campaign")
def campaign_new(request):
    """Chooses a pattern, then asks for the purpose; the campaign exists once that is saved."""
    pattern = PATTERNS.get(request.POST.get("kind") or request.GET.get("kind"))
    if pattern is None:
        return render(request, "campaigns/campaign_new.html", {"patterns": PATTERNS.values()})
    initial = pattern.initial() | {"owner": request.user}
    return _purpose(request, PurposeForm(request.POST or None, initial=initial), pattern)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.run_campaign")
def campaign_step(request, slug, step):
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
    if step not in Step.values:
        raise Http404
    if not campaign.is_editable:
        messages.info(request, _("It is launched: its plan can no longer be changed."))
        return redirect(campaign)
    return PAGES[Step(step)](request, campaign)


def _purpose_of(request, campaign):
    form = PurposeForm(request.POST or None, instance=campaign)
    return _purpose(request, form, PATTERNS[campaign.kind])


def _purpose(request, form, pattern):
    return _page(request, form, Step.PURPOSE, {"pattern": pattern})


def _audience(request, campaign):
    form = AudienceForm(request.POST or None, audience=campaign.audience, user=request.user)
    if request.method == "GET":
        # The same fragment as the live one: what is saved, counted today.
        return _page(request, form, Step.AUDIENCE, _heads(campaign.audience.selection))
    return _page(request, form, Step.AUDIENCE, {})


def _content(request, campaign):
    contents = campaign.contents.prefetch_related("captions")
    return _page(request, None, Step.CONTENT, {"campaign": campaign, "contents": contents})


def _rhythm(request, campaign):
    with in_zone_of(campaign, request.POST.get("time_zone")):
        return _page(request, RhythmForm(request.POST or None, instance=campaign), Step.RHYTHM, {})


def _check(request, campaign):
    checks = preflight.checks(campaign)
    mailed = campaign.audience.mailed().count()
    context = {
        "campaign": campaign,
        "checks": checks,
        "blocking": [c for c in checks if not c.ok and _next_moment(campaign) in c.blocks],
        "mailed": mailed,
        "unmailed": campaign.audience.ambassadors().count() - mailed,
        "may_approve": request.user.has_perm("campaigns.approve_campaign", campaign),
    }
    return _page(request, None, Step.CHECK, context)


def _next_moment(campaign):
    is_draft = campaign.state == Campaign.State.DRAFT
    return preflight.REVIEW if is_draft else preflight.LAUNCH


PAGES = {
    Step.PURPOSE: _purpose_of,
    Step.AUDIENCE: _audience,
    Step.CONTENT: _content,
    Step.RHYTHM: _rhythm,
    Step.CHECK: _check,
}


def _page(request, form, step, context):
    """Shows a step, or saves its form and goes where the pressed button leads."""
    if request.method == "POST" and form and form.is_valid():
        try:
            campaign = form.save(request.user)
        except WrongState:
            messages.warning(request, _("Nothing was saved: the campaign has been launched."))
            return redirect("campaigns:campaign-list")
        if step == Step.PURPOSE:
            _warn_of_approvers(request, campaign)
        return _onward(request, campaign, step)
    campaign = context.get("campaign") or _campaign_of(form)
    is_wrong = bool(form and form.errors)
    # What was refused has been put into the row at hand: only the stored one can be judged.
    judged = Campaign.objects.filter(pk=campaign.pk).first() if campaign and is_wrong else campaign
    context |= {"form": form, "step": step, "steps": _steps(judged), "campaign": campaign}
    status = 422 if is_wrong else 200
    return render(request, f"campaigns/campaign_step_{step}.html", context, status=status)


def _warn_of_approvers(request, campaign):
    """Said at once: at the check it would be the last thing one hears."""
    contents = campaign.contents.prefetch_related("captions")
    for check in preflight.approvers(campaign, contents):
        if not check.ok:
            messages.warning(request, check.text)


def _steps(campaign):
    """(step, whether nothing of it stands in the way) of each, for the line at the top."""
    if campaign is None:
        return [(step, False) for step in Step]
    unsettled = {
        check.step for check in preflight.checks(campaign) if not check.ok and check.blocks
    }
    return [(step, step not in unsettled and step != Step.CHECK) for step in Step]


def _campaign_of(form):
    campaign = form.audience.campaign if isinstance(form, AudienceForm) else form.instance
    return campaign if campaign.pk else None


def _onward(request, campaign, step):
    if "later" in request.POST:
        messages.success(request, _("Saved. You can come back whenever you like."))
        return redirect(campaign)
    return redirect("campaigns:campaign-step", campaign.slug, step.following)


@contextmanager
def in_zone_of(campaign, chosen=None):
    """Times are typed and shown as they are on the clocks of the campaign's own place."""
    try:
        zone = ZoneInfo(chosen or campaign.time_zone)
    except (KeyError, ValueError, OSError):
        # Not a zone at all: the form says so, next to the field.
        zone = campaign.zone
    with timezone.override(zone):
        yield


def _heads(selection):
    return {
        "people": selection.people().count(),
        "ambassadors": selection.ambassadors().count(),
    }


@require_POST
@permission_required("campaigns.run_campaign")
def campaign_headcount(request, slug):
    """How many the boxes take in as they are ticked now. Writes nothing."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
    form = AudienceForm(request.POST, audience=campaign.audience, user=request.user)
    heads = _heads(form.selection) if form.is_valid() else {}
    return render(request, "campaigns/_campaign_headcount.html", heads)
