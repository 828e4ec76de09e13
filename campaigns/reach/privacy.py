"""What reports hold about people: who keeps them, who reads them."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.holdings import WORK
from ambassadors.privacy.registry import hold
from ambassadors.privacy.retention import keep
from campaigns.reach.mailing import Mailing
from campaigns.reach.money import CostPerClick
from campaigns.reach.saved import SavedView
from campaigns.reach.snapshot import Snapshot

hold(SavedView, "owner", WORK, _("Views of the report you keep"))
hold(Mailing.recipients.through, "user", WORK, _("Reports you are sent"))
hold(Snapshot.readers.through, "user", WORK, _("Frozen reports you may read"))
hold(CostPerClick, "changed_by", WORK, _("The cost per click you set"), only=("changed_at",))


@keep("snapshots", _("Frozen reports"), days=761, by_itself=True)
def drop_snapshots(before: datetime) -> int:
    """Of 25 months ago, as the law on audience measurement has it."""
    return Snapshot.objects.too_old(timezone.now()).delete()[0]
