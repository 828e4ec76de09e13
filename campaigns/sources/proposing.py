"""A member proposes a page, and follows what becomes of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activity import outside
from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content, WrongState
from campaigns.content.pages import Card, card_of
from campaigns.content.reading import has_turns_left
from campaigns.sources.forms import ProposalForm
from campaigns.sources.models import MOST_IN_A_WEEK, AlreadyProposed, Proposal, TooManyProposals
from campaigns.sources.notices import acknowledge


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.propose_content")
def proposal_new(request):
    form = ProposalForm(request.POST or None, by=request.user)
    if form.is_valid() and (proposal := _propose(form, request.user)):
        acknowledge(proposal)
        messages.success(request, _("Thank you. You will hear what becomes of it."))
        return redirect("campaigns:proposal-list")
    status = 422 if form.errors else 200
    return render(request, "campaigns/proposal_new.html", {"form": form}, status=status)


def _propose(form, by):
    """The proposal; None, and the reason in the form, when it is one too many or known."""
    url, why = form.cleaned_data["url"], form.cleaned_data["why"]
    try:
        title = _title_of(form, url, by)
        return Proposal.receive(by, url=url, why=why, title=title)
    except ValidationError as refusal:
        form.add_error("url", refusal)
    except AlreadyProposed:
        form.add_error("url", form.already)
    except TooManyProposals:
        text = _("That is %(n)d in a week: keep the others for the next.")
        form.add_error(None, text % {"n": MOST_IN_A_WEEK})
    return None


def _title_of(form, url, by):
    """What the page calls itself; "" where it cannot be read, which is no reason to refuse it.

    Raises ValidationError when the page turns out to be known by another address.
    """
    read = _card(url, by)
    if read is None:
        return ""
    final, card = read
    form.check_is_new([final, card.canonical_url])
    return card.title or "" if card.is_open else ""


def _card(url: str, by: Any) -> tuple[str, Card] | None:
    if not has_turns_left(by):
        return None
    try:
        page = outside.fetch(url, outside.PAGES, cut=True)
    except outside.Unreachable:
        return None
    return page.url, card_of(page.body, page.url, page.charset)


@require_GET
@permission_required("campaigns.propose_content")
def proposal_list(request):
    proposals = Proposal.objects.filter(proposer=request.user).select_related("content")
    offered = Content.objects.shareable_by(request.user).filter(proposal__in=proposals)
    context = {"proposals": proposals, "offered": set(offered.values_list("pk", flat=True))}
    return render(request, "campaigns/proposal_list.html", context)


@require_POST
@permission_required("campaigns.propose_content")
def proposal_withdraw(request, pk):
    proposal = get_object_or_404(Proposal.objects.filter(proposer=request.user), pk=pk)
    try:
        proposal.withdraw(request.user)
    except WrongState:
        messages.warning(request, _("Nothing was changed: it has been answered meanwhile."))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("campaigns:proposal-list")
