"""What planning holds about people."""

from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.holdings import WORK
from ambassadors.privacy.registry import hold
from campaigns.planning.models import Audience, Campaign

hold(Campaign, "owner", WORK, _("Campaigns you answer for"), only=("name_fr", "name_en", "state"))
hold(Campaign, "changed_by", WORK, _("Campaigns you last changed"), only=("name_fr", "name_en"))
hold(Campaign.approvers.through, "user", WORK, _("Campaigns whose items you are asked about"))
hold(
    Audience.excluded_people.through,
    "user",
    WORK,
    _("Campaigns that leave you out of their audience"),
)
