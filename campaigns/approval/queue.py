"""The page of what waits for a second pair of eyes: one queue, whatever it is."""

from collections import Counter

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ambassadors.accounts.policy import permission_required
from campaigns.approval.checks import checks_of, lengths_of
from campaigns.approval.differences import compare, place_of, since_seen_by
from campaigns.approval.forms import QueueFilter, form_for
from campaigns.approval.lines import Kind, queue_for
from campaigns.approval.together import groups_of
from campaigns.content.models import Content, Review
from campaigns.planning import preflight

DECIDED_SHOWN = 50
TABS = {
    "": lambda line: line.may_decide,
    "all": lambda line: True,
    "own": lambda line: line.is_own,
}


@require_GET
@permission_required("campaigns.approve_content")
def approval_queue(request):
    return show_queue(request, request.GET.get("item"))


def show_queue(request, key, form=None, status=200):
    """The page, with the line `key` open, and `form` where an answer was not complete."""
    narrowed = QueueFilter(request.GET)
    tab, kind = narrowed.value("tab"), narrowed.value("kind")
    lines = queue_for(request.user)
    here = [line for line in lines if TABS.get(tab, TABS["all"])(line)]
    shown = [line for line in here if kind in {"", line.kind}]
    # A link to one item opens it on whichever tab it is.
    current = next((line for line in lines if line.key == key), None) or next(iter(shown), None)
    context = {
        "tab": tab,
        "tabs": _tabs(lines),
        "kind": kind,
        "kinds": _kinds(here),
        "lines": shown,
        "oldest": lines[0] if lines else None,
        "waiting": sum(line.may_decide for line in lines),
        "form": form or form_for(current),
        "decided": _decided(request.user) if tab == "decided" else None,
        "together": groups_of(shown, request.user),
        "drafts": _drafts(request.user),
    } | _detail_of(current, request.user)
    return render(request, "campaigns/approval_queue.html", context, status=status)


def _tabs(lines):
    """(key, label, how many) of each."""
    labels = {"": _("For me"), "all": _("All"), "own": _("Written by me")}
    tabs = [(tab, name, sum(map(TABS[tab], lines))) for tab, name in labels.items()]
    return [*tabs, ("decided", _("Decided"), None)]


def _kinds(lines):
    """(key, label, how many) of each kind that waits; nothing where there is nothing to choose."""
    found = Counter(line.kind for line in lines)
    kinds = [(kind.value, kind.label, found[kind]) for kind in Kind if found[kind]]
    return [("", _("All kinds"), len(lines)), *kinds] if len(kinds) > 1 else []


def _drafts(user):
    return Content.objects.overseen_by(user).filter(status=Content.Status.DRAFT).count()


def _decided(user):
    reviews = Review.objects.all()
    if user.is_limited:
        reviews = reviews.filter(content__in=Content.objects.overseen_by(user))
    reviews = reviews.select_related("content__campaign", "caption__network", "reviewer")
    return reviews[:DECIDED_SHOWN]


def _detail_of(line, user):
    """The right-hand side: only what is new to the reader, where they have read it before."""
    if line is None:
        return {"line": None}
    details = {Kind.ITEM: _item, Kind.TEXT: _text, Kind.CAMPAIGN: _campaign, Kind.DRAFT: _draft}
    detail = details.get(line.kind)
    return {"line": line} | (detail(line, user) if detail else {})


def _item(line, user):
    captions = line.content.captions.select_related("network", "content__campaign")
    return {
        "last_review": _last_request(line),
        "captions": captions,
        "since": since_seen_by(user, line.content),
        "checks": checks_of(line.content, captions),
    }


def _text(line, user):
    before, after = compare(line.caption.approved_text, line.caption.text)
    return {
        "last_review": _last_request(line),
        "before": before,
        "after": after,
        "place": place_of(line.caption),
        "checks": lengths_of(line.caption),
    }


def _campaign(line, user):
    return {"checks": preflight.checks(line.campaign)}


def _draft(line, user):
    return {"captions": line.content.captions.select_related("network")}


def _last_request(line):
    reviews = line.content.reviews.filter(caption=line.caption).select_related("reviewer")
    return reviews.filter(decision=Review.Decision.CHANGES_REQUESTED).first()
