"""What other systems are told of the programme: that somebody takes part, never who."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from activity.endpoints.events import Event, tell
from activity.models import Entry
from ambassadors.enrolment.models import Ambassador


def joined(entry: Entry) -> dict:
    taking_part = Ambassador.objects.active().count()
    return {"taking_part": taking_part if taking_part >= settings.MINIMUM_GROUP else None}


tell(
    Event(
        "ambassador.joined",
        _("Somebody takes part (without a name)"),
        ("ambassador.active",),
        joined,
        {"taking_part": "how many do, or null while they are fewer than the smallest group shown"},
    )
)
