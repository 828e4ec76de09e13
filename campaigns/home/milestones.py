"""How a campaign goes, told to its owner: after a day, halfway, and at the end.

Three figures, the report's own with its minimum group, and one suggestion by plain rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import TextChoices
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activity.desk.previews import sample
from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.models import Notification
from campaigns.content.models import Content
from campaigns.planning.models import Campaign
from campaigns.planning.progress import Progress, progress_of
from campaigns.reach.forms import ReachFilter
from campaigns.reach.report import Report
from campaigns.templatetags.figures import count

KIND = "campaign.milestone"
State = Campaign.State
DAY = timedelta(days=1)
# Shorter ones have no middle worth a mail.
SHORTEST_WITH_A_MIDDLE = timedelta(days=6)
# What a beat that was down may still make up for.
LATE = timedelta(days=2)
FEW_ITEMS = 3
# Behind: so much less of the target than of the time, in points of a hundred.
BEHIND = 20


class Moment(TextChoices):
    FIRST_DAY = "first_day"
    MIDDLE = "middle"
    END = "end"


def moments_of(campaign: Campaign, now: datetime) -> Iterator[tuple[Moment, datetime]]:
    """When each of the mails about `campaign` is due."""
    if campaign.launched_at is None:
        return
    start, end = campaign.launched_at, campaign.ends_at
    if end - start > DAY:
        yield Moment.FIRST_DAY, start + DAY
    if end - start >= SHORTEST_WITH_A_MIDDLE:
        yield Moment.MIDDLE, start + (end - start) / 2
    # One that was ended early is over at once.
    yield Moment.END, min(end, now) if campaign.state == State.ENDED else end


def send_due(now: datetime) -> None:
    """Writes to the owners of whatever has come to one of its moments; a second run adds none."""
    states = [State.RUNNING, State.PAUSED, State.ENDED]
    recent = Campaign.objects.filter(state__in=states, ends_at__gt=now - LATE)
    notify(MILESTONE, _addressed(recent, now))


def _addressed(campaigns, now) -> Iterator[Addressed]:
    for campaign in campaigns:
        for moment, at in moments_of(campaign, now):
            if now - LATE < at <= now and _fits(campaign, moment):
                yield Addressed(
                    person=campaign.owner_id,
                    key=f"{KIND}:{campaign.pk}:{moment}",
                    subject_id=str(campaign.pk),
                    data={
                        "moment": moment,
                        "path": campaign.get_absolute_url(),
                        "title": {"fr": campaign.name_fr, "en": campaign.name_en},
                    },
                )


def _fits(campaign, moment):
    """A campaign that was ended early has its end, and no middle any more."""
    return (campaign.state == State.ENDED) == (moment == Moment.END)


# --- What the mail says ------------------------------------------------------------------------
@dataclass(frozen=True)
class Figures:
    """visits, shares: the report's; progress: as on the desk. is_hidden: too few people."""

    visits: int
    shares: int
    progress: Progress
    is_hidden: bool

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Each figure in words, and what it is: measured or declared."""
        visits = ngettext("%(n)s visit", "%(n)s visits", self.visits)
        shares = ngettext("%(n)s declared share", "%(n)s declared shares", self.shares)
        target = _("%(percent)d%% of the target: %(aim)s")
        return [
            (visits % {"n": count(self.visits)}, _("Clicks by people on the links shared.")),
            (shares % {"n": count(self.shares)}, _("As those who shared have said.")),
            (target % {"percent": self.progress.percent, "aim": self.progress.aim}, ""),
        ]


def figures_of(campaign: Campaign, today: date) -> Figures:
    """From its start to today, by the same way as the report and its minimum group."""
    first = timezone.localdate(campaign.launched_at or campaign.starts_at)
    query = QueryDict(
        urlencode(
            {
                "campaign": campaign.slug,
                "period": "custom",
                "first": min(first, today).isoformat(),
                "last": today.isoformat(),
            }
        )
    )
    report = Report(ReachFilter.of(query).scope)
    [progress] = progress_of([campaign]).values()
    if report.is_hidden or progress.is_hidden:
        return Figures(0, 0, progress, is_hidden=True)
    three = report.three
    return Figures(three.visits.now, three.shares.now, progress, is_hidden=False)


@dataclass(frozen=True)
class Suggestion:
    words: str
    path: str
    label: str


def suggestion_for(
    campaign: Campaign, moment: str, figures: Figures, now: datetime
) -> Suggestion | None:
    """The first rule that applies; None when it goes as planned.

    Where the figures are hidden, no rule that rests on them does: its words would tell them.
    """
    offered = campaign.contents.filter(status=Content.Status.PUBLISHED).count()
    if moment == Moment.END:
        return _at_the_end(campaign)
    if offered < FEW_ITEMS:
        return _more_items(campaign, offered)
    if figures.is_hidden:
        return None
    if not figures.shares:
        return _nobody_yet(campaign)
    if not figures.visits:
        return _no_visits(campaign)
    if moment == Moment.MIDDLE and figures.progress.percent + BEHIND < _percent_over(campaign, now):
        return _behind(campaign)
    return None


def _percent_over(campaign, now):
    start = campaign.launched_at or campaign.starts_at
    return 100 * (now - start) / (campaign.ends_at - start)


def _at_the_end(campaign):
    if hasattr(campaign, "thanks"):
        return None
    words = _("Thank those who shared: two sentences of what it brought are read gladly.")
    path = reverse("campaigns:campaign-thanks", args=[campaign.slug])
    return Suggestion(words, path, _("Write the thanks"))


def _more_items(campaign, offered):
    words = ngettext(
        "Only %(n)d item can be shared: add a few, so that people have a choice.",
        "Only %(n)d items can be shared: add a few, so that people have a choice.",
        offered,
    ) % {"n": offered}
    return Suggestion(words, reverse("campaigns:content-new"), _("Write an item"))


def _nobody_yet(campaign):
    words = _("Nobody has declared a share yet. Feature one item: it then stands first for all.")
    path = f"{reverse('campaigns:content-list')}?campaign={campaign.slug}"
    return Suggestion(words, path, _("Choose an item"))


def _no_visits(campaign):
    words = _("It is shared, and nobody has clicked yet. Another wording or picture often helps.")
    path = f"{reverse('campaigns:content-list')}?campaign={campaign.slug}"
    return Suggestion(words, path, _("Look at its items"))


def _behind(campaign):
    words = _("It is behind its target. Add an item, or give it two more weeks.")
    return Suggestion(words, campaign.get_absolute_url(), _("Open the campaign"))


def letter(notification: Notification) -> dict | None:
    """As it stands now; None once somebody else answers for it, or it is put away."""
    states = [State.RUNNING, State.PAUSED, State.ENDED]
    mine = Campaign.objects.filter(owner=notification.recipient, state__in=states)
    campaign = mine.select_related("audience").filter(pk=notification.subject_id).first()
    moment = notification.data["moment"]
    if campaign is None or not _fits(campaign, moment):
        return None
    now = timezone.now()
    figures = figures_of(campaign, timezone.localdate(now))
    return _context(campaign, moment, figures, suggestion_for(campaign, moment, figures, now))


def _context(campaign, moment, figures, suggestion):
    report = reverse("campaigns:reach-report") + f"?campaign={campaign.slug}"
    return {
        "campaign": campaign,
        "moment": str(moment),
        "figures": figures,
        "minimum": settings.MINIMUM_GROUP,
        "suggestion": suggestion.words if suggestion else "",
        "url": settings.BASE_URL + (suggestion.path if suggestion else report),
        "label": suggestion.label if suggestion else _("Open the report"),
        "report_url": settings.BASE_URL + report,
    }


@sample(KIND)
def example(reader) -> dict:
    campaign = Campaign.objects.order_by("-starts_at").first() or Campaign(
        name_fr="Venez travailler avec nous", name_en="Come and work with us", slug="example"
    )
    progress = Progress(Campaign.Indicator.VISITS, 412, 1000)
    figures = Figures(412, 57, progress, is_hidden=False)
    return _context(campaign, Moment.MIDDLE, figures, _more_items(campaign, 2))


MILESTONE = announce(
    Kind(
        name=KIND,
        label=gettext_lazy("How a campaign of mine goes: after a day, halfway and at the end"),
        line=gettext_lazy("How “%(title)s” goes: three figures and a suggestion."),
        icon="effect",
        context=letter,
        channels=("email", "bell"),
        perm="campaigns.run_campaign",
    )
)
