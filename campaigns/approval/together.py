"""Several items approved at once, where nothing is left to ask about any of them."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ambassadors.accounts.policy import permission_required
from campaigns.approval.checks import checks_of
from campaigns.approval.lines import ItemLine, Kind, Line, queue_for
from campaigns.content.models import NotApprover, OwnApproval, WrongState

AT_LEAST = 2


@dataclass(frozen=True)
class Group:
    """Items that lead to the same site, and of which nothing asks for a closer look."""

    host: str
    lines: list[ItemLine]


def groups_of(lines: list[Line], user) -> list[Group]:
    """Those of `lines` that `user` may approve together, site by site."""
    by_host = {}
    for line in lines:
        if line.kind == Kind.ITEM and _is_without_question(line, user):
            by_host.setdefault(line.content.host, []).append(line)
    return [Group(host, some) for host, some in by_host.items() if len(some) >= AT_LEAST]


def _is_without_question(line, user):
    """A first version that passes every check, and that this one yes would settle."""
    content = line.content
    return (
        line.may_decide
        and not content.own_reviews
        and all(person == user for person in line.missing)
        and all(check.ok for check in checks_of(content, content.captions.all()))
    )


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.approve_content")
def approve_together(request):
    """Lists the titles once, then approves those that are still as they were listed."""
    host = request.GET.get("host", "")
    group = next(
        (g for g in groups_of(queue_for(request.user), request.user) if g.host == host), None
    )
    if group is None:
        messages.info(request, _("Nothing is left to approve together."))
        return redirect("campaigns:approval-queue")
    if request.method == "GET":
        return render(request, "campaigns/approve_together.html", {"group": group})
    chosen = set(request.POST.getlist("item"))
    done = sum(_approve(line, request.user) for line in group.lines if line.seal in chosen)
    text = ngettext("%(n)d item approved.", "%(n)d items approved.", done) % {"n": done}
    if left := len(chosen) - done:
        rest = ngettext("%(n)d has changed: read it.", "%(n)d have changed: read them.", left)
        messages.warning(request, f"{text} {rest % {'n': left}}")
    else:
        messages.success(request, text)
    return redirect("campaigns:approval-queue")


def _approve(line, by):
    try:
        line.content.approve(by, version=line.since)
    except (WrongState, OwnApproval, NotApprover):
        return False
    return True
