"""The forms that name a question, mail it, and say what a click costs."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.holders import who_may
from ambassadors.accounts.models import User
from campaigns.reach.mailing import Mailing, Rhythm
from campaigns.reach.money import CostPerClick
from campaigns.reach.saved import SavedView

NEVER = ("", _("It is not mailed"))


class SavedViewForm(forms.ModelForm):
    """A name, who else has it, and whether it opens first."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared", "is_default"]
        labels = {
            "name": _("Name"),
            "is_shared": _("Share it with everybody who may read the report"),
            "is_default": _("Open it first when I come to the report"),
        }

    def clean_name(self):
        name = self.cleaned_data["name"]
        same = SavedView.objects.of(self.instance.owner).filter(name=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You already have a view of this name."))
        return name


class MailingForm(forms.Form):
    """How often a view is mailed, and to whom among those who may see it."""

    rhythm = forms.ChoiceField(
        label=_("How often"),
        choices=[NEVER, *Rhythm.choices],
        required=False,
        help_text=_("At 8:00 a.m., with the figures as they stand then."),
    )
    recipients = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("To whom"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only people who may read the report; asked again before each mail."),
    )

    def __init__(self, *args, view, **kwargs):
        self.view, self.mailing = view, Mailing.objects.filter(view=view).first()
        mailing = self.mailing
        initial = {"rhythm": mailing.rhythm if mailing else "", "recipients": [view.owner_id]}
        if mailing:
            initial["recipients"] = list(mailing.recipients.values_list("pk", flat=True))
        super().__init__(*args, initial=initial, **kwargs)
        readers = User.objects.filter(pk__in=who_may("campaigns.see_whole_reach"))
        self.fields["recipients"].queryset = readers.order_by("last_name", "first_name")

    def clean(self):
        if self.cleaned_data.get("rhythm") and not self.cleaned_data.get("recipients"):
            self.add_error("recipients", _("Choose at least one person."))

    @transaction.atomic
    def save(self, by) -> None:
        rhythm = self.cleaned_data["rhythm"]
        if rhythm:
            people = list(self.cleaned_data["recipients"])
            Mailing.arrange(self.view, rhythm=rhythm, recipients=people, by=by)
        elif self.mailing:
            self.mailing.stop(by)


class CostForm(forms.ModelForm):
    class Meta:
        model = CostPerClick
        fields = ["is_shown", "amount", "currency", "source"]
        labels = {
            "is_shown": _("Show the cost comparison in reports"),
            "amount": _("What a click costs your organisation"),
            "currency": _("Currency"),
            "source": _("Where this price comes from"),
        }
        help_texts = {
            "amount": _("Of your own campaigns, not a benchmark: reports show it beside the sum."),
            "source": _("For example: average of our LinkedIn campaigns, 2026."),
        }

    def clean(self):
        if self.cleaned_data.get("is_shown") and not self.cleaned_data.get("amount"):
            self.add_error("amount", _("Without a price there is nothing to compare with."))
