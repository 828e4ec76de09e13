import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.networks.models import INSTANCE, Network

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

    def asked(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
