from datetime import timedelta

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ambassadors.enrolment.access import ambassadors_only
from campaigns.content.models import Content
from campaigns.home import effect
from campaigns.home.feed import Feed, FeedFilter, checklist_for
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
    declared = _declared(ambassador)
    suggestions = _suggestions(ambassador, contents, declared["this_week"])
    # Who filters looks for something: then it is listed, even if it stands above as well.
    above = [] if form.is_narrowed else suggestions
    context = {
        "form": form,
        "feed": Feed(ambassador, form, contents, above=above),
        "suggestions": suggestions,
        "has_shared": bool(declared["ever"]),
    }
    if request.htmx.target == "feed":
        return render(request, "campaigns/_feed_list.html", context)
    context |= _around(ambassador, has_shared=bool(declared["ever"]))
    return render(request, "campaigns/feed.html", context)


def _suggestions(ambassador, contents, shared_this_week):
    most = max(0, A_WEEK - shared_this_week)
    return suggestions_for(ambassador, now=timezone.localtime(), most=most, among=contents)


def _around(ambassador, *, has_shared):
    """What stands around the feed: last week's effect, recalls, the checklist."""
    week = effect.Effect(ambassador, *effect.last_full_week(effect.today()))
    checklist = checklist_for(ambassador, has_shared=has_shared)
    done = sum(item["done"] for item in checklist)
    return {
        "week": week,
        "week_bars": effect.bars(week.days, width=287, height=66, top=22, gap=9),
        "best": Content.objects.filter(pk=week.best_content_id).first(),
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
