from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.models import User
from ambassadors.accounts.sso.models import domain_of


class SignUpForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label=_("E-mail address at work"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if domain_of(email) not in settings.EMPLOYEE_DOMAINS:
            raise forms.ValidationError(_("Use the address your company gave you."))
        return email


class LinkForm(forms.Form):
    automatic = forms.BooleanField(
        label=_("Let people in without asking us"),
        required=False,
        help_text=_("Whoever reads a mailbox of the company’s domains comes in at once."),
    )
