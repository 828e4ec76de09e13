"""The login page's side of single sign-on: to the provider, and back with an answer."""

import logging
import re
import secrets

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from requests.exceptions import RequestException

from activity.log import record
from ambassadors.accounts.sso import openid, saml
from ambassadors.accounts.sso.arrival import LONGEST_NAME, Claim, Refused, admit
from ambassadors.accounts.sso.connection import Session
from ambassadors.accounts.sso.models import Provider
from ambassadors.accounts.sso.sealing import Unreadable

TICKET_SECONDS = 120
# Refusals in one hour, of one provider. The trail keeps all it is told, and strangers can knock.
MOST_ENTRIES, HOUR = 100, 3600
# The ids of our questions, in the session of the browser that asked.
QUESTIONS = "sso_questions"
# Carried through the login, a second factor included: which provider opened the door.
CAME_BY = "sso_provider"
# In the session of who is on no list: what their provider has confirmed, should they ask for more.
ACCESS_WANTED = "sso_access_wanted"
log = logging.getLogger(__name__)


def safe_path(address):
    """`address` when it is a path of ours, else "". Never another site, however it is spelt."""
    address = address or ""
    if not address.startswith("/") or not url_has_allowed_host_and_scheme(address, None):
        return ""
    return escape_leading_slashes(address)


class SocialAdapter(DefaultSocialAccountAdapter):
    """Providers come from our own table, are asked over our own line, and lead to our own door."""

    def list_apps(self, request, provider=None, client_id=None):
        rows = Provider.objects.on().filter(kind=Provider.Kind.OPENID)
        return [openid.app_of(row) for row in rows.filter(slug=provider)]

    def get_requests_session(self):
        return Session()

    def generate_state_param(self, state):
        return secrets.token_urlsafe(24)

    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        """allauth's way ends here: neither its signing up nor its connecting is ever reached."""
        claim = sociallogin.provider.claim(sociallogin.account.uid)
        path = sociallogin.state.get("next", "")
        raise ImmediateHttpResponse(enter(request, claim, path))

    def on_authentication_error(
        self, request, provider, error=None, exception=None, extra_context=None
    ):
        reason = _reason_of(error, exception, extra_context or {})
        refusal = Refused(reason, provider.row, str(exception or request.GET.get("error", "")))
        raise ImmediateHttpResponse(refuse(request, refusal))


def _reason_of(error, exception, context):
    if error == AuthError.CANCELLED:
        return "cancelled"
    if isinstance(exception, RequestException):
        return "unreachable"
    if exception is None and "state_id" in context:
        return "stale"
    return "answer_refused"


class FindForm(forms.Form):
    email = forms.EmailField(max_length=254)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sso_find(request):
    """From an address to its provider; to a code by mail where there is none.

    It says which domains log in where, which the login page says too, and nothing of people.
    """
    if request.method != "POST":
        # Whoever changes the language on the page that leads on.
        return redirect("account_login")
    form = FindForm(request.POST)
    provider = None
    if form.is_valid():
        provider = Provider.objects.on().for_address(form.cleaned_data["email"]).first()
    if provider is None:
        return allauth_views.request_login_code(request)
    path = safe_path(request.POST.get("next"))
    return hand_over(request, provider, path)


def begin_address(provider, path=""):
    address = reverse("ambassadors:sso-begin", args=[provider.slug])
    return f"{address}?{urlencode({'next': path})}" if path else address


def hand_over(request, provider, path=""):
    """A page that leads on. A redirect would not do: form-action forbids one to another site."""
    context = {"provider": provider, "address": begin_address(provider, path)}
    return render(request, "ambassadors/sso_hand_over.html", context)


@login_not_required
@require_safe
def sso_begin(request, slug):
    """Sends the browser to the provider, and remembers in its session what was asked."""
    provider = get_object_or_404(Provider.objects.on(), slug=slug)
    path = safe_path(request.GET.get("next"))
    try:
        begin = _begin_openid if provider.is_openid else _begin_saml
        return begin(request, provider, path)
    except (RequestException, OAuth2Error) as error:
        return refuse(request, Refused("unreachable", provider, str(error)))
    except Unreadable:
        return refuse(
            request, Refused("unreachable", provider, "The secret must be entered again.")
        )


def _begin_openid(request, provider, path):
    dance = get_adapter(request).get_provider(request, provider.slug)
    return dance.redirect(request, AuthProcess.LOGIN, path)


def _begin_saml(request, provider, path):
    number, address = saml.question(provider)
    questions = request.session.get(QUESTIONS, {})
    # A few open windows; the oldest is forgotten.
    kept = dict(list(questions.items())[-4:])
    request.session[QUESTIONS] = kept | {number: [provider.slug, path]}
    return redirect(address)


@login_not_required
@require_safe
def sso_callback(request, slug):
    """Where an OpenID provider sends the browser back to."""
    get_object_or_404(Provider.objects.on(), slug=slug, kind=Provider.Kind.OPENID)
    return openid.Callback.adapter_view(openid.OpenIDAdapter(request, slug))(request)


