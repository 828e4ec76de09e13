"""Where the day of those who run the programme begins: what waits, what runs, what comes."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content
from campaigns.home.todo import todo_of
from campaigns.planning.kinds import PATTERNS
from campaigns.planning.models import Campaign
from campaigns.planning.progress import progress_of

AHEAD = timedelta(days=14)
MOST_DATES = 20


@dataclass(frozen=True)
class Date:
    """Something that happens by itself on a day to come; `others` of the same kind come with it."""

    day: date
    what: str
    name: str
    path: str
    others: int = 0


@require_GET
@permission_required("campaigns.see_campaigns")
def desk(request):
    now = timezone.now()
    campaigns = Campaign.objects.visible_to(request.user)
    running = campaigns.filter(state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED])
    running = running.order_by("ends_at")
    progress = progress_of(running)
    context = {
        "todo": todo_of(request.user, now),
        "running": [(campaign, progress[campaign.pk]) for campaign in running],
        "dates": _dates(request.user, now),
        "is_new": not campaigns.exists(),
        "patterns": PATTERNS.values(),
        "today": timezone.localdate(now),
    }
    context["nothing_to_do"] = not any(context["todo"].values())
    return render(request, "campaigns/desk.html", context)


def _dates(user, now):
    until = now + AHEAD
    campaigns, contents = Campaign.objects.visible_to(user), Content.objects.visible_to(user)
    soon = {"starts_at__lte": until}
    starts = campaigns.filter(state=Campaign.State.SCHEDULED, **soon)
    ends = campaigns.running().filter(ends_at__lte=until)
    dates = [
        *(_date(c.starts_at, _("Start:"), [c]) for c in starts),
        *(_date(c.ends_at, _("End:"), [c]) for c in ends),
        *_together(contents.appearing(now, AHEAD), "publish_at", _("Appears:")),
        *_together(contents.expiring(now, AHEAD), "expires_at", _("Expires:")),
    ]
    return sorted(dates, key=lambda date: date.day)[:MOST_DATES]


def _together(contents, field, what):
    """One line for all the items of a campaign that do the same on the same day."""
    groups = {}
    for content in contents:
        at = getattr(content, field)
        groups.setdefault((content.campaign_id, timezone.localdate(at)), []).append(content)
    return [_date(getattr(group[0], field), what, group) for group in groups.values()]


def _date(at, what, rows):
    first, *others = rows
    return Date(timezone.localdate(at), what, str(first), first.get_absolute_url(), len(others))
