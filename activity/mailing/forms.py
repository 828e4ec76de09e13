from django import forms
from django.utils.translation import gettext_lazy as _


class Search(forms.Form):
    q = forms.CharField(label=_("Name or address"), required=False, max_length=100)


class Add(forms.Form):
    address = forms.EmailField(label=_("Address"), max_length=254)
    words = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Administrators see it beside the address."),
    )


class Remove(forms.Form):
    why = forms.CharField(
        label=_("Why this address is written to again"),
        max_length=200,
        help_text=_("It is kept in the audit trail. For example: the mailbox was repaired."),
    )
