"""Hearing no more of one campaign, and hearing of it again."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from activity.preferences import Section, add_section
from ambassadors.enrolment.access import ambassadors_only
from ambassadors.enrolment.models import Ambassador
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Mute


@require_http_methods(["GET", "HEAD", "POST"])
@ambassadors_only
def campaign_mute(request, pk):
    """Asks, or does it: the way here is a link in a mail, which scanners open too."""
    campaign = get_object_or_404(Campaign.objects.started().meant_for(request.user), pk=pk)
    mine = Mute.objects.filter(campaign=campaign, ambassador=request.ambassador)
    if request.method == "POST":
        if "again" in request.POST:
            mine.delete()
            messages.success(request, _("You will hear of this campaign again."))
        else:
            mine.get_or_create(campaign=campaign, ambassador=request.ambassador)
            messages.success(request, _("You will hear no more of this campaign."))
        return redirect("campaigns:campaign-mute", campaign.pk)
    context = {"campaign": campaign, "muted": mine.exists()}
    return render(request, "campaigns/campaign_mute.html", context)


@add_section
class MutedForm(Section):
    """The campaigns a person has muted, and the way to hear of each again."""

    title = gettext_lazy("Campaigns you do not hear of")
    comes_last = True

    muted = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Not a word about"),
        queryset=Campaign.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Untick one to hear of it again."),
    )

    @classmethod
    def for_person(cls, person, data=None):
        ambassador = Ambassador.objects.enrolled().filter(user=person).first()
        campaigns = Campaign.objects.filter(mutes__ambassador=ambassador)
        if ambassador is None or not campaigns:
            return None
        form = cls(data, initial={"muted": list(campaigns)})
        form.ambassador = ambassador
        form.fields["muted"].queryset = campaigns
        return form

    def save(self):
        mine = Mute.objects.filter(ambassador=self.ambassador)
        mine.exclude(campaign__in=self.cleaned_data["muted"]).delete()
