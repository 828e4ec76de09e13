from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """A reviewer's word. `version` says what they had in front of them."""

    note = forms.CharField(
        label=_("What has to change"),
        help_text=_("Needed to ask for changes. The author will see it."),
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
        required=False,
    )
    version = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    def clean_version(self):
        version = self.cleaned_data["version"]
        return version if version is None or timezone.is_aware(version) else None
