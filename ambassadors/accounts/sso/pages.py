"""Where an administrator sets up who logs in where."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activity.models import Entry
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.sso.arrival import Refused
from ambassadors.accounts.sso.checking import check
from ambassadors.accounts.sso.forms import FORMS
from ambassadors.accounts.sso.models import Provider, new_slug
from ambassadors.accounts.stepup import fresh_login_required

LAST_REFUSALS = 5
# In the session: the part of its address that a provider will have which is being set up.
NEW_SLUG = "sign_on_slug"


@require_safe
@permission_required("ambassadors.change_sign_on")
def sign_on_list(request):
    providers = Provider.objects.prefetch_related("domains")
    return render(request, "ambassadors/sign_on_list.html", {"providers": providers})


@require_http_methods(["GET", "POST"])
@permission_required("ambassadors.change_sign_on")
@fresh_login_required
def sign_on_new(request, kind):
    if kind not in FORMS:
        raise Http404
    # Known before the first save: the provider wants our addresses before it gives its own.
    slug = request.session.setdefault(NEW_SLUG, new_slug())
    return _edit(request, Provider(kind=kind, slug=slug))


@require_http_methods(["GET", "POST"])
@permission_required("ambassadors.change_sign_on")
@fresh_login_required
def sign_on_edit(request, pk):
    return _edit(request, get_object_or_404(Provider, pk=pk))


def _edit(request, provider):
    form = FORMS[provider.kind](request.POST or None, instance=provider)
    if request.method == "POST" and form.is_valid():
        try:
            form.save_by(request.user)
        except IntegrityError:
            form.add_error("domains", _("Another provider has just taken one of these domains."))
        else:
            request.session.pop(NEW_SLUG, None)
            messages.success(request, _("Saved. Now test it."))
            return redirect(provider)
    return _show(request, provider, form, status=422 if form.errors else 200)


def _show(request, provider, form, findings=(), status=200):
    context = {
        "provider": provider,
        "form": form,
        "findings": findings,
        "addresses": _addresses(provider),
        "refusals": _refusals(provider),
    }
    return render(request, "ambassadors/sign_on_edit.html", context, status=status)


def _addresses(provider):
    """What the other side asks for, to be copied."""
    if provider.is_openid:
        return [(_("Redirect URI"), provider.address_of("callback"))]
    return [
        (_("Metadata, and entity ID"), provider.address_of("metadata")),
        (_("Assertion consumer service (ACS)"), provider.address_of("acs")),
    ]


def _refusals(provider):
    if not provider.pk:
        return []
    entries = Entry.objects.filter(
        verb="sign_on.refused", subject_type=provider._meta.label_lower, subject_id=provider.pk
    )[:LAST_REFUSALS]
    return [
        {"at": each.at, "why": Refused(each.data["reason"]), "detail": each.data["detail"]}
        for each in entries
    ]


@require_POST
@permission_required("ambassadors.change_sign_on")
def sign_on_test(request, pk):
    provider = get_object_or_404(Provider, pk=pk)
    form = FORMS[provider.kind](instance=provider)
    return _show(request, provider, form, findings=check(provider))


@require_http_methods(["GET", "POST"])
@permission_required("ambassadors.change_sign_on")
@fresh_login_required
def sign_on_remove(request, pk):
    """Asks first: whoever came by it needs another way in afterwards."""
    provider = get_object_or_404(Provider, pk=pk)
    if request.method == "POST":
        provider.remove(by=request.user)
        messages.success(request, _("“%(name)s” is gone.") % {"name": provider})
        return redirect("ambassadors:sign-on-list")
    return render(request, "ambassadors/sign_on_remove.html", {"provider": provider})
