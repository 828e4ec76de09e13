from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from ambassadors.enrolment.models import Charter


class AcceptForm(forms.Form):
    """Yes to an invitation. The password is offered, and only to an account that has none."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least 12 characters. Without one, we send you a code each time you log in."
        ),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        # A link in a mail opens no account that somebody already guards, or that can do harm.
        self.needs_own_login = user.has_usable_password() or user.has_perm(
            "campaigns.see_campaigns"
        )
        if self.needs_own_login:
            del self.fields["password"]

    def clean_password(self):
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, self.user)
        return password


class RenewForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one your invitation was sent to."),
    )


class CharterForm(forms.Form):
    """Agreement to the version that was read, which may not be the newest any more."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label=_("I have read these rules and I agree to them."),
        error_messages={
            "required": _("Tick the box if you agree. If you do not, that is fine too.")
        },
    )

    def __init__(self, *args, charter: Charter, **kwargs):
        super().__init__(*args, initial={"version": charter.version}, **kwargs)
        self.charter = charter

    def clean_version(self):
        if self.cleaned_data["version"] != self.charter.version:
            raise forms.ValidationError(
                _("The charter has just changed. Please read the new version.")
            )
        return self.charter.version


class LeaveForm(forms.Form):
    """What becomes of the links that were shared. Nothing said is what breaks nothing."""

    links = forms.ChoiceField(
        label=_("The links you shared"),
        required=False,
        initial="keep",
        choices=[
            ("keep", _("Keep working, without your name")),
            ("stop", _("Stop working within an hour, for good")),
        ],
        widget=forms.RadioSelect,
    )
