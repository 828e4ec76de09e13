"""The page of the tokens that let other systems in."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.accounts.tokens import ApiToken

LIVES = {
    "90": gettext_lazy("90 days"),
    "365": gettext_lazy("One year"),
    "0": gettext_lazy("Until it is revoked"),
}


class TokenForm(forms.ModelForm):
    # Translators: fr: Valable
    life = forms.ChoiceField(label=gettext_lazy("Good for"), choices=LIVES.items(), initial="365")

    class Meta:
        model = ApiToken
        fields = ("name", "scope")
        labels = {"name": gettext_lazy("Name"), "scope": gettext_lazy("What it opens")}
        help_texts = {"name": gettext_lazy("The system it is for, so that you know it later.")}

    def issue(self, by):
        """The new token, and its secret."""
        asked = self.cleaned_data
        days = int(asked["life"])
        expires_at = timezone.now() + timedelta(days=days) if days else None
        return ApiToken.issue(asked["name"], asked["scope"], by=by, expires_at=expires_at)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.issue_tokens")
@fresh_login_required(to_look=False)
def token_list(request):
    """Every token there is; a new one's secret is on the answer to its form, and never again."""
    scope = request.GET.get("scope", "")
    form = TokenForm(request.POST or None, initial={"scope": scope})
    secret, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            token, secret = form.issue(by=request.user)
            form = TokenForm(initial={"scope": token.scope})
        else:
            status = 422
    context = {
        "form": form,
        "secret": secret,
        "tokens": ApiToken.objects.select_related("created_by"),
    }
    return render(request, "ambassadors/token_list.html", context, status=status)


@require_POST
@permission_required("ambassadors.issue_tokens")
def token_revoke(request, pk):
    get_object_or_404(ApiToken, pk=pk).revoke(by=request.user)
    messages.success(request, _("Revoked: its next call is refused."))
    return redirect("ambassadors:token-list")
