"""Where somebody who runs a campaign says thank you for it."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ambassadors.accounts.policy import permission_required
from campaigns.home.thanks import Thanks, together
from campaigns.planning.models import Campaign


class ThanksForm(forms.ModelForm):
    class Meta:
        model = Thanks
        fields = ["text_fr", "text_en"]
        widgets = {"text_fr": forms.Textarea({"rows": 3}), "text_en": forms.Textarea({"rows": 3})}


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.run_campaign")
def campaign_thanks(request, slug):
    """The sentence, and beside it the only figures it comes with."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user).started(), slug=slug)
    known = Thanks.objects.filter(campaign=campaign).first()
    form = ThanksForm(request.POST or None, instance=known or Thanks(campaign=campaign))
    if request.method == "POST" and form.is_valid():
        form.instance.say(by=request.user)
        messages.success(request, _("Everybody who shared in this campaign sees it."))
        return redirect(campaign)
    context = {"campaign": campaign, "form": form, "known": known, "together": together(campaign)}
    status = 422 if form.errors else 200
    return render(request, "campaigns/campaign_thanks.html", context, status=status)
