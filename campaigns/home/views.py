from datetime import timedelta

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ambassadors.enrolment.access import ambassadors_only
from campaigns.content.models import Content
from campaigns.home import effect
from campaigns.home.feed import Feed, FeedFilter, checklist_for, recalls_for
from campaigns.home.impact import Impact
from campaigns.sharing.models import Share
from campaigns.sharing.suggestions import A_WEEK, suggestions_for


@require_safe
@ambassadors_only
def feed(request):
    """The person's own effect, three suggestions, then everything that is meant for them."""
    ambassador = request.ambassador
    contents = Content.objects.shareable_by(request.user)
    form = FeedFilter(request.GET, contents=contents)
    context = {"form": form, "feed": Feed(ambassador, form, contents)}
    if request.htmx.target == "feed":
        return render(request, "campaigns/_feed_list.html", context)
    return render(request, "campaigns/feed.html", context | _around(ambassador, contents))


def _around(ambassador, contents):
    """What stands around the feed: last week's effect, suggestions, recalls, the checklist."""
    week = effect.Effect(ambassador, *effect.last_full_week(effect.today()))
    declared = _declared(ambassador)
    left = max(0, A_WEEK - declared["this_week"])
    checklist = checklist_for(ambassador, has_shared=declared["ever"] > 0)
    done = sum(item["done"] for item in checklist)
    return {
        "week": week,
        "week_bars": effect.bars(week.days, width=287, height=66, top=22, gap=9),
        "best": Content.objects.filter(pk=week.best_content_id).first(),
        "has_shared": declared["ever"] > 0,
        "suggestions": suggestions_for(
            ambassador, now=timezone.localtime(), most=left, among=contents
        ),
        "recalls": recalls_for(ambassador),
        "checklist": [] if ambassador.checklist_hidden or done == len(checklist) else checklist,
        "checklist_done": done,
    }


def _declared(ambassador):
    now = timezone.localtime()
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0)
    times = list(
        Share.objects.by(ambassador).declared().values_list("declared_at", flat=True)[:1000]
    )
    return {"ever": len(times), "this_week": sum(at >= monday for at in times)}


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
