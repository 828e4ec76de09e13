"""What waits for somebody who runs the programme: for the desk, and for the mail of the morning."""

from datetime import datetime, timedelta
from typing import Any

from activity.desk.failures import WHICH
from activity.models import Notification
from ambassadors.directory.imports.models import Import
from ambassadors.enrolment.people import people_with_standing
from campaigns.approval.lines import Kind, queue_for
from campaigns.content.models import Content
from campaigns.planning.models import Campaign
from campaigns.sources import dead_links
from campaigns.sources.models import Source

EXPIRING = timedelta(days=7)
# A message that failed before that is no longer looked at in the morning.
LATELY = timedelta(days=1)
# Lines that tell of something, where nobody has to do anything today.
FOR_INFORMATION = {"oldest", "overdue", "expiring", "unanswered"}


def todo_of(user: Any, now: datetime) -> dict[str, Any]:
    """Counts and rows, by the line they make; what is zero or empty makes none."""
    mine = [line for line in queue_for(user) if line.may_decide]
    waiting = [line for line in mine if line.kind in {Kind.ITEM, Kind.TEXT}]
    campaigns, contents = Campaign.objects.visible_to(user), Content.objects.visible_to(user)
    sources = user.has_perm("campaigns.change_sources")
    return {
        "to_approve": len(waiting),
        "oldest": waiting[0].age if waiting else "",
        "overdue": sum(line.is_late for line in mine),
        "to_review": [line.campaign for line in mine if line.kind == Kind.CAMPAIGN],
        "to_answer": sum(line.kind in {Kind.PROPOSAL, Kind.DRAFT} for line in mine),
        "to_launch": list(campaigns.filter(state=Campaign.State.APPROVED)),
        "to_rewrite": contents.sent_back_to(user).count(),
        "expiring": contents.expiring(now, EXPIRING).count(),
        "dead_links": dead_links.dead().filter(pk__in=contents.values("pk")).count(),
        "failing_sources": Source.objects.failing().count() if sources else 0,
        # As the list it leads to: the difference of two counts would tell who said no.
        "unanswered": people_with_standing(user).filter(standing="invited").count(),
        "imports": list(_stopped_imports(user)),
        "not_arrived": _not_arrived(now) if user.has_perm("activity.run_sending") else 0,
    }


def somebody_has_to(todo: dict[str, Any]) -> bool:
    """Whether anything of it is theirs to do."""
    return any(value for name, value in todo.items() if name not in FOR_INFORMATION)


def _stopped_imports(user):
    """Those that would have gone by themselves and wait for somebody's look."""
    mine = Import.objects.visible_to(user)
    return mine.filter(status=Import.Status.CHECKED).exclude(waits="")


def _not_arrived(now):
    return Notification.objects.filter(WHICH[""], created_at__gte=now - LATELY).count()
