"""What sharing holds about people, and for how long."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.registry import Sort, hold
from ambassadors.privacy.retention import keep
from campaigns.sharing.models import Decline, Link, Mute, Plan, Recall, Share

SHARING = Sort(
    "sharing",
    _("What you share"),
    why=_("So that you see what came of it, and are not asked twice."),
    basis=_("Your consent: nothing is ever posted for you."),
    kept=format_lazy(
        _("For {days} days; then links and figures stay, and your name is taken off them."),
        days=settings.KEEP_DAYS["shares"],
    ),
    seen_by=_("You alone. Others see totals of at least five people."),
    place=3,
)

hold(Link, "ambassador", SHARING, _("Your links"))
hold(Share, "link__ambassador", SHARING, _("Your shares"))
hold(Plan, "ambassador", SHARING, _("What you put off until later"))
hold(Mute, "ambassador", SHARING, _("The campaigns you do not want to hear of"))
hold(Decline, "ambassador", SHARING, _("What was not for you"))
hold(Recall, "ambassador", SHARING, _("What you were asked to take down"))


@keep("shares", _("Links and shares that bear a name"), days=settings.KEEP_DAYS["shares"])
def take_names_off_links(before: datetime) -> int:
    """Of links made before, and of which nothing was shared since. They lead where they led."""
    since = Share.objects.filter(link=OuterRef("pk"), opened_at__gte=before)
    old = Link.objects.filter(ambassador__isnull=False, created_at__lt=before)
    return old.exclude(Exists(since)).update(ambassador=None)


@keep("declines", _("What was not for somebody"), days=settings.KEEP_DAYS["declines"])
def forget_declines(before: datetime) -> int:
    recalls = Recall.objects.filter(told_at__lt=before).delete()[0]
    return recalls + Decline.objects.filter(at__lt=before).delete()[0]
