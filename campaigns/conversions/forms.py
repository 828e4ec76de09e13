from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.conversions.judging import SKEW
from campaigns.conversions.models import (
    LONGEST_WINDOW,
    WINDOW,
    WINDOW_RECRUITING,
    Goal,
)
from campaigns.planning.forms import web_first
from campaigns.planning.models import Campaign
from campaigns.tracking.destination import safe


class GoalForm(forms.ModelForm):
    """What is to count, and for how long after the visit."""

    class Meta:
        model = Goal
        fields = ["kind", "name", "window_days", "return_url"]
        formfield_callback = web_first

    def __init__(self, *args, campaign, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.campaign = campaign
        recruiting = campaign.kind == Campaign.Kind.RECRUITING
        self.fields["kind"].choices = Goal.Kind.choices
        self.fields["kind"].initial = Goal.Kind.APPLICATION if recruiting else Goal.Kind.SIGN_UP
        self.fields["window_days"].initial = WINDOW_RECRUITING if recruiting else WINDOW
        self.fields["name"].help_text = _("Only if that says more: “Application, apprentices”.")
        self.fields["window_days"].help_text = _(
            "From 1 to 90. Usually 7, and 30 where people are hired: an application takes time."
        )
        self.fields["return_url"].help_text = _(
            "The page people see once it is done. Only the second way needs it."
        )

    def clean_return_url(self):
        url = self.cleaned_data["return_url"]
        if url and safe(url) is None:
            raise ValidationError(_("Nobody can be sent on to this address."))
        return url


class ReportedForm(forms.Form):
    """One conversion, as another program reports it. What it does not know, it refuses."""

    goal = forms.RegexField(r"^[0-9a-f]{16}$", max_length=16)
    click_id = forms.CharField(max_length=200)
    event_id = forms.CharField(max_length=200)
    at = forms.DateTimeField(required=False)

    def __init__(self, data):
        self.is_object = isinstance(data, dict)
        self.unknown = sorted(set(data) - set(self.base_fields)) if self.is_object else []
        plain = {k: v for k, v in data.items() if isinstance(v, str)} if self.is_object else {}
        super().__init__(plain)

    def clean_at(self):
        at, now = self.cleaned_data["at"] or timezone.now(), timezone.now()
        if at > now + SKEW:
            raise ValidationError("in the future", code="future")
        if at < now - timedelta(days=2 * LONGEST_WINDOW):
            raise ValidationError("too long ago", code="too_old")
        return at

    def clean(self):
        if not self.is_object:
            raise ValidationError("not an object", code="not_an_object")
        if self.unknown:
            raise ValidationError("unknown field", code="unknown_field")
        return super().clean()

    @property
    def problems(self) -> dict[str, str]:
        """By field, what is wrong with it, in one word; "" stands for the whole."""
        data = self.errors.get_json_data()
        return {name.removeprefix("__all__"): each[0]["code"] for name, each in data.items()}
