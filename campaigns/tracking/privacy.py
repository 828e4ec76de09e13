"""What tracking holds about people: how often the links of somebody were clicked."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.registry import hold
from ambassadors.privacy.retention import keep
from campaigns.sharing.privacy import SHARING
from campaigns.tracking.classify import local_day
from campaigns.tracking.models import HourTally, Tally
from campaigns.tracking.retention import drop_old_clicks

hold(Tally, "ambassador", SHARING, _("Clicks on your links, by day"))
hold(HourTally, "ambassador", SHARING, _("Clicks on your links, by hour"))


@keep("tallies", _("Daily clicks that bear a name"), days=settings.KEEP_DAYS["shares"])
def take_names_off_tallies(before: datetime) -> int:
    """The figures stay as they are, department and all."""
    old = Tally.objects.filter(ambassador__isnull=False, day__lt=local_day(before))
    return old.update(ambassador=None)


@keep("clicks", _("Single clicks of visitors"), days=settings.RAW_CLICKS_DAYS, by_itself=True)
def drop_clicks(before: datetime) -> int:
    """See tracking/retention.py: whole months at once, by the organisation's days."""
    return drop_old_clicks()
