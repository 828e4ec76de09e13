from urllib.parse import urlencode

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ambassadors.enrolment import actions
from ambassadors.enrolment.access import ambassadors_only
from ambassadors.enrolment.forms import AcceptForm, CharterForm, LeaveForm, RenewForm
from ambassadors.enrolment.models import (
    Ambassador,
    Charter,
    Invitation,
    InvitationExpired,
    InvitationUsed,
    WrongState,
)

# Where the link's secret waits, out of the address, until the person has answered.
DOOR = "invitation"


@login_not_required
@require_safe
def invitation_open(request, token):
    """Takes the secret out of the address. Nothing is used up: mail scanners open links too."""
    try:
        Invitation.from_token(token)
    except Invitation.DoesNotExist:
        # Without a session: made-up links must not fill the database.
        return _closed(request, "unknown", status=404)
    request.session[DOOR] = token
    response = redirect("ambassadors:invitation-answer")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_answer(request):
    """Who invites, to what, and two answers of the same size."""
    try:
        invitation = Invitation.from_token(request.session.get(DOOR, ""))
        invitation.check_good()
    except Invitation.DoesNotExist:
        return _closed(request, "unknown", status=404)
    except InvitationExpired:
        return _closed(request, "expired")
    except InvitationUsed:
        return _used(request, invitation)
    if request.user.is_authenticated and request.user != invitation.user:
        return render(request, "ambassadors/invitation_other.html", {"invitation": invitation})
    translation.activate(_language_of(request, invitation))
    if request.method == "POST":
        return _answer(request, invitation)
    return _ask(request, invitation, AcceptForm(user=invitation.user))


def _ask(request, invitation, form, status=200):
    context = {"invitation": invitation, "form": form, "days": settings.INVITATION_DAYS}
    return render(request, "ambassadors/invitation_answer.html", context, status=status)


def _answer(request, invitation):
    try:
        if request.POST.get("answer") == "no":
            return _decline(request, invitation)
        return _accept(request, invitation)
    except (InvitationUsed, InvitationExpired):
        # Answered in another window while this page stood open.
        return redirect("ambassadors:invitation-answer")


def _decline(request, invitation):
    invitation.decline()
    del request.session[DOOR]
    return render(request, "ambassadors/invitation_declined.html")


def _accept(request, invitation):
    form = AcceptForm(request.POST, user=invitation.user)
    if not form.is_valid():
        return _ask(request, invitation, form, status=422)
    actions.accept_invitation(invitation, password=form.cleaned_data.get("password", ""))
    del request.session[DOOR]
    first_step = reverse("campaigns:welcome-step", args=[Ambassador.Step.CHARTER])
    if request.user.is_authenticated:
        return redirect(first_step)
    if form.needs_own_login:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': first_step})}")
    # By allauth's own way in, so that a second factor is still asked of who set one.
    return perform_login(request, invitation.user, redirect_url=first_step)


def _language_of(request, invitation):
    """The language switch, once used, wins over what the company wrote down."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or request.user.is_authenticated:
        return translation.get_language()
    return invitation.user.language


def _used(request, invitation):
    if not invitation.user.is_active:
        return _closed(request, "unknown", status=404)
    if invitation.user.ambassador.is_enrolled:
        if request.user == invitation.user:
            return redirect("home")
        return render(request, "ambassadors/invitation_member.html", status=410)
    declined = invitation.user.ambassador.state == Ambassador.State.DECLINED
    return _closed(request, "declined" if declined else "replaced")


def _closed(request, why, status=410):
    """A door that does not open, and how to get another: one field."""
    context = {"why": why, "form": RenewForm(), "days": settings.INVITATION_DAYS}
    return render(request, "ambassadors/invitation_closed.html", context, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_renew(request):
    """A new link by mail. The answer is the same whether or not the address is known."""
    form = RenewForm(request.POST or None)
    if form.is_valid():
        Invitation.renew(form.cleaned_data["email"])
        context = {"email": form.cleaned_data["email"], "days": settings.INVITATION_DAYS}
        return render(request, "ambassadors/invitation_renewed.html", context)
    context = {"why": "", "form": form, "days": settings.INVITATION_DAYS}
    status = 422 if form.is_bound else 200
    return render(request, "ambassadors/invitation_closed.html", context, status=status)


@login_not_required
@require_safe
def charter_detail(request):
    """The rules of the programme: for everybody to read, and for a member to accept."""
    charter = Charter.objects.current_for(request.user)
    if charter is None:
        raise Http404
    return _charter(request, charter, CharterForm(charter=charter))


def _charter(request, charter, form, status=200):
    members = Ambassador.objects.enrolled().exclude(state=Ambassador.State.JOINING)
    member = members.filter(user_id=request.user.pk).first()
    context = {
        "charter": charter,
        "form": form if member and not member.has_accepted(charter) else None,
        "member": member,
        "next": _safe(request, request.GET.get("next") or request.POST.get("next", "")),
        "layout": "base.html" if request.user.is_authenticated else "entry.html",
    }
    return render(request, "ambassadors/charter_detail.html", context, status=status)


@require_POST
@ambassadors_only
def charter_accept(request):
    """A member accepts a newer version than the one they joined with."""
    charter = Charter.objects.current_for(request.user)
    form = CharterForm(request.POST, charter=charter)
    if not form.is_valid():
        if form.has_error("version"):
            form = CharterForm(charter=charter)
            messages.warning(request, _("The charter has just changed. Please read it again."))
        return _charter(request, charter, form, status=422)
    request.ambassador.accept(charter, language=translation.get_language())
    messages.success(request, _("Thank you. Your agreement is noted, with today’s date."))
    return redirect(_safe(request, request.POST.get("next", "")) or "campaigns:feed")


def _safe(request, address):
    """`address` when it leads somewhere here, else nothing."""
    hosts = {request.get_host()}
    known = url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure())
    return address if known else ""


@require_http_methods(["GET", "HEAD", "POST"])
def programme_join(request):
    """For somebody who can log in and does not take part: managers, and who left or said no."""
    if not request.user.has_perm("ambassadors.join_programme"):
        raise PermissionDenied
    ambassador = Ambassador.objects.filter(user=request.user).first()
    if ambassador and ambassador.is_enrolled:
        return redirect("campaigns:feed")
    if request.method == "POST":
        return _join(request)
    return render(request, "ambassadors/programme_join.html", {"ambassador": ambassador})


def _join(request):
    try:
        actions.join(request.user)
    except WrongState:
        return redirect("campaigns:feed")
    return redirect("campaigns:welcome-step", Ambassador.Step.CHARTER)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_leave(request):
    """The second of two clicks. No reason is asked; it takes effect at once."""
    ambassador = Ambassador.objects.enrolled().filter(user=request.user).first()
    if ambassador is None:
        return redirect("ambassadors:programme-join")
    if request.method == "POST":
        return _leave(request, ambassador)
    return render(request, "ambassadors/programme_leave.html", {"form": LeaveForm()})


def _leave(request, ambassador):
    form = LeaveForm(request.POST)
    if not form.is_valid():
        context = {"form": form}
        return render(request, "ambassadors/programme_leave.html", context, status=422)
    try:
        ambassador.leave(stop_links=form.cleaned_data["links"] == "stop")
    except WrongState:
        return redirect("ambassadors:programme-join")
    messages.success(request, _("Done. You have left the programme; we will not write any more."))
    return redirect("ambassadors:programme-join")
