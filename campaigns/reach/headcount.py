"""Counting heads: who is asked, who takes part and who shares, by department and place.

`count_days` writes days down and may be called again: the later count replaces the earlier.
Days that were missed are worked out from the dates people joined and left, which is right but
for those who moved or came back meanwhile.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from ambassadors.accounts.models import User
from ambassadors.accounts.roles import Belonging
from ambassadors.enrolment.models import Ambassador, Invitation
from campaigns.reach.models import AudienceCount, HeadCount
from campaigns.reach.period import DAY, Period, midnight
from campaigns.sharing.models import Share

State = Ambassador.State
GROUP = ["day", "department", "location", "is_customers"]
ACTIVE = ["active_7", "active_28"]
FIGURES = ["employed", "invited", "enrolled", "former", "active_7", "active_28"]
HERE = Q(is_active=True)
NEVER_IN = Q(ambassador__state__in=[State.INVITED, State.DECLINED])


def counted(day: date) -> list[HeadCount]:
    """The rows of a day as they stand now, unsaved. One query."""
    figures = _figures(day)
    groups = User.objects.values_list("person__department", "person__location", "belonging")
    return [
        HeadCount(
            day=day,
            department_id=department,
            location_id=location,
            is_customers=belonging == Belonging.CUSTOMER,
            **dict(zip(figures, numbers, strict=True)),
        )
        for department, location, belonging, *numbers in groups.annotate(**figures).order_by()
    ]


@transaction.atomic
def count_days(days: Iterable[date]) -> None:
    """Keeps the rows of each day, in place of those kept before."""
    days = list(days)
    rows = [row for day in days for row in counted(day)]
    audiences = [row for day in days for row in audiences_on(day)]
    HeadCount.objects.filter(day__in=days).delete()
    AudienceCount.objects.filter(day__in=days).delete()
    # Another worker may write the same day at once: the constraint lets the last one win.
    HeadCount.objects.bulk_create(
        rows, batch_size=5000, update_conflicts=True, unique_fields=GROUP, update_fields=FIGURES
    )
    AudienceCount.objects.bulk_create(
        audiences, update_conflicts=True, unique_fields=["day", "band"], update_fields=ACTIVE
    )


def audiences_on(day: date) -> list[AudienceCount]:
    """The ranges of audience of that day's active people as they stand now, unsaved. One query."""
    end, weeks = midnight(day + DAY), sharers(Period.of_days(28, day))
    enrolled = Ambassador.objects.filter(user__is_active=True, joined_at__lt=end).exclude(
        state__in=[State.INVITED, State.DECLINED]
    )
    active = enrolled.exclude(left_at__isnull=False, left_at__lt=end).filter(pk__in=weeks)
    in_7 = Count("pk", filter=Q(pk__in=sharers(Period.of_days(7, day))))
    groups = active.values_list("audience_band").annotate(active_7=in_7, active_28=Count("pk"))
    return [
        AudienceCount(day=day, band=band, active_7=n_7, active_28=n_28)
        for band, n_7, n_28 in groups.order_by()
    ]


def backfill(days: int, today: date) -> None:
    """Counts `days` days, the last of them `today`."""
    count_days(today - back * DAY for back in range(days))


def missing(first: date, last: date) -> list[date]:
    """The days from `first` to `last` that were never counted."""
    kept = set(HeadCount.objects.between(first, last).values_list("day", flat=True).distinct())
    days = (first + n * DAY for n in range((last - first).days + 1))
    return [day for day in days if day not in kept]


def _figures(day):
    end = midnight(day + DAY)
    joined = Q(ambassador__joined_at__lt=end) & ~NEVER_IN
    left = Q(ambassador__left_at__lt=end, ambassador__left_at__isnull=False)
    enrolled = joined & ~left & HERE
    asked = Q(ambassador__isnull=False) & ~_asked_later(end) & HERE
    return {
        "employed": Count("pk", filter=Q(person__isnull=False) & HERE),
        "invited": Count("pk", filter=asked),
        "enrolled": Count("pk", filter=enrolled),
        "former": Count("pk", filter=joined & (left | ~HERE)),
        "active_7": Count("pk", filter=enrolled & Q(pk__in=sharers(Period.of_days(7, day)))),
        "active_28": Count("pk", filter=enrolled & Q(pk__in=sharers(Period.of_days(28, day)))),
    }


def _asked_later(end):
    """Whose first date with the programme comes after `end`. Without any date: always asked."""
    before = Q(pk__in=Invitation.objects.filter(created_at__lt=end).values("user"))
    after = Q(pk__in=Invitation.objects.filter(created_at__gte=end).values("user"))
    joined_before = Q(ambassador__joined_at__lt=end, ambassador__joined_at__isnull=False)
    joined_after = Q(ambassador__joined_at__gte=end, ambassador__joined_at__isnull=False)
    return (after | joined_after) & ~before & ~joined_before


def sharers(period: Period) -> QuerySet:
    """The ambassadors (their keys) who declared a share in it."""
    return (
        Share.objects.filter(declared_at__gte=period.start, declared_at__lt=period.end)
        .exclude(link__ambassador=None)
        .values("link__ambassador")
    )
