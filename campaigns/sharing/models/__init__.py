"""Links, what people did with them, and what became of items that were taken back."""

from campaigns.sharing.models.address import (
    ShortAddress,
    Taken,
    is_personal,
    is_short_address,
    plain_code,
)
from campaigns.sharing.models.decline import Decline
from campaigns.sharing.models.link import ALPHABET, CODE_LENGTH, Link, new_code
from campaigns.sharing.models.mute import Mute
from campaigns.sharing.models.plan import Plan
from campaigns.sharing.models.recall import Recall
from campaigns.sharing.models.share import Share

__all__ = [
    "ALPHABET",
    "CODE_LENGTH",
    "Decline",
    "Link",
    "Mute",
    "Plan",
    "Recall",
    "Share",
    "ShortAddress",
    "Taken",
    "is_personal",
    "is_short_address",
    "new_code",
    "plain_code",
]
