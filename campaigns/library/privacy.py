"""What the library holds about people: who brought a list of items."""

from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.holdings import WORK
from ambassadors.privacy.registry import hold
from campaigns.library.models import ContentImport

hold(
    ContentImport, "created_by", WORK, _("Lists of items you imported"), only=("created_at", "name")
)
