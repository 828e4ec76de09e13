"""Hub: a slice's models exist for Django only when they are named here."""

from campaigns.content.models import Caption, Content, Review
from campaigns.networks.models import Network
from campaigns.planning.models import Audience, Campaign
from campaigns.sharing.models import Link, Share

__all__ = [
    "Audience",
    "Campaign",
    "Caption",
    "Content",
    "Link",
    "Network",
    "Review",
    "Share",
]