# The provider's page posts here, and no browser sends our session's cookie along: what ties the
# answer to this browser is asked on the next page, which it is sent to with its cookies.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sso_acs(request, slug):
    """Where a SAML provider's answer arrives: verified, used up, and waiting for its browser."""
    provider = get_object_or_404(Provider.objects.on(), slug=slug, kind=Provider.Kind.SAML)
    if request.method != "POST":
        return redirect("account_login")
    try:
        assertion = saml.read(provider, request.POST.get("SAMLResponse", ""))
    except Refused as refusal:
        return refuse(request, refusal)
    ticket = secrets.token_urlsafe(24)
    relay = safe_path(request.POST.get("RelayState"))
    cache.set(f"sso-ticket:{ticket}", (assertion, relay), TICKET_SECONDS)
    return redirect(f"{reverse('ambassadors:sso-finish', args=[slug])}?{urlencode({'t': ticket})}")


@login_not_required
@require_safe
def sso_finish(request, slug):
    """Takes the answer for the browser that asked, and for no other."""
    provider = get_object_or_404(Provider.objects.on(), slug=slug, kind=Provider.Kind.SAML)
    try:
        assertion, relay = _take(request.GET.get("t", ""), provider)
        path = _path_of(request, provider, assertion, relay)
    except Refused as refusal:
        return refuse(request, refusal)
    return enter(request, assertion.claim, path)


def _take(ticket, provider):
    name = f"sso-ticket:{ticket}"
    found = cache.get(name)
    if found is None or not cache.delete(name) or found[0].claim.provider != provider:
        raise Refused("stale", provider)
    return found


def _path_of(request, provider, assertion, relay):
    """Where the person wanted to go when they asked; unasked, only where that is allowed."""
    if not assertion.answers:
        if provider.idp_initiated:
            return relay
        raise Refused("answer_refused", provider, "The login began at the provider.")
    questions = request.session.get(QUESTIONS, {})
    slug, path = questions.pop(assertion.answers, (None, ""))
    request.session[QUESTIONS] = questions
    if slug != provider.slug:
        raise Refused("stale", provider, "This browser asked nothing of the kind.")
    return path


@login_not_required
@require_safe
def sso_metadata(request, slug):
    """Us, as a SAML provider wants to be told."""
    provider = get_object_or_404(Provider, slug=slug, kind=Provider.Kind.SAML)
    return HttpResponse(saml.own_metadata(provider), content_type="application/samlmetadata+xml")


def enter(request, claim: Claim, path: str):
    """Opens a session for whom `claim` names; a second factor is still asked of who set one."""
    try:
        user = admit(claim)
    except Refused as refusal:
        if refusal.reason == "unknown":
            request.session[ACCESS_WANTED] = {
                "email": claim.email.lower(),
                "first_name": claim.first_name[:LONGEST_NAME],
                "last_name": claim.last_name[:LONGEST_NAME],
            }
        return refuse(request, refusal)
    if request.user.is_authenticated:
        account_adapter(request).logout(request)
    slug = claim.provider.slug
    record_authentication(request, user, "socialaccount", provider=slug, uid=claim.subject)
    return perform_login(
        request,
        user,
        email_verification="none",
        redirect_url=safe_path(path) or reverse("home"),
        signal_kwargs={CAME_BY: slug},
    )


ADDRESS = re.compile(r"\S+@\S+")


def refuse(request, refusal: Refused):
    """Says why in the person's language, and to the trail, without saying who."""
    provider = refusal.provider
    detail = ADDRESS.sub("…", refusal.detail)[:200]
    if provider and refusal.reason not in {"cancelled", "stale"} and _has_room(provider):
        record(
            "sign_on.refused", subject=provider, actor=None, reason=refusal.reason, detail=detail
        )
    log.warning("single sign-on refused: %s %s", refusal.reason, detail)
    can_ask = refusal.reason == "unknown"
    context = {"refusal": refusal, "why": str(refusal), "can_ask": can_ask}
    return render(request, "ambassadors/sso_refused.html", context, status=403)


def _has_room(provider):
    counter = f"sso-refusals:{provider.pk}"
    cache.add(counter, 0, HOUR)
    return cache.incr(counter) <= MOST_ENTRIES


def local_login_refused(request, user, signal_kwargs):
    """The page for who must use their company's login, or None. Any local way in asks this."""
    if signal_kwargs and CAME_BY in signal_kwargs:
        return None
    provider = Provider.objects.on().filter(is_required=True).for_address(user.email).first()
    if provider is None or user.has_perm("ambassadors.log_in_locally"):
        return None
    record("sign_on.local_login_refused", subject=user, actor=None, provider=provider.pk)
    context = {"provider": provider, "address": begin_address(provider)}
    return render(request, "ambassadors/sso_required.html", context, status=403)
