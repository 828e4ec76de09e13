"""A source, an article it has shown, and a page a member has proposed."""

from campaigns.sources.models.proposal import (
    MOST_IN_A_WEEK,
    AlreadyProposed,
    Proposal,
    TooManyProposals,
)
from campaigns.sources.models.sighting import InTheLibrary, Sighting
from campaigns.sources.models.source import Source

__all__ = [
    "MOST_IN_A_WEEK",
    "AlreadyProposed",
    "InTheLibrary",
    "Proposal",
    "Sighting",
    "Source",
    "TooManyProposals",
]
