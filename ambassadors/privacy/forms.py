from django import forms
from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.optins import OPT_INS


class ChoiceForm(forms.Form):
    """One choice, said yes or no to by a button."""

    key = forms.ChoiceField()
    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = [(key, key) for key in OPT_INS]

    def clean(self):
        said = super().clean()
        if said.get("answer") == "yes" and OPT_INS[said["key"]].turn_on is None:
            raise forms.ValidationError(_("This needs more than a yes."))
        return said

    def save(self, ambassador) -> bool:
        """Holds at once. True for a yes."""
        choice = OPT_INS[self.cleaned_data["key"]]
        is_yes = self.cleaned_data["answer"] == "yes"
        if is_yes != choice.is_on(ambassador):
            (choice.turn_on if is_yes else choice.turn_off)(ambassador)
        return is_yes
