"""The page "My data", and what one does there."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activity.waking import wake
from ambassadors.accounts.models import LastAdmin
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.enrolment.models import Ambassador
from ambassadors.privacy.forms import ChoiceForm
from ambassadors.privacy.models import ErasureRequest, Export, Gone
from ambassadors.privacy.notices import tell_asked
from ambassadors.privacy.optins import OPT_INS
from ambassadors.privacy.registry import HOLDINGS, Fate, sorts
from ambassadors.privacy.rights import bases
from ambassadors.privacy.tasks import make_export

LOOKS_SHOWN = 50


@require_safe
def my_data(request):
    """What is held, why, for how long, who sees it; and everything one may do about it."""
    user = request.user
    ambassador = Ambassador.objects.enrolled().filter(user=user).first()
    by_right = bases()
    context = {
        "parts": [_part(sort, holdings, user, by_right) for sort, holdings in sorts().items()],
        "choices": [(each, each.is_on(ambassador)) for each in OPT_INS.values()]
        if ambassador
        else [],
        "ambassador": ambassador,
        "looks": user.looks.select_related("by")[:LOOKS_SHOWN],
        "export": user.exports.first(),
        "asked": ErasureRequest.objects.filter(user=user).first(),
        "days": settings.ERASURE_UNDO_DAYS,
        "keep_days": settings.KEEP_DAYS,
    }
    return render(request, "ambassadors/my_data.html", context)


def _part(sort, holdings, user, by_right):
    lines = [(holding.label, holding.of(user).count()) for holding in holdings]
    shown = [line for line in lines if line[1]]
    return {"sort": sort, "basis": by_right[sort.key], "lines": shown}


@require_POST
def my_data_choose(request):
    """A yes or a no to one choice. It holds at once."""
    ambassador = Ambassador.objects.enrolled().filter(user=request.user).first()
    form = ChoiceForm(request.POST)
    if ambassador is None or not form.is_valid():
        raise Http404
    if form.save(ambassador):
        messages.success(request, _("Noted: yes. You can take it back at any time."))
    else:
        messages.success(request, _("Noted: no. It holds from now on."))
    return redirect(reverse("ambassadors:my-data") + "#choices")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_login_required
def my_data_export(request):
    """Asks for the file. A worker makes it; the person is told when it is there."""
    if request.method == "POST":
        export = Export.ask(request.user)
        transaction.on_commit(partial(wake, make_export, export.pk), robust=True)
        messages.success(request, _("Your file is being made. We will write to you in a minute."))
        return redirect(reverse("ambassadors:my-data") + "#export")
    return render(request, "ambassadors/my_data_export.html")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_login_required
def my_data_download(request, token):
    """Shows a button; the button gives the file, once, to the person it is about."""
    try:
        export = Export.from_token(token, of=request.user)
    except Export.DoesNotExist:
        raise Http404 from None
    if request.method == "POST":
        return _fetch(request, export)
    status = 200 if export.is_there else 410
    return render(request, "ambassadors/my_data_download.html", {"export": export}, status=status)


def _fetch(request, export):
    try:
        content = export.fetch()
    except Gone:
        context = {"export": export}
        return render(request, "ambassadors/my_data_download.html", context, status=410)
    response = HttpResponse(content, content_type="application/zip")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="my-data-{day}.zip"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_login_required
def my_data_erase(request):
    """What goes and what stays; then the second of two clicks."""
    if request.method == "POST":
        return _ask_to_be_erased(request)
    context = {
        "days": settings.ERASURE_UNDO_DAYS,
        "stays": [line for line in _what_stays(request.user) if line[1]],
    }
    return render(request, "ambassadors/my_data_erase.html", context)


def _what_stays(user):
    """(what, how many) of the person's that must have an author, and gets nobody for one."""
    former = (holding for holding in HOLDINGS if holding.fate is Fate.FORMER)
    return [(holding.label, holding.of(user).count()) for holding in former]


def _ask_to_be_erased(request):
    try:
        asked = ErasureRequest.ask(request.user)
    except LastAdmin:
        messages.error(
            request, _("Nobody else administers Porte-voix: give somebody that role first.")
        )
        return redirect("ambassadors:my-data")
    tell_asked(asked)
    messages.success(request, _("Noted. Until then you can change your mind on this page."))
    return redirect(reverse("ambassadors:my-data") + "#erase")


@require_POST
def my_data_keep(request):
    """Takes the request back: nothing was done yet."""
    ErasureRequest.take_back(request.user)
    messages.success(request, _("Your data stays as it is."))
    return redirect("ambassadors:my-data")
