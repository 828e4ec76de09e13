from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.sso.door import ACCESS_WANTED
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.enrolment import actions
from ambassadors.enrolment.models import Ambassador, WrongState
from ambassadors.enrolment.sign_up import mailing
from ambassadors.enrolment.sign_up.forms import LinkForm, SignUpForm
from ambassadors.enrolment.sign_up.models import SignUp, SignUpLink, make_colleague

# --- For whoever has the link ---------------------------------------------------------------------


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_open(request, token):
    """Three fields; then the same words for everybody: look in your mail."""
    link = SignUpLink.objects.filter(token=token, revoked_at=None).first()
    if link is None:
        return render(request, "ambassadors/sign_up_closed.html", status=410)
    if request.user.is_authenticated:
        return redirect("home")
    form = SignUpForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "link": link}
        status = 422 if form.errors else 200
        return render(request, "ambassadors/sign_up.html", context, status=status)
    if not ratelimit.consume(request, action="sign_up_form"):
        return ratelimit.respond_429(request)
    wanted = form.cleaned_data | {"language": get_language()}
    # The fourth mail within the hour is not sent, and not talked about either.
    if ratelimit.consume(request, action="sign_up_mail", key=wanted["email"]):
        mailing.send(link, wanted)
    return render(request, "ambassadors/sign_up_sent.html", {"email": wanted["email"]})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_confirm(request, token):
    """From the mail. Nothing happens before the button: mail scanners open links too."""
    wanted = mailing.wanted_by(token)
    if wanted is None:
        return render(request, "ambassadors/sign_up_closed.html", status=410)
    link = SignUpLink.objects.get(pk=wanted["link"])
    if request.method != "POST":
        response = render(request, "ambassadors/sign_up_confirm.html", wanted | {"link": link})
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
    if not mailing.use_up(token):
        return render(request, "ambassadors/sign_up_closed.html", status=410)
    wanted.pop("link")
    if link.needs_approval:
        return _wait(request, wanted)
    return _come_in(request, wanted)


def _wait(request, wanted):
    SignUp.ask(**wanted)
    return render(request, "ambassadors/sign_up_waiting.html")


def _come_in(request, wanted):
    """At once, by allauth's own way in: single sign-on is still asked of whose domain needs it."""
    with transaction.atomic():
        user = make_colleague(**wanted)
        if not Ambassador.objects.enrolled().filter(user=user).exists():
            actions.join(user)
    first_step = reverse("campaigns:welcome-step", args=[Ambassador.Step.CHARTER])
    return perform_login(request, user, redirect_url=first_step)


@login_not_required
@require_POST
def sign_up_ask(request):
    """For who came by their company's login and is on no list: it has confirmed their address."""
    wanted = request.session.pop(ACCESS_WANTED, None)
    if wanted is None:
        raise Http404
    return _wait(request, wanted | {"language": get_language()})


# --- For HR ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@permission_required("ambassadors.answer_sign_ups")
@fresh_login_required(to_look=False)
def sign_up_list(request):
    """Who waits for a yes, and the links that lead here. Posting makes a new link."""
    form = LinkForm(request.POST or None)
    if not request.user.has_perm("ambassadors.open_the_door"):
        del form.fields["automatic"]
    if request.method == "POST" and form.is_valid():
        automatic = form.cleaned_data.get("automatic", False)
        SignUpLink.make(by=request.user, needs_approval=not automatic)
        messages.success(request, _("Here is the link: pass it on inside the company."))
        return redirect("ambassadors:sign-up-list")
    context = {
        "form": form,
        "waiting": SignUp.objects.filter(state=SignUp.State.AWAITING),
        "links": SignUpLink.objects.filter(revoked_at=None).select_related("created_by"),
    }
    return render(request, "ambassadors/sign_up_list.html", context)


@require_POST
@permission_required("ambassadors.answer_sign_ups")
def sign_up_revoke(request, pk):
    get_object_or_404(SignUpLink, pk=pk).revoke(by=request.user)
    messages.success(request, _("The link no longer works."))
    return redirect("ambassadors:sign-up-list")


@require_POST
@permission_required("ambassadors.answer_sign_ups")
def sign_up_decide(request, pk):
    row = get_object_or_404(SignUp, pk=pk)
    try:
        _decide(request, row)
    except WrongState:
        messages.warning(request, _("Somebody has already answered."))
    return redirect("ambassadors:sign-up-list")


def _decide(request, row):
    if request.POST.get("answer") == "yes":
        row.approve(by=request.user)
        messages.success(request, _("%(name)s has an invitation now.") % {"name": row})
    else:
        row.decline(by=request.user)
        messages.success(request, _("Declined. Nobody is told."))
