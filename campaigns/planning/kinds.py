"""The three kinds of campaign, each with a first version of its words to start from."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from campaigns.planning.models import Campaign

START_WEEKDAY, START_TIME = 1, time(7, 30)  # Tuesday
LENGTH = timedelta(weeks=6)


@dataclass(frozen=True)
class Pattern:
    """What a kind of campaign begins with; every word of it may be changed.

    title and promise are shown when choosing; the others fill the first form, in both languages.
    """

    kind: str
    icon: str
    title: str
    promise: str
    name: str
    objective: str
    indicator: str
    target: int
    disclosure: str
    advice: tuple[str, ...]

    def initial(self):
        """Values for the first form."""
        shared = {"kind": self.kind, "indicator": self.indicator, "target": self.target}
        return shared | _in_both("name", self.name) | _in_both("objective", self.objective)

    @property
    def aim(self):
        """The objective it begins with, in the reader's language."""
        return gettext(self.objective)

    @property
    def opening(self):
        """The disclosure line it begins with, in the reader's language; blank when it has none."""
        return _filled(self.disclosure)

    def disclosures(self):
        return _in_both("disclosure", self.disclosure)


def _in_both(field, words):
    return {f"{field}_{code}": _in_language(code, words) for code, _name in settings.LANGUAGES}


def _in_language(code, words):
    with translation.override(code):
        return _filled(words)


def _filled(words):
    return gettext(words) % {"organisation": settings.ORGANISATION} if words else ""


PATTERNS = {
    pattern.kind: pattern
    for pattern in (
        Pattern(
            kind=Campaign.Kind.RECRUITING,
            icon="job",
            title=_("Recruit a team"),
            promise=_("Make jobs known to people your teams really know."),
            name=gettext_noop("We are hiring"),
            objective=gettext_noop("Make our open jobs known to people our teams really know."),
            indicator=Campaign.Indicator.VISITS,
            target=500,
            disclosure=gettext_noop("I work at %(organisation)s."),
            advice=(
                _("Say the pay and the place: they are asked first."),
                _("A day in the job, told by somebody who does it, beats a list of qualities."),
                _("Two or three items are enough to begin; add one every week."),
            ),
        ),
        Pattern(
            kind=Campaign.Kind.MARKETING,
            icon="campaign",
            title=_("Launch a product"),
            promise=_("Let those who make it say what it does, with figures that hold."),
            name=gettext_noop("A product launch"),
            objective=gettext_noop("Make our new product known, with figures that hold."),
            indicator=Campaign.Indicator.VISITS,
            target=1000,
            disclosure=gettext_noop("I work at %(organisation)s."),
            advice=(
                _("Every figure has its source and somebody who answers for it."),
                _("Who praises their employer’s product says who employs them: keep the line."),
                _("Several texts per network, so that posts do not all look alike."),
            ),
        ),
        Pattern(
            kind=Campaign.Kind.CHANGE,
            icon="people",
            title=_("Go through a change"),
            promise=_("Colleagues explain to colleagues what changes, why, and from when."),
            name=gettext_noop("A change explained by those who live it"),
            objective=gettext_noop("Everybody concerned knows what changes, why, and from when."),
            indicator=Campaign.Indicator.ACTIVE,
            target=40,
            disclosure="",
            advice=(
                _("What changes for me, from when, and whom to ask: in that order."),
                _("Keep the audience to those concerned; the others have enough to read."),
                _("Say what is not decided yet. It will be noticed anyway."),
            ),
        ),
    )
}


def next_start(zone: ZoneInfo) -> datetime:
    """The next Tuesday at 7:30 there that is at least two days away."""
    today = timezone.now().astimezone(zone).date()
    days = (START_WEEKDAY - today.weekday()) % 7
    day = today + timedelta(days=days if days >= 2 else days + 7)
    return datetime.combine(day, START_TIME, zone)
