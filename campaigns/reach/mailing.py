"""The report by mail: which view, how often, to whom; and when it is due.

Everything happens by the organisation's clock, like the days a report counts. A beat may tick
twice, or on two machines: a slot has one snapshot and a person one message about it.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.accounts.models import User
from campaigns.reach.period import zone
from campaigns.reach.saved import SavedView

START, END = time(8), time(18)
MONDAY, SATURDAY = 0, 5
# A beat that was down on Monday makes up for it until Wednesday morning.
LATE = timedelta(days=2)


class Rhythm(models.TextChoices):
    DAILY = "daily", pgettext_lazy("report", "Each working day")
    WEEKLY = "weekly", pgettext_lazy("report", "Each Monday")
    MONTHLY = "monthly", pgettext_lazy("report", "The first Monday of the month")


class Mailing(models.Model):
    """A saved view that goes to named people at 8 in the morning."""

    view = models.OneToOneField(SavedView, models.CASCADE, related_name="mailing")
    rhythm = models.CharField(_("how often"), max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="reach_mailings")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rhythm__in=Rhythm.values), name="mailing_rhythm_known"
            )
        ]

    def __str__(self):
        return f"{self.view} {self.rhythm}"

    @classmethod
    @transaction.atomic
    def arrange(cls, view, *, rhythm, recipients, by) -> "Mailing":
        """From the next slot on: changing it sends nothing at once."""
        mailing, _new = cls.objects.update_or_create(
            view=view, defaults={"rhythm": rhythm, "since": timezone.now()}
        )
        mailing.recipients.set(recipients)
        people = sorted(person.pk for person in recipients)
        record("reach.mailing_set", subject=view, actor=by, rhythm=rhythm, people=people)
        return mailing

    @transaction.atomic
    def stop(self, by):
        record("reach.mailing_stopped", subject=self.view, actor=by)
        self.delete()

    @transaction.atomic
    def leave(self, person):
        """One of those it goes to wants it no more."""
        self.recipients.remove(person)
        record("reach.mailing_left", subject=self.view, actor=person)

    def may_be_sent_to(self) -> list[User]:
        """Of those named, who may see the report now. Nobody's, once its owner may not."""
        if not self.view.owner.has_perm("campaigns.see_whole_reach"):
            return []
        named = self.recipients.filter(is_active=True)
        return [person for person in named if person.has_perm("campaigns.see_whole_reach")]


# --- When --------------------------------------------------------------------------------------
def is_day_of(rhythm: str, day: date) -> bool:
    if rhythm == Rhythm.DAILY:
        return day.weekday() < SATURDAY
    return day.weekday() == MONDAY and (rhythm == Rhythm.WEEKLY or day.day <= 7)


def due_slot(rhythm: str, now: datetime) -> datetime | None:
    """The 8 o'clock whose reports are to go out at `now`, or None. Never in the evening."""
    local = now.astimezone(zone())
    if local.weekday() >= SATURDAY or not START <= local.time() < END:
        return None
    days = (local.date() - timedelta(days=n) for n in range(LATE.days + 1))
    slots = (datetime.combine(day, START, zone()) for day in days if is_day_of(rhythm, day))
    latest = next(slots, None)
    return latest if latest and now - latest < LATE else None
