"""An item, its suggested texts, and what was decided on them."""

from campaigns.content.models.caption import SAMPLE_LINK, Caption, TooManyVariants, opened_by
from campaigns.content.models.claim import Claim
from campaigns.content.models.composing import ComposerDraft
from campaigns.content.models.findable import Findable
from campaigns.content.models.item import (
    ChangedMeanwhile,
    Content,
    ContentQuerySet,
    OutOfDate,
    TextTooLong,
    in_sixty_days,
)
from campaigns.content.models.phrase import Forbidden, Phrase, check_words, objections
from campaigns.content.models.review import Review, snapshot
from campaigns.content.models.version import Version
from campaigns.planning.models import NotApprover, NoteMissing, OwnApproval, WrongState

__all__ = [
    "SAMPLE_LINK",
    "Caption",
    "ChangedMeanwhile",
    "Claim",
    "ComposerDraft",
    "Content",
    "ContentQuerySet",
    "Findable",
    "Forbidden",
    "NotApprover",
    "NoteMissing",
    "OutOfDate",
    "OwnApproval",
    "Phrase",
    "Review",
    "TextTooLong",
    "TooManyVariants",
    "Version",
    "WrongState",
    "check_words",
    "in_sixty_days",
    "objections",
    "opened_by",
    "snapshot",
]
