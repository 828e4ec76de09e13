"""What administrators see of it: the rules, what they removed, and what waits."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.privacy import assessment, erasing, retention
from ambassadors.privacy.models import Erasure, ErasureRequest

SHOWN = 20


@require_safe
@permission_required("ambassadors.see_privacy")
def privacy_detail(request):
    """Each kind of data, its limit, its last run and what that removed. No name on it."""
    context = {
        "rules": retention.overview(),
        "asked": ErasureRequest.objects.count(),
        "due": ErasureRequest.objects.due(timezone.now()).count(),
        "next": ErasureRequest.objects.first(),
        "erased": Erasure.objects.all()[:SHOWN],
        "log": settings.ERASURE_LOG,
        "days": settings.ERASURE_UNDO_DAYS,
    }
    return render(request, "ambassadors/privacy_detail.html", context)


@require_POST
@permission_required("ambassadors.run_erasures")
@fresh_login_required
def privacy_run(request):
    """Carries out now what the night would: whose seven days are over."""
    number = erasing.erase_due(timezone.now())
    said = ngettext("%(n)d person was erased.", "%(n)d people were erased.", number)
    messages.success(request, said % {"n": number} if number else _("Nobody was due."))
    return redirect("ambassadors:privacy-detail")


@require_safe
@permission_required("ambassadors.see_privacy")
def privacy_assessment(request):
    """The facts an assessment asks for, from what is set here. Made to be printed."""
    return render(request, "ambassadors/privacy_assessment.html", assessment.facts())
