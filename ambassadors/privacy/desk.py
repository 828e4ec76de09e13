"""What administrators see of it: the rules, what they removed, and what waits."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.privacy import assessment, erasing, retention
from ambassadors.privacy.models import Erasure, ErasureRequest
from ambassadors.privacy.rights import OFFERED, LegalBasis, rights, switchable

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


class RightsForm(forms.Form):
    """One choice for each kind of data that has one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now = rights()
        for sort in switchable():
            self.fields[sort.key] = forms.ChoiceField(
                label=sort.label,
                choices=[(right.value, right.label) for right in OFFERED[sort.key]],
                initial=now[sort.key],
                widget=forms.RadioSelect,
                help_text=sort.why,
            )

    @transaction.atomic
    def save(self, by):
        for key, right in self.cleaned_data.items():
            LegalBasis.choose(key, right, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.choose_rights")
def privacy_rights(request):
    """By which right each kind of data is held. People read it on My data from then on."""
    form = RightsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save(by=request.user)
        messages.success(request, _("Saved. People read it on “My data” from now on."))
        return redirect("ambassadors:privacy-rights")
    status = 422 if form.errors else 200
    return render(request, "ambassadors/privacy_rights.html", {"form": form}, status=status)


@require_safe
@permission_required("ambassadors.see_privacy")
def privacy_assessment(request):
    """The facts an assessment asks for, from what is set here. Made to be printed."""
    return render(request, "ambassadors/privacy_assessment.html", assessment.facts())
