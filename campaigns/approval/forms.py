from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.approval.lines import Kind
from campaigns.planning.models import Campaign


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


class DraftAnswerForm(forms.Form):
    """Whether a draft that a source brought is wanted."""

    note = forms.CharField(
        label=_("Why not"),
        help_text=_("Needed to say no: one sentence."),
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
        required=False,
    )


class ProposalAnswerForm(DraftAnswerForm):
    """The answer to a member, and where their page goes if it is a yes."""

    # The button that says no sends it as well.
    use_required_attribute = False

    campaign = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=_("For which campaign"),
        empty_label=_("Choose a campaign"),
        error_messages={"required": _("Choose the campaign it is for.")},
    )
    field_order = ["campaign", "note"]

    def __init__(self, *args, needs_campaign=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.open()
        self.fields["campaign"].required = needs_campaign
        self.fields["note"].help_text = _("Needed to say no: one sentence, which they will read.")


FORMS = {Kind.PROPOSAL: ProposalAnswerForm, Kind.DRAFT: DraftAnswerForm}


def form_for(line, data=None):
    """The form that answers `line`."""
    return FORMS.get(line.kind if line else None, DecisionForm)(data)


class QueueFilter(forms.Form):
    """The queue's address is its state: a link to any view of it shows the same again."""

    TABS = ("", "all", "own", "decided")

    tab = forms.ChoiceField(choices=[(tab, tab) for tab in TABS], required=False)
    kind = forms.ChoiceField(choices=[("", ""), *Kind.choices], required=False)

    def value(self, name):
        """A filter that makes no sense is no filter."""
        return self.cleaned_data.get(name, "") if self.is_valid() or self.cleaned_data else ""

    @property
    def kept(self):
        """What of it a link has to carry on."""
        return {name: self.value(name) for name in self.fields if self.value(name)}
