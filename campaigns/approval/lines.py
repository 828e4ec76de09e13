"""What waits for somebody's word, of whatever kind, as the lines of one queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from activity.models import Entry
from campaigns.approval.working import working_days_after
from campaigns.content.models import Caption, Content
from campaigns.planning.models import Campaign
from campaigns.sources.models import Proposal, Sighting

# From then on it is late, and says so.
LATE_DAYS = 3


class Kind(models.TextChoices):
    """By the names of the models, as in the addresses of lines."""

    ITEM = "content", pgettext_lazy("queue", "Items")
    TEXT = "caption", pgettext_lazy("queue", "Changed texts")
    CAMPAIGN = "campaign", pgettext_lazy("queue", "Campaigns")
    PROPOSAL = "proposal", pgettext_lazy("queue", "Proposals")
    DRAFT = "sighting", pgettext_lazy("queue", "From sources")


@dataclass(frozen=True)
class Line:
    """A line of the queue.

    may_decide: whether its next move belongs to the person looking. is_own: they wrote it.
    """

    subject: Any
    may_decide: bool
    is_own: bool

    kind: ClassVar[Kind]
    icon: ClassVar[str]
    # How the names of its addresses begin.
    urls: ClassVar[str] = ""
    # What is decided on: kept where the page and its links speak of an item.
    content: ClassVar[Content | None] = None
    caption: ClassVar[Caption | None] = None
    version: ClassVar[str] = ""
    expires_at: ClassVar[Any] = None
    tally: ClassVar[dict] = {}
    obstacle: ClassVar[str] = ""

    @property
    def key(self):
        return f"{self.kind}-{self.subject.pk}"

    @property
    def template(self):
        return f"campaigns/_approval_{self.kind}.html"

    @property
    def language(self):
        """Of the title, where it is known and may not be the reader's."""
        return ""

    @property
    def is_late(self):
        zone = self.campaign.zone if self.campaign else timezone.get_default_timezone()
        return timezone.now() >= working_days_after(self.since, LATE_DAYS, zone)

    @property
    def age(self):
        return age(timezone.now() - self.since)

    @property
    def told(self):
        """What has been done about its age: reminded, escalated; empty for nothing yet."""
        return ""

    @property
    def waited(self):
        """Its age, and what has been done about it."""
        return f"{self.age}, {self.told}" if self.told else self.age

    def path_to(self, deed):
        return reverse(f"campaigns:{self.urls}{self.kind}-{deed}", args=[self.subject.pk])


@dataclass(frozen=True)
class ForApproval(Line):
    """What is approved, or sent back with a note."""

    @property
    def approve_path(self):
        return self.path_to("approve")

    @property
    def request_path(self):
        return self.path_to("request-changes")


@dataclass(frozen=True)
class Words(ForApproval):
    """An item, or one changed text of it: perhaps several people have to agree.

    may_object: whether they may still send it back, having agreed or not.
    """

    may_object: bool

    @property
    def since(self):
        return self.subject.handed_in_at

    @property
    def version(self):
        """What an approval names, so that nothing is approved unread."""
        return self.since.isoformat()

    @property
    def seal(self):
        """Which of the lines, and which version of it."""
        return f"{self.key}@{self.version}"

    @property
    def campaign(self):
        return self.subject.campaign

    @property
    def title(self):
        return self.content.title

    @property
    def language(self):
        return self.content.language

    @property
    def expires_at(self):
        return self.content.expires_at

    @property
    def told(self):
        if self.subject.is_escalated:
            return pgettext("queue", "escalated")
        return pgettext("queue", "reminded") if self.subject.is_reminded else ""

    @property
    def tally(self):
        """How many have agreed, where several are asked; empty otherwise."""
        return self.subject.tally if self.subject.asked else {}

    @property
    def missing(self):
        return self.subject.missing

    @property
    def settles_alone(self):
        return self.may_decide and self.subject.is_escalated and bool(self.missing)

    @property
    def obstacle(self):
        """Why somebody else decides, as a sentence; empty where they may."""
        if self.may_decide:
            return ""
        if self.may_object:
            names = ", ".join(map(str, self.missing))
            return _("You have approved it. Still to come: %(names)s.") % {"names": names}
        if self.is_own and self.campaign.four_eyes:
            return self.own_words
        names = ", ".join(map(str, self.campaign.approvers.all()))
        return _("Its campaign asks somebody else to decide: %(names)s.") % {"names": names}


@dataclass(frozen=True)
class ItemLine(Words):
    kind, icon = Kind.ITEM, "file"

    @property
    def name(self):
        return _("Item")

    @property
    def content(self):
        return self.subject

    @property
    def writer(self):
        return self.subject.changed_by

    @property
    def own_words(self):
        return _("You wrote it, or changed it last: somebody else approves it.")


@dataclass(frozen=True)
class TextLine(Words):
    kind, icon = Kind.TEXT, "message"

    @property
    def name(self):
        return _("Changed text")

    @property
    def content(self):
        return self.subject.content

    @property
    def caption(self):
        return self.subject

    @property
    def writer(self):
        return self.subject.writer

    @property
    def own_words(self):
        return _("You wrote these words: somebody else approves them.")


