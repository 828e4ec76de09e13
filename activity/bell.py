"""What waits behind the bell."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activity.hearing import KINDS
from activity.models import Notification

# The shell says "9+" from there on; counting further would only cost.
COUNTED = 10


def unread_count(user: AbstractBaseUser) -> int:
    """How many messages wait behind the bell, up to COUNTED. One query on an index of its own."""
    return Notification.objects.to(user).by_bell().unread()[:COUNTED].count()


def messages_for(user: AbstractBaseUser) -> QuerySet[Notification]:
    """The bell's rows of `user` that can still be put into words, newest first."""
    return Notification.objects.to(user).by_bell().filter(kind__in=KINDS)


@dataclass(frozen=True)
class Line:
    """A row of the bell, in words."""

    notification: Notification
    days_ago: int

    @property
    def day(self):
        """The heading it stands under."""
        if self.days_ago <= 0:
            return _("Today")
        if self.days_ago == 1:
            return _("Yesterday")
        return _("The last seven days") if self.days_ago < 7 else _("Earlier")

    @property
    def words(self):
        return KINDS[self.notification.kind].line % self._facts

    @property
    def icon(self):
        return KINDS[self.notification.kind].icon

    @property
    def about(self):
        """What it belongs to: the campaign's name; blank where there is none."""
        return self._facts.get("campaign", "")

    @property
    def note(self):
        return self._facts.get("note", "")

    @property
    def is_unread(self):
        return self.notification.read_at is None

    @property
    def at(self):
        return self.notification.created_at

    @property
    def _facts(self):
        return {name: in_words(fact) for name, fact in self.notification.data.items()}


def lines(notifications: list[Notification], now: datetime) -> list[Line]:
    """Each with how many days ago that was, by the reader's calendar."""
    today = timezone.localdate(now)
    return [Line(n, (today - timezone.localdate(n.created_at)).days) for n in notifications]


def in_words(fact):
    """A fact in the reader's language, or in the other one where it has no words in theirs."""
    if not isinstance(fact, dict):
        return fact
    return fact.get(get_language()) or next(filter(None, fact.values()), "")
