"""What a browser says when its owner asks to be told in it."""

from django import forms

from activity.push import crypto
from activity.push.models import Browser
from activity.push.sending import is_a_service

AUTH_BYTES = 16


class BrowserForm(forms.Form):
    address = forms.CharField(max_length=Browser._meta.get_field("address").max_length)
    key = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    def clean_address(self):
        address = self.cleaned_data["address"]
        if not is_a_service(address):
            raise forms.ValidationError("not a push service")
        return address

    def clean_key(self):
        if not crypto.is_a_key(key := self.cleaned_data["key"]):
            raise forms.ValidationError("not a key")
        return key

    def clean_auth(self):
        try:
            right = len(crypto.unb64(self.cleaned_data["auth"])) == AUTH_BYTES
        except ValueError:
            right = False
        if not right:
            raise forms.ValidationError("not a secret of 16 bytes")
        return self.cleaned_data["auth"]
