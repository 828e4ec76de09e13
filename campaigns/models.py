"""Hub: a slice's models exist for Django only when they are named here."""

from campaigns.content.models import (
    Caption,
    Claim,
    ComposerDraft,
    Content,
    Findable,
    Phrase,
    Review,
    Version,
)
from campaigns.conversions.models import Conversion, ConversionTally, Credit, Goal
from campaigns.library.models import ContentImport
from campaigns.networks.models import Network
from campaigns.planning.models import Audience, Campaign
from campaigns.reach.models import HeadCount
from campaigns.sharing.models import Decline, Link, Plan, Recall, Share, ShortAddress
from campaigns.sources.models import Proposal, Sighting, Source
from campaigns.tracking.models import Click, DayTotal, Horizon, HourTally, Salt, Tally

__all__ = [
    "Audience",
    "Campaign",
    "Caption",
    "Claim",
    "Click",
    "ComposerDraft",
    "Content",
    "ContentImport",
    "Conversion",
    "ConversionTally",
    "Credit",
    "DayTotal",
    "Decline",
    "Findable",
    "Goal",
    "HeadCount",
    "Horizon",
    "HourTally",
    "Link",
    "Network",
    "Phrase",
    "Plan",
    "Proposal",
    "Recall",
    "Review",
    "Salt",
    "Share",
    "ShortAddress",
    "Sighting",
    "Source",
    "Tally",
    "Version",
]
