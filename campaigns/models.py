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
from campaigns.home.board import BoardSetting
from campaigns.home.thanks import Thanks
from campaigns.library.models import ContentImport
from campaigns.networks.models import Network
from campaigns.planning.models import Audience, Campaign
from campaigns.reach.mailing import Mailing
from campaigns.reach.models import AudienceCount, HeadCount, PlaceTotal
from campaigns.reach.money import CostPerClick
from campaigns.reach.saved import SavedView
from campaigns.reach.snapshot import Snapshot
from campaigns.sharing.models import Decline, Link, Mute, Plan, Recall, Share, ShortAddress
from campaigns.sources.models import Proposal, Sighting, Source
from campaigns.tracking.models import Click, DayTotal, Horizon, HourTally, Salt, Tally

__all__ = [
    "Audience",
    "AudienceCount",
    "BoardSetting",
    "Campaign",
    "Caption",
    "Claim",
    "Click",
    "ComposerDraft",
    "Content",
    "ContentImport",
    "Conversion",
    "ConversionTally",
    "CostPerClick",
    "Credit",
    "DayTotal",
    "Decline",
    "Findable",
    "Goal",
    "HeadCount",
    "Horizon",
    "HourTally",
    "Link",
    "Mailing",
    "Mute",
    "Network",
    "Phrase",
    "PlaceTotal",
    "Plan",
    "Proposal",
    "Recall",
    "Review",
    "Salt",
    "SavedView",
    "Share",
    "ShortAddress",
    "Sighting",
    "Snapshot",
    "Source",
    "Tally",
    "Thanks",
    "Version",
]
