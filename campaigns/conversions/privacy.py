"""What conversions hold about people, only of those who asked for it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.optins import OptIn, offer
from ambassadors.privacy.registry import hold
from ambassadors.privacy.retention import keep
from campaigns.conversions.keeping import KEPT_DAYS, drop_old
from campaigns.conversions.models import Conversion, Credit
from campaigns.sharing.privacy import SHARING

hold(
    Conversion,
    "ambassador",
    SHARING,
    _("What came of your shares"),
    omit=("event", "click", "touch", "click_id"),
)
hold(Credit, "ambassador", SHARING, _("Since when you ask what came of your shares"))

offer(
    OptIn(
        "credit",
        _("Show me what came of my shares"),
        _(
            "With a yes, applications and sign-ups that follow a click on your links are counted"
            " for you, and you see how many there were, from five on. Nobody else does. With a no,"
            " the tie is erased at once."
        ),
        is_on=lambda ambassador: Credit.objects.filter(ambassador=ambassador).exists(),
        turn_on=Credit.ask,
        turn_off=Credit.withdraw,
    )
)


@keep("conversions", _("Applications and sign-ups"), days=KEPT_DAYS, by_itself=True)
def drop_conversions(before: datetime) -> int:
    """See conversions/keeping.py: by the organisation's days; the totals stay."""
    return drop_old()
