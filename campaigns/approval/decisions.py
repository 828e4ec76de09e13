"""The answers to what waits in the queue; each leads on to the next of it."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.approval.forms import (
    DecisionForm,
    DraftAnswerForm,
    ProposalAnswerForm,
    QueueFilter,
)
from campaigns.approval.queue import show_queue
from campaigns.content.models import (
    Caption,
    Content,
    NotApprover,
    NoteMissing,
    OutOfDate,
    OwnApproval,
    WrongState,
)
from campaigns.planning.models import Campaign
from campaigns.sources.models import Proposal, Sighting


@require_POST
@permission_required("campaigns.approve_content")
def content_approve(request, pk):
    return _approve(request, _of(Content.objects.visible_to(request.user), pk))


@require_POST
@permission_required("campaigns.approve_content")
def content_request_changes(request, pk):
    content = _of(Content.objects.visible_to(request.user), pk)
    return _send_back(request, content, content.request_changes)


@require_POST
@permission_required("campaigns.approve_content")
def caption_approve(request, pk):
    return _approve(request, _of(Caption.objects.visible_to(request.user), pk))


@require_POST
@permission_required("campaigns.approve_content")
def caption_request_changes(request, pk):
    caption = _of(Caption.objects.visible_to(request.user), pk)
    return _send_back(request, caption, caption.request_changes)


@require_POST
@permission_required("campaigns.approve_campaign")
def campaign_approve(request, pk):
    campaign = _of(Campaign.objects.visible_to(request.user), pk)
    done = _("Approved: “%(title)s”.") % {"title": campaign}
    return _answer(
        request, campaign, DecisionForm, lambda data: campaign.approve(request.user), done
    )


@require_POST
@permission_required("campaigns.approve_campaign")
def campaign_request_changes(request, pk):
    campaign = _of(Campaign.objects.visible_to(request.user), pk)
    return _send_back(request, campaign, campaign.send_back)


@require_POST
@permission_required("campaigns.answer_proposals")
def proposal_take_up(request, pk):
    """Makes a draft of it, and opens the composer."""
    proposal = _of(Proposal.objects.all(), pk)
    form = ProposalAnswerForm(request.POST)
    if not form.is_valid():
        return show_queue(request, _key(proposal), form, status=422)
    return _take_up(
        request, proposal, lambda by: proposal.take_up(by, form.cleaned_data["campaign"])
    )


@require_POST
@permission_required("campaigns.answer_proposals")
def proposal_decline(request, pk):
    refusal = partial(ProposalAnswerForm, needs_campaign=False)
    return _decline(request, _of(Proposal.objects.all(), pk), refusal)


@require_POST
@permission_required("campaigns.answer_proposals")
def sighting_take_up(request, pk):
    sighting = _of(Sighting.objects.select_related("content"), pk)
    return _take_up(request, sighting, sighting.take_up)


@require_POST
@permission_required("campaigns.answer_proposals")
def sighting_decline(request, pk):
    return _decline(request, _of(Sighting.objects.select_related("content"), pk), DraftAnswerForm)


def _of(rows, pk):
    return get_object_or_404(rows, pk=pk)


def _approve(request, subject):
    def verb(data):
        subject.approve(request.user, data["note"], version=data["version"])

    return _answer(request, subject, DecisionForm, verb, lambda: _approved(subject))


def _approved(subject):
    title = {"title": getattr(subject, "content", subject).title}
    if not subject.is_waiting:
        return _("Approved: “%(title)s”.") % title
    names = {"names": ", ".join(map(str, subject.missing))}
    return _("You have approved “%(title)s”. Still to come: %(names)s.") % (title | names)


def _send_back(request, subject, verb):
    title = getattr(getattr(subject, "content", subject), "title", subject)
    done = _("Changes requested for “%(title)s”. The author has your note.") % {"title": title}
    return _answer(
        request, subject, DecisionForm, lambda data: verb(request.user, data["note"]), done
    )


def _decline(request, subject, form):
    done = _("Declined: “%(title)s”.") % {"title": subject}
    return _answer(
        request, subject, form, lambda data: subject.decline(request.user, data["note"]), done
    )


def _take_up(request, subject, verb):
    try:
        draft = verb(request.user)
    except WrongState:
        messages.warning(request, _why_not(subject, request.user))
        return _onward(request)
    messages.success(request, _("Taken up: look through the draft, then submit it."))
    return redirect("campaigns:content-edit", draft.pk)


def _answer(request, subject, form_class, verb, done):
    """Does `verb` with what the form says, or tells why nothing was changed; then on to the next.

    done: the sentence that says it is done, or a function of nothing that makes it afterwards.
    """
    form = form_class(request.POST)
    if not form.is_valid():
        return show_queue(request, _key(subject), form, status=422)
    try:
        verb(form.cleaned_data)
    except NoteMissing:
        form.add_error("note", _missing(subject))
        return show_queue(request, _key(subject), form, status=422)
    except OwnApproval:
        messages.warning(request, _("These are your words: somebody else approves them."))
    except NotApprover:
        messages.warning(request, _("Nothing was changed: its campaign asks others to decide."))
    except OutOfDate:
        text = _("Not approved: something it claims is no longer valid. Ask for a change.")
        messages.warning(request, text)
    except WrongState:
        messages.warning(request, _why_not(subject, request.user))
    else:
        messages.success(request, done() if callable(done) else done)
    return _onward(request)


def _onward(request):
    """The queue again, as it was narrowed down."""
    kept = QueueFilter(request.GET).kept
    path = reverse("campaigns:approval-queue")
    return redirect(f"{path}{'?' + urlencode(kept) if kept else ''}#decide-title")


def _key(subject):
    return f"{subject._meta.model_name}-{subject.pk}"


def _missing(subject):
    if isinstance(subject, Proposal | Sighting):
        return _("Say why not, in one sentence.")
    return _("Say what has to change: the author will see it.")


def _why_not(subject, by):
    """Nothing was changed; the latest decision usually says why."""
    subject.refresh_from_db()
    if isinstance(subject, Content | Caption):
        return _why_not_words(subject, by)
    if name := getattr(subject, "answered_by", None):
        return _("Nothing was changed: %(name)s has already answered.") % {"name": name}
    return _("Nothing was changed: it no longer waits for a decision.")


def _why_not_words(subject, by):
    if subject.is_waiting and by.pk in subject.agreed_ids:
        return _("Nothing was changed: you have approved it already, and others still have to.")
    if subject.is_waiting:
        return _("Nothing was approved: it has changed since you opened it. Please read it again.")
    review = subject.reviews.select_related("reviewer").first()
    if review is None:
        return _("Nothing was changed: it no longer waits for a decision.")
    text = _("Nothing was changed: %(name)s has already decided (%(decision)s).")
    return text % {"name": review.reviewer, "decision": review.get_decision_display().lower()}
