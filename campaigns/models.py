"""Hub: a slice's models exist for Django only when they are named here."""

from campaigns.content.models import Caption, Content, Review
from campaigns.networks.models import Network
from campaigns.planning.models import Audience, Campaign
from campaigns.reach.models import HeadCount
from campaigns.sharing.models import Link, Share
from campaigns.tracking.models import Click, Salt, Tally

__all__ = [
    "Audience",
    "Campaign",
    "Caption",
    "Click",
    "Content",
    "HeadCount",
    "Link",
    "Network",
    "Review",
    "Salt",
    "Share",
    "Tally",
]
