"""Reminders people asked for, at the moment they chose. Nothing is posted for them."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.models import Notification
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.sharing.models import Plan, Share
from campaigns.sharing.suggestions import not_declined_by

AT_ONCE = 500


def send_due(now: datetime) -> None:
    """Sends each reminder that is due, once: a second beat, or a second machine, finds it taken."""
    due = Plan.objects.due(now).select_related("ambassador__user", "content", "network")
    for plan in due.order_by("at")[:AT_ONCE]:
        with transaction.atomic():
            if plan.claim(now):
                notify(REMINDER, [_addressed(plan)])


def _addressed(plan):
    path = reverse("campaigns:share-panel", args=[plan.content_id])
    return Addressed(
        person=plan.ambassador_id,
        key=f"{REMINDER.name}:{plan.pk}",
        subject_id=str(plan.pk),
        data={
            "title": plan.content.title,
            "network": {"fr": plan.network.name, "en": plan.network.name_en or plan.network.name},
            "path": f"{path}?plan={plan.pk}",
        },
        skipped="" if is_still_wanted(plan) else "no longer to be shared",
    )


def is_still_wanted(plan: Plan) -> bool:
    """The person takes part, has not posted it meanwhile, and may and would share it now."""
    ambassador = plan.ambassador
    if ambassador.state != Ambassador.State.ACTIVE or not ambassador.user.is_active:
        return False
    posted = Share.objects.by(ambassador).filter(declared_at__gte=plan.created_at)
    if posted.filter(link__content=plan.content_id, link__network=plan.network_id).exists():
        return False
    shareable = not_declined_by(Content.objects.shareable_by(ambassador.user), ambassador)
    return shareable.filter(pk=plan.content_id).exists()


def reminder_of(notification: Notification) -> dict | None:
    """What it says; None once the item has ended, or the person has said no, since the beat."""
    plans = Plan.objects.select_related("ambassador__user", "content__campaign", "network")
    plan = plans.filter(pk=notification.subject_id).first()
    if plan is None or not is_still_wanted(plan):
        return None
    return {
        "content": plan.content,
        "network": plan.network,
        "words": plan.words or (plan.caption.text if plan.caption else ""),
        "url": settings.BASE_URL + notification.data["path"],
        "label": _("Open it as I left it"),
    }


REMINDER = announce(
    Kind(
        name="share.reminder",
        label=gettext_lazy("A reminder I asked for"),
        line=gettext_lazy("You wanted to be reminded: “%(title)s”, on %(network)s."),
        icon="clock",
        context=reminder_of,
        channels=("email", "bell"),
        transactional=True,
    )
)