@dataclass(frozen=True)
class CampaignLine(ForApproval):
    kind, icon, urls = Kind.CAMPAIGN, "campaign", "approval-"
    since: Any

    @property
    def name(self):
        return _("Campaign")

    @property
    def campaign(self):
        return self.subject

    @property
    def title(self):
        return self.subject.name

    @property
    def writer(self):
        return self.subject.owner

    @property
    def expires_at(self):
        return self.subject.ends_at

    @property
    def obstacle(self):
        if self.may_decide:
            return ""
        return _("You answer for it, or changed it last: somebody else approves it.")


@dataclass(frozen=True)
class ForAnswer(Line):
    """What is taken up as a draft, or declined in a sentence."""

    @property
    def approve_path(self):
        return self.path_to("take-up")

    @property
    def request_path(self):
        return self.path_to("decline")


@dataclass(frozen=True)
class ProposalLine(ForAnswer):
    kind, icon = Kind.PROPOSAL, "idea"
    campaign = None

    @property
    def name(self):
        return _("Proposal")

    @property
    def since(self):
        return self.subject.created_at

    @property
    def title(self):
        return self.subject.title or self.subject.url

    @property
    def writer(self):
        return self.subject.proposer

    @property
    def language(self):
        return self.subject.proposer.language


@dataclass(frozen=True)
class DraftLine(ForAnswer):
    kind, icon = Kind.DRAFT, "globe"

    @property
    def name(self):
        return _("Draft from a source")

    @property
    def content(self):
        return self.subject.content

    @property
    def since(self):
        # When it came in, not when the source first showed it.
        return self.subject.content.created_at

    @property
    def campaign(self):
        return self.subject.content.campaign

    @property
    def title(self):
        return self.subject.content.title

    @property
    def language(self):
        return self.subject.content.language

    @property
    def expires_at(self):
        return self.subject.content.expires_at

    @property
    def writer(self):
        return self.subject.source.owner


def age(passed: timedelta) -> str:
    """How long somebody has been waiting, in one unit."""
    hours = int(passed.total_seconds() // 3600)
    if hours < 1:
        return _("under an hour")
    if hours < 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


def queue_for(user) -> list[Line]:
    """All that waits, oldest first, whoever may decide on it. The same queries at any length."""
    lines = [
        *_words(user, ItemLine, waiting_items().overseen_by(user)),
        *_words(user, TextLine, waiting_texts().overseen_by(user)),
        *_campaigns(user),
        *_proposals(user),
        *_drafts(user),
    ]
    return sorted(lines, key=lambda line: line.since)


def waiting_items():
    """Items in review, with all that says who may decide on them."""
    contents = Content.objects.waiting().select_related("campaign", "author", "changed_by")
    return contents.prefetch_related(
        "captions__network", "claims", "reviews", "campaign__approvers"
    )


def waiting_texts():
    """The same of changed texts of live items."""
    captions = Caption.objects.waiting().select_related(
        "content__campaign", "content__author", "content__changed_by", "network", "writer"
    )
    return captions.prefetch_related("reviews", "content__campaign__approvers")


def _words(user, line, subjects):
    for subject in subjects:
        yield line(
            subject,
            may_decide=subject.has_to_decide(user),
            is_own=user.pk in subject.writer_ids,
            may_object=user.has_perm("campaigns.approve_content", subject),
        )


def _campaigns(user):
    waiting = Campaign.objects.overseen_by(user).waiting()
    campaigns = list(waiting.select_related("owner"))
    since = submitted(campaigns)
    for campaign in campaigns:
        yield CampaignLine(
            campaign,
            may_decide=user.has_perm("campaigns.approve_campaign", campaign),
            is_own=user.pk in campaign.writer_ids,
            since=since.get(str(campaign.pk), campaign.created_at),
        )


def submitted(campaigns: list[Campaign]) -> dict[str, datetime]:
    """{key: when it was submitted last}: the trail says so."""
    entries = Entry.objects.filter(
        verb="campaign.in_review",
        subject_type=Campaign._meta.label_lower,
        subject_id__in=[str(campaign.pk) for campaign in campaigns],
    )
    return dict(entries.order_by("id").values_list("subject_id", "at"))


def _proposals(user):
    if not user.has_perm("campaigns.answer_proposals"):
        return
    for proposal in Proposal.objects.waiting().select_related("proposer"):
        yield ProposalLine(proposal, may_decide=True, is_own=proposal.proposer_id == user.pk)


def _drafts(user):
    if not user.has_perm("campaigns.answer_proposals"):
        return
    found = Sighting.objects.to_answer().select_related("content__campaign", "source__owner")
    for sighting in found.prefetch_related("content__captions"):
        is_own = sighting.source.owner_id == user.pk
        yield DraftLine(sighting, may_decide=True, is_own=is_own)
