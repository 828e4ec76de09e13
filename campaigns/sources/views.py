"""The sources of the library: which feeds and pages are read, and what came of it."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activity.waking import wake
from ambassadors.accounts.policy import permission_required
from campaigns.content.models import WrongState
from campaigns.planning.models import Campaign
from campaigns.sources import intake
from campaigns.sources.forms import SourceForm
from campaigns.sources.models import InTheLibrary, Sighting, Source
from campaigns.sources.tasks import read_source
from campaigns.sources.trial import try_out

LATEST = 10


@require_GET
@permission_required("campaigns.change_sources")
def source_list(request):
    sources = Source.objects.select_related("campaign", "owner").annotate(
        drafts=Count("sightings", filter=Q(sightings__content__isnull=False)),
        held=Count("sightings", filter=Q(sightings__content=None, sightings__is_held=True)),
    )
    return render(request, "campaigns/source_list.html", {"sources": sources})


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_sources")
def source_new(request):
    campaign = Campaign.objects.open().at(request.GET.get("campaign", ""))
    source = Source(language=request.user.language)
    return _compose(request, source, {"campaign": campaign})


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_sources")
def source_edit(request, pk):
    return _compose(request, _source(pk), {})


def _source(pk):
    return get_object_or_404(Source.objects.select_related("campaign", "owner"), pk=pk)


def _compose(request, source, initial):
    data = request.POST.copy() if request.method == "POST" else None
    form, trial = SourceForm(data, instance=source, initial=initial), None
    if data is not None and data.get("action") == "test":
        form, trial = _try(request, form, data)
    elif form.is_valid():
        form.save(request.user)
        wake(read_source, source.pk, urgent=False)
        messages.success(request, _("Saved. It is being read; look at what came in a minute."))
        return redirect("campaigns:source-list")
    context = {"form": form, "trial": trial, "source": None} | _state_of(source)
    wrong = form.is_bound and form.errors
    return render(request, "campaigns/source_edit.html", context, status=422 if wrong else 200)


def _try(request, form, data):
    """Reads what is typed, whatever else is missing in the form."""
    form.is_valid()
    if {"kind", "url"} & set(form.errors):
        return form, None
    trial = try_out(form.cleaned_data["kind"], form.cleaned_data["url"], by=request.user)
    if not data.get("name"):
        data["name"] = trial.title[: Source._meta.get_field("name").max_length]
    again = SourceForm(data, instance=form.instance)
    again.hush()
    return again, trial


def _state_of(source):
    if source.pk is None:
        return {}
    # As it is stored: the form has put what was typed into the other.
    source = _source(source.pk)
    articles = source.sightings.select_related("content__campaign")
    return {
        "source": source,
        "held": articles.held()[:LATEST],
        "held_count": articles.held().count(),
        "latest": articles.filter(content__isnull=False)[:LATEST],
        "left": source.left_today(timezone.now()),
    }


@require_POST
@permission_required("campaigns.change_sources")
def source_pause(request, pk):
    source = _source(pk)
    source.pause(request.user)
    messages.success(request, _("“%(name)s” is paused.") % {"name": source})
    return redirect(source)


@require_POST
@permission_required("campaigns.change_sources")
def source_resume(request, pk):
    source = _source(pk)
    source.resume(request.user)
    wake(read_source, source.pk, urgent=False)
    messages.success(request, _("“%(name)s” is read again.") % {"name": source})
    return redirect(source)


@require_POST
@permission_required("campaigns.change_sources")
def source_follow(request, pk):
    """Takes the address that the site says it has moved to."""
    source = _source(pk)
    if source.follow(request.user):
        messages.success(request, _("The new address is read from now on."))
    else:
        messages.warning(request, _("Nothing was changed: another source reads that address."))
    return redirect(source)


@require_POST
@permission_required("campaigns.change_sources")
def source_delete(request, pk):
    source = _source(pk)
    source.remove(request.user)
    messages.success(request, _("“%(name)s” is deleted. Its drafts stay.") % {"name": source})
    return redirect("campaigns:source-list")


@require_POST
@permission_required("campaigns.change_sources")
def article_bring_in(request, pk):
    """Makes a draft of an article that waits, whatever the day's cap says."""
    sighting = get_object_or_404(Sighting.objects.select_related("source__campaign"), pk=pk)
    try:
        draft = intake.bring_in(sighting, by=request.user)
    except InTheLibrary:
        messages.warning(request, _("That page is in the library already, at another address."))
    except WrongState:
        messages.warning(request, _("Nothing was changed: it no longer waits."))
    else:
        messages.success(request, _("“%(title)s” is a draft now.") % {"title": draft.title})
    return redirect(sighting.source)
