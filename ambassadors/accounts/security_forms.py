"""Forms about one's own account."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):
    """Always one that logs in by itself: a key that only follows a password is one thing more."""

    # allauth's script asks this box whether it is ticked: always.
    passwordless = forms.BooleanField(
        initial=True, widget=forms.CheckboxInput({"hidden": True}), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        # Translators: fr: Pour vous y retrouver : « Mon téléphone », « Ma clé USB ».
        self.fields["name"].help_text = _("So that you know it again: “My phone”, “My USB key”.")
        self.fields["name"].max_length = 60

    def clean_passwordless(self):
        return True


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )
