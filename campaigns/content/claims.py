"""Claims that are over leave the feed with their item; those that soon will be are spoken of."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from activity.expansion import Addressed, notify
from activity.hearing import Kind
from activity.models import Notification
from campaigns.content.models import Claim, Content

WARNED = timedelta(days=14)


def lapse_due(now: datetime) -> None:
    """Takes out each item one of whose claims is over where its campaign is. Twice is once."""
    due = Claim.objects.due_to_lapse(now).select_related("content__campaign")
    for claim in due.order_by("pk"):
        if claim.is_over(claim.content.today):
            claim.lapse()


def warn_due(now: datetime, kind: Kind) -> None:
    """Tells each owner once of a claim that ends within two weeks; again for another date."""
    ending = Claim.objects.ending(now, WARNED).select_related("content__campaign")
    soon = [claim for claim in ending.order_by("pk") if 0 <= claim.days_left <= WARNED.days]
    notify(kind, _not_told(kind, soon))


def _not_told(kind, claims) -> Iterable[Addressed]:
    keys = {f"{kind.name}:{claim.pk}:{claim.valid_until.isoformat()}": claim for claim in claims}
    told = Notification.objects.filter(key__in=[f"{key}:bell" for key in keys])
    told = set(told.values_list("key", flat=True))
    for key, claim in keys.items():
        if f"{key}:bell" not in told:
            yield Addressed(claim.owner_id, key, str(claim.pk), facts_of(claim))


def facts_of(claim: Claim) -> dict:
    """What the bell says of it."""
    return {
        "claim": claim.text,
        "title": claim.content.title,
        "until": claim.valid_until.isoformat() if claim.valid_until else "",
        "day": {language: _day(claim, language) for language, _name in settings.LANGUAGES},
        "path": address_of(claim.content),
    }


def _day(claim, language):
    with override(language):
        return date_format(claim.valid_until, "DATE_FORMAT") if claim.valid_until else ""


def address_of(content: Content) -> str:
    """Where what the item claims stands on its page."""
    return f"{reverse('campaigns:content-detail', args=[content.pk])}#evidence"
