"""An item, its suggested texts, and what was decided on them."""

from campaigns.content.models.caption import SAMPLE_LINK, Caption, TooManyVariants, opened_by
from campaigns.content.models.claim import Claim
from campaigns.content.models.item import Content, ContentQuerySet, TextTooLong, in_sixty_days
from campaigns.content.models.phrase import Phrase
from campaigns.content.models.review import Review, snapshot
from campaigns.content.models.version import Version
from campaigns.planning.models import NotApprover, NoteMissing, OwnApproval, WrongState

__all__ = [
    "SAMPLE_LINK",
    "Caption",
    "Claim",
    "Content",
    "ContentQuerySet",
    "NotApprover",
    "NoteMissing",
    "OwnApproval",
    "Phrase",
    "Review",
    "TextTooLong",
    "TooManyVariants",
    "Version",
    "WrongState",
    "in_sixty_days",
    "opened_by",
    "snapshot",
]
