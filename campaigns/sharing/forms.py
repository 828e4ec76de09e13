import re
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.networks.models import INSTANCE, Network
from campaigns.sharing.models import Decline, Recall

# Longer than any network takes; what comes after is a mistake or an attack.
MOST = 70_000


def validate_instance(host):
    try:
        INSTANCE(host)
    except ValidationError:
        raise ValidationError(
            _("Write the name of your server, such as “mastodon.social”.")
        ) from None


class InstanceField(forms.CharField):
    """A server's name; a whole address or a handle is cut down to it."""

    default_validators = [validate_instance]

    def to_python(self, value):
        value = super().to_python(value).strip().lower()
        value = re.sub(r"^https?://", "", value).split("/")[0]
        return value.rsplit("@", 1)[-1]


class PanelForm(forms.Form):
    """What the panel is asked to show. Whatever makes no sense is left out, never refused."""

    network = forms.ModelChoiceField(
        Network.objects.available(), to_field_name="slug", required=False
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    caption = forms.IntegerField(required=False, min_value=1)
    # Which wording stood in the box when the person began to change it.
    shown = forms.IntegerField(required=False, min_value=1)
    turn = forms.IntegerField(required=False, min_value=0, max_value=100)
    text = forms.CharField(required=False, max_length=MOST, strip=False)
    instance = InstanceField(required=False, max_length=300)
    use = forms.BooleanField(required=False)
    # The reminder they come from.
    plan = forms.IntegerField(required=False, min_value=1)

    def asked(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why not?"), choices=Decline.Reason.choices, widget=forms.RadioSelect
    )


class RecallForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("What became of your post?"),
        choices=Recall.Answer.choices,
        widget=forms.RadioSelect,
    )


class MomentForm(forms.Form):
    """When to be reminded: one of the moments offered, or another one by the person's own clock.

    until: when the item can no longer be shared.
    """

    OTHER = "other"
    FURTHEST = timedelta(days=365)

    at = forms.CharField(required=False, max_length=40)
    other_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M"])

    def __init__(self, data, *, until):
        super().__init__(data)
        self.until = until

    def clean(self):
        at = self.cleaned_data.get("at", self.OTHER)
        moment = self.cleaned_data.get("other_at") if at == self.OTHER else _parsed(at)
        if moment is None:
            raise ValidationError(gettext("Say when: a day and a time."))
        now = timezone.now()
        if moment <= now:
            raise ValidationError(gettext("That moment is over: choose a later one."))
        if moment >= min(self.until, now + self.FURTHEST):
            day = date_format(timezone.localtime(self.until), "DATE_FORMAT")
            raise ValidationError(
                gettext("It can be shared until %(day)s: choose an earlier moment.") % {"day": day}
            )
        return self.cleaned_data | {"moment": moment}

    @property
    def error(self):
        return next(iter(self.non_field_errors()), "")


def _parsed(text):
    """The moment an offered choice stands for; None for what nobody offered."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
