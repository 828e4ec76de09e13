"""Pages that keep something of the report: saved views, their mails, frozen figures."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required, require
from campaigns.reach.arranging import MailingForm, SavedViewForm
from campaigns.reach.forms import ReachFilter, question_of
from campaigns.reach.freezing import freeze, words_of
from campaigns.reach.mailing import Mailing
from campaigns.reach.page import Page
from campaigns.reach.report import Report
from campaigns.reach.saved import SavedView
from campaigns.reach.snapshot import Snapshot

SNAPSHOTS_SHOWN = 30


@require_GET
@permission_required("campaigns.see_whole_reach")
def reach_view_list(request):
    """One's own views, those of others, and the frozen reports one was given."""
    views = SavedView.objects.visible_to(request.user).select_related("owner", "mailing")
    context = {
        "mine": [view for view in views if view.owner_id == request.user.pk],
        "others": [view for view in views if view.owner_id != request.user.pk],
        "mailed_to_me": _mailed_to(request.user),
        "snapshots": Snapshot.objects.visible_to(request.user)[:SNAPSHOTS_SHOWN],
    }
    return render(request, "campaigns/reach_view_list.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.see_whole_reach")
def reach_view_new(request):
    """The question is in the address it is saved from."""
    question = question_of(request.GET)
    view = SavedView(owner=request.user, question=question)
    form = SavedViewForm(request.POST or None, instance=view)
    if request.method == "POST" and form.is_valid():
        view.keep(by=request.user)
        messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
        return redirect(view)
    context = {"form": form, "page": _asked(question), "question": question}
    return _form_page(request, "campaigns/reach_view_new.html", context, form)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.see_whole_reach")
def reach_view_edit(request, pk):
    """Its name, who has it, and to whom it is mailed."""
    view = _own(request, pk)
    form = SavedViewForm(request.POST or None, instance=view)
    if request.method == "POST" and form.is_valid():
        view.keep(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("campaigns:reach-view-list")
    context = {"view": view, "form": form, "mailing": MailingForm(view=view)}
    context["page"] = _asked(view.question)
    return _form_page(request, "campaigns/reach_view_edit.html", context, form)


@require_POST
@permission_required("campaigns.see_whole_reach")
def reach_view_mail(request, pk):
    view = _own(request, pk)
    mailing = MailingForm(request.POST, view=view)
    if mailing.is_valid():
        mailing.save(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("campaigns:reach-view-list")
    form = SavedViewForm(instance=view)
    context = {"view": view, "form": form, "mailing": mailing, "page": _asked(view.question)}
    return _form_page(request, "campaigns/reach_view_edit.html", context, mailing)


@require_POST
@permission_required("campaigns.see_whole_reach")
def reach_view_remove(request, pk):
    view = _own(request, pk)
    view.remove(by=request.user)
    messages.success(request, _("“%(name)s” is removed.") % {"name": view.name})
    return redirect("campaigns:reach-view-list")


@require_POST
@permission_required("campaigns.see_whole_reach")
def reach_mail_leave(request, pk):
    """Somebody it is mailed to wants it no more; the others keep getting it."""
    mailing = get_object_or_404(_mailed_to(request.user), pk=pk)
    mailing.leave(request.user)
    messages.success(
        request, _("“%(name)s” is not mailed to you any more.") % {"name": mailing.view}
    )
    return redirect("campaigns:reach-view-list")


@require_POST
@permission_required("campaigns.see_whole_reach")
def reach_freeze(request):
    """Keeps what the address asks, as it stands now, for whoever pressed the button."""
    form = ReachFilter.of(QueryDict(question_of(request.GET)))
    snapshot = freeze(form, _("Frozen report"), readers=[request.user], by=request.user)
    return redirect(snapshot)


@require_GET
@permission_required("campaigns.see_whole_reach")
def reach_frozen(request, pk):
    snapshot = get_object_or_404(Snapshot.objects.visible_to(request.user), pk=pk)
    context = {"snapshot": snapshot, "words": words_of(snapshot)}
    return render(request, "campaigns/reach_frozen.html", context)


def _own(request, pk):
    """404 for what one cannot see, 403 for what is somebody else's."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    require(request.user, "campaigns.change_reach_view", view)
    return view


def _mailed_to(person):
    return Mailing.objects.filter(recipients=person).select_related("view__owner")


def _asked(question):
    """A page about the question, for its words alone: no figure is worked out."""
    form = ReachFilter.of(QueryDict(question))
    return Page(form, Report(form.scope))


def _form_page(request, template, context, form):
    return render(request, template, context, status=422 if form.errors else 200)
