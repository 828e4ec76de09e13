"""Confirming by a mailed code, and ending one open session."""

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from activity.log import record
from ambassadors.accounts import mailed_code, second_step
from ambassadors.accounts.security_forms import CodeForm


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_code(request):
    """Asks whether to send a code; then for the code. Not for who has a second step to show."""
    if second_step.steps_of(request.user).exists():
        raise PermissionDenied
    if "send" in request.POST:
        return _send(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _is_right(request, form):
        return resume_request(request) or redirect("home")
    context = {
        "form": form,
        "is_sent": mailed_code.is_sent(request),
        "next": get_next_redirect_url(request) or "",
    }
    status = 422 if form.errors else 200
    return render(request, "account/confirm_code.html", context, status=status)


def _send(request):
    try:
        mailed_code.send(request)
    except mailed_code.TooMany:
        messages.error(request, _("That was often. Wait a few minutes, then ask for a new code."))
    path = get_next_redirect_url(request) or reverse("home")
    return HttpResponseRedirect(f"{request.path}?{urlencode({'next': path})}")


def _is_right(request, form):
    try:
        if mailed_code.confirm(request, form.cleaned_data["code"]):
            return True
        form.add_error("code", _("That is not the code. Look once more at the latest mail."))
    except mailed_code.TooMany:
        form.add_error("code", _("This code no longer works: ask for a new one."))
    return False


@require_POST
def session_end(request, pk):
    """Ends one of one's own sessions; that browser's next page is the login."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if not session.is_current():
        session.end()
        record("user.session_ended", subject=request.user, actor=request.user)
        messages.success(request, _("Logged out there."))
    return redirect("usersessions_list")
