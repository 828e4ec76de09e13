from datetime import timedelta

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ambassadors.enrolment.access import ambassadors_only
from campaigns.home import effect
from campaigns.home.feed import Feed, checklist_for
from campaigns.home.impact import Impact
from campaigns.sharing.models import Share
from campaigns.sharing.suggestions import A_WEEK


@require_safe
@ambassadors_only
def feed(request):
    """The person's own effect, three suggestions, then everything that is meant for them."""
    ambassador = request.ambassador
    declared = _declared(ambassador)
    left = max(0, A_WEEK - declared["this_week"])
    page = Feed(ambassador, request.GET, now=timezone.localtime(), suggested=left)
    context = {
        "form": page.form,
        "feed": page,
        "suggestions": page.suggestions,
        "has_shared": bool(declared["ever"]),
    }
    if request.htmx.target == "feed":
        return render(request, "campaigns/_feed_list.html", context)
    context |= _around(ambassador, page, has_shared=bool(declared["ever"]))
    return render(request, "campaigns/feed.html", context)


def _around(ambassador, page, *, has_shared):
    """What stands around the feed: last week's effect, the checklist."""
    week = effect.Effect(ambassador, *effect.last_full_week(effect.today()))
    checklist = checklist_for(ambassador, has_topics=page.follows_some, has_shared=has_shared)
    done = sum(item["done"] for item in checklist)
    return {
        "week": week,
        "week_bars": effect.bars(week.days, width=287, height=66, top=22, gap=9),
        "checklist": [] if ambassador.checklist_hidden or done == len(checklist) else checklist,
        "checklist_done": done,
    }


def _declared(ambassador):
    now = timezone.localtime()
    monday = (now - timedelta(days=now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    shares = Share.objects.by(ambassador).declared()
    return shares.aggregate(
        ever=Count("pk"), this_week=Count("pk", filter=Q(declared_at__gte=monday))
    )


@require_POST
@ambassadors_only
def checklist_hide(request):
    request.ambassador.hide_checklist()
    return redirect("campaigns:feed")


@require_safe
@ambassadors_only
def impact(request):
    """What one's own shares brought. Nobody else has this page."""
    return render(request, "campaigns/impact.html", {"impact": Impact(request.ambassador)})
