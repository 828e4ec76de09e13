"""Campaigns, proposals and drafts of sources that wait too long: reminded of as items are.

They have no column of their own for it: the trail says how far it has come, since they were
handed in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from activity.log import record
from activity.models import Entry
from ambassadors.accounts.models import User
from campaigns.approval.lines import LATE_DAYS, submitted
from campaigns.approval.working import working_days_after
from campaigns.planning.models import Campaign
from campaigns.sources.models import Proposal, Sighting

REMIND_DAYS = 1
REMINDED, ESCALATED = 1, 2
VERBS = {REMINDED: "reminded", ESCALATED: "escalated"}


@dataclass(frozen=True)
class Waiting:
    """subject: what waits, since when, for whoever may do `perm`. campaign: its own, or None.
    by: whose it is; they are never asked to decide on it themselves."""

    subject: Any
    since: datetime
    perm: str
    campaign: Campaign | None
    by: frozenset[int]

    @property
    def name(self) -> str:
        return self.subject._meta.model_name

    def level_at(self, now: datetime) -> int:
        zone = self.campaign.zone if self.campaign else timezone.get_default_timezone()
        if now >= working_days_after(self.since, LATE_DAYS, zone):
            return ESCALATED
        return REMINDED if now >= working_days_after(self.since, REMIND_DAYS, zone) else 0

    def note(self, level: int) -> bool:
        """True, and written down, unless it had come so far before."""
        # The lock: of two runs at once, the second finds what the first has written.
        type(self.subject)._base_manager.select_for_update().get(pk=self.subject.pk)
        done = Entry.objects.filter(
            verb__in=[f"{self.name}.{VERBS[each]}" for each in VERBS if each >= level],
            subject_type=self.subject._meta.label_lower,
            subject_id=str(self.subject.pk),
            at__gte=self.since,
        )
        if done.exists():
            return False
        record(f"{self.name}.{VERBS[level]}", subject=self.subject)
        return True

    def told(self, people: list[User], level: int) -> list[User]:
        """Who may decide; once it is late, administrators and whoever answers for the campaign."""
        others = [person for person in people if person.pk not in self.by]
        if level == REMINDED:
            about = self.subject if self.perm == "campaigns.approve_campaign" else None
            return [person for person in others if person.has_perm(self.perm, about)]
        owner = self.campaign.owner_id if self.campaign else None
        return [p for p in others if p.pk == owner or p.has_perm("campaigns.decide_overdue")]


def newly_due(people: list[User], now: datetime) -> Iterator[tuple[int, Any, list[User]]]:
    """(how far it has come, what waits, who is to be told), each once. Inside a transaction."""
    for waiting in _all_that_waits():
        level = waiting.level_at(now)
        if level and waiting.note(level):
            yield level, waiting.subject, waiting.told(people, level)


def _all_that_waits() -> Iterator[Waiting]:
    # In one order, so that two runs at once wait for each other and do not lock each other out.
    campaigns = list(Campaign.objects.waiting().select_related("owner").order_by("pk"))
    since = submitted(campaigns)
    for campaign in campaigns:
        at = since.get(str(campaign.pk), campaign.created_at)
        own = frozenset(campaign.writer_ids if campaign.four_eyes else [])
        yield Waiting(campaign, at, "campaigns.approve_campaign", campaign, own)
    answer = "campaigns.answer_proposals"
    for proposal in Proposal.objects.waiting().order_by("pk"):
        by = frozenset([proposal.proposer_id])
        yield Waiting(proposal, proposal.created_at, answer, None, by)
    drafts = Sighting.objects.to_answer().select_related("content__campaign")
    for sighting in drafts.order_by("pk"):
        content = sighting.content
        yield Waiting(sighting, content.created_at, answer, content.campaign, frozenset())
