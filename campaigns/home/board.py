"""The list of participants: who asked to be in it, by posts of this month that somebody opened.

Off until an administrator turns it on, and never about anybody who has not said yes. A post counts
once a person has followed its link, and three in a week at most, so that volume does not pay.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.enrolment.models import Ambassador, Consent
from campaigns.home.effect import today
from campaigns.reach.period import midnight, zone
from campaigns.sharing.models import Share

A_WEEK = 3
LAST_PLACE = 10
MOST_NAMES = 20
TAKING_PART = [Ambassador.State.ACTIVE, Ambassador.State.PAUSED]


class BoardSetting(models.Model):
    """Whether there is a list of participants. One row at most; none is no."""

    is_on = models.BooleanField(_("show a list of participants"), default=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="board_setting_one_row")]

    def __str__(self):
        return f"{self.is_on}"

    @classmethod
    def current(cls) -> "BoardSetting":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @transaction.atomic
    def keep(self, by):
        """Writes down what applies from now on."""
        self.pk, self.changed_by, self.changed_at = 1, by, timezone.now()
        self.save()
        record("board.turned_on" if self.is_on else "board.turned_off", subject=self, actor=by)


@dataclass(frozen=True)
class Line:
    """place: from 1; people with as many posts share one."""

    place: int
    ambassador: Ambassador
    posts: int


class Board:
    """The list as `viewer` sees it: of colleagues for colleagues, of customers for customers."""

    def __init__(self, viewer: Ambassador):
        self.viewer = viewer
        self.first = today().replace(day=1)

    @cached_property
    def is_on(self) -> bool:
        return BoardSetting.current().is_on

    @property
    def minimum(self) -> int:
        return settings.MINIMUM_GROUP

    @property
    def is_shown(self) -> bool:
        return self.is_on and len(self._participants) >= self.minimum

    @property
    def is_in(self) -> bool:
        """Whether the viewer said yes."""
        return self.viewer.pk in self._participants

    @property
    def own_posts(self) -> int:
        return counted_posts([self.viewer.pk], self.first)[self.viewer.pk]

    @cached_property
    def own(self) -> Line | None:
        """The viewer's line, for their eyes alone; None without a post that counts."""
        return next((line for line in self._all if line.ambassador == self.viewer), None)

    @cached_property
    def lines(self) -> list[Line]:
        """The first ten places. A place that too many people share is left out, and all after."""
        first = [line for line in self._all if line.place <= LAST_PLACE]
        if len(first) <= MOST_NAMES:
            return first
        too_far = first[MOST_NAMES].place
        return [line for line in first if line.place < too_far]

    @cached_property
    def _all(self):
        posts = counted_posts(self._participants, self.first)
        numbers = sorted(posts.values(), reverse=True)
        lines = [
            Line(numbers.index(n) + 1, self._participants[pk], n) for pk, n in posts.items() if n
        ]
        return sorted(lines, key=lambda line: (line.place, str(line.ambassador.user).casefold()))

    @cached_property
    def _participants(self) -> dict[int, Ambassador]:
        said_yes = Consent.objects.filter(purpose=Consent.Purpose.LEADERBOARD).standing()
        people = Ambassador.objects.filter(
            state__in=TAKING_PART,
            user__is_active=True,
            user__belonging=self.viewer.user.belonging,
            user__in=said_yes.values("user"),
        )
        return {each.pk: each for each in people.select_related("user")}


def counted_posts(ambassadors, first: date) -> Counter:
    """By ambassador (key): posts since `first` that somebody opened, three a week at most."""
    shares = Share.objects.declared().filter(
        link__ambassador__in=list(ambassadors),
        declared_at__gte=midnight(first),
        seen_at__isnull=False,
    )
    weeks = shares.values_list("link__ambassador", TruncWeek("declared_at", tzinfo=zone()))
    posts = Counter()
    for ambassador, _week, n in weeks.annotate(n=Count("pk")).order_by():
        posts[ambassador] += min(n, A_WEEK)
    return posts
