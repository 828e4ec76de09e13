from django import forms
from django.utils.translation import gettext_lazy as _

from ambassadors.enrolment.models import Ambassador, Topic
from campaigns.networks.models import Network
from campaigns.sharing.forms import InstanceField


class TopicsForm(forms.Form):
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label=_("Topics"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, ambassador, **kwargs):
        super().__init__(*args, **kwargs)
        # Everything is ticked at first: an empty feed teaches nothing.
        self.initial["topics"] = ambassador.topics.all() or Topic.objects.all()


class NetworksForm(forms.Form):
    networks = forms.ModelMultipleChoiceField(
        Network.objects.available().exclude(prefill=Network.Prefill.COPY),
        label=_("Networks I use"),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    instance = InstanceField(label=_("My Mastodon server"), required=False, max_length=300)
    band = forms.ChoiceField(
        label=_("How many people can see what I post"),
        choices=Ambassador.Band.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    rhythm = forms.ChoiceField(
        label=_("How often you may write to me"),
        choices=Ambassador.Rhythm.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, ambassador, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial |= {
            "networks": ambassador.networks or ["linkedin"],
            "instance": ambassador.instance,
            "band": ambassador.audience_band,
            "rhythm": ambassador.rhythm,
        }

    def save(self, ambassador):
        asked = self.cleaned_data
        ambassador.share_on(
            [network.slug for network in asked["networks"]],
            band=asked["band"],
            instance=asked["instance"],
        )
        ambassador.choose_rhythm(asked["rhythm"])
