"""Two questions before a page: is a second step set up, and is it still the same person?"""

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from ambassadors.accounts import second_step
from ambassadors.accounts.stepup import NotFresh, is_fresh
from config.kept import keep, page_before

# What whoever has no second step yet may open: setting one up, and leaving.
BEFORE_THE_STEP = {
    "account_logout",
    "account_reauthenticate",
    "appearance-set",
    "confirm-code",
    "language-set",
}
# allauth's pages that change how one logs in. Its own check lets through who has no password.
CHANGES_THE_LOGIN = {
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}


class Confirming:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.url_name or ""
        if not request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        may_come_first = name in BEFORE_THE_STEP or name.startswith("mfa_")
        if not may_come_first and second_step.is_missing(request.user):
            return _lead(request, "mfa_index")
        if name in CHANGES_THE_LOGIN and not is_fresh(request):
            return confirm_first(request)
        return None

    def process_exception(self, request, exception):
        return confirm_first(request) if isinstance(exception, NotFresh) else None


def confirm_first(request):
    """The page that asks; then what was typed, or the page where something was pressed."""
    if request.method == "POST":
        back = keep(request) or page_before(request)
    else:
        back = page_before(request) if request.htmx else request.get_full_path()
    address = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
    return _lead(request, f"{address}?{urlencode({'next': back})}")


def _lead(request, to):
    answer = redirect(to)
    if not request.htmx:
        return answer
    # A whole page, and not a piece of one.
    return HttpResponse(headers={"HX-Redirect": answer["Location"]})
