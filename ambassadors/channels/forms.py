"""What an administrator says of a channel or a webhook."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.endpoints.events import EVENTS, for_channels
from activity.models import Endpoint
from activity.outside import Private, Unreachable, is_public
from activity.outside.places import place_of
from activity.transports import slack, teams

HINTS = {
    "slack": gettext_lazy(
        "In Slack: your app, Incoming Webhooks, Add New Webhook. It begins with"
        " https://hooks.slack.com/services/."
    ),
    "teams": gettext_lazy(
        "In Teams: Workflows, “Post to a channel when a webhook request is received”. The"
        " address it shows at the end, whole."
    ),
    "webhook": gettext_lazy("Where your system takes webhooks: https, and reachable from here."),
}


class EndpointForm(forms.ModelForm):
    """An address that is there already is never shown again: left empty, it stays."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Endpoint
        fields = ("name", "language")
        labels = {"name": gettext_lazy("Name"), "language": gettext_lazy("Language")}

    field_order = ("name", "address", "language", "events")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offered = for_channels() if self.instance.is_channel else EVENTS.values()
        self.fields["events"].choices = [(event.name, event.label) for event in offered]
        self.fields["events"].initial = self.instance.events
        self.fields["address"].help_text = HINTS[self.instance.kind]
        if self.instance.pk:
            self.fields["address"].required = False
            self.fields["address"].help_text = _("Leave it empty to keep the one of %(host)s.") % {
                "host": self.instance.host
            }
        if not self.instance.is_channel:
            # Machines read it.
            del self.fields["language"]

    def clean_address(self):
        address = self.cleaned_data["address"].strip()
        if address and (reason := _reason_against(address, self.instance.kind)):
            raise forms.ValidationError(reason)
        return address

    def _post_clean(self):
        super()._post_clean()
        self.instance.events = self.cleaned_data.get("events", self.instance.events)
        if address := self.cleaned_data.get("address"):
            self.instance.address = address


def _reason_against(address, kind):
    if kind == Endpoint.Kind.SLACK:
        known = slack.is_an_address(address)
        return "" if known else _("This is not the address of a Slack webhook.")
    if kind == Endpoint.Kind.TEAMS:
        if "webhook.office.com" in address:
            return _("Microsoft has shut such connectors down: make a workflow instead.")
        known = teams.is_an_address(address)
        return "" if known else _("This is not the whole address of a Teams workflow.")
    try:
        place = place_of(address)
    except Unreachable as error:
        return str(error)
    if not place.is_allowed and _is_inside(place.host):
        return str(Private())
    secure = place.scheme == "https" or place.is_allowed
    return "" if secure else _("Only https: what is sent must not be read on the way.")


def _is_inside(host):
    """A number that is nobody's business; where a name leads is looked at each time it is sent."""
    try:
        return not is_public(host)
    except ValueError:
        return False
