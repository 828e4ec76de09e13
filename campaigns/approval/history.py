"""What became of an item: each version that was handed in, and what was decided on it."""

from dataclasses import dataclass, field

from campaigns.approval.differences import Difference, between, network_names
from campaigns.content.models import Content, Review, Version


@dataclass
class Chapter:
    """A version, what it changed, and the decisions that followed, oldest first.

    version: None for decisions of before versions were kept. differences: None for the first.
    """

    version: Version | None
    differences: list[Difference] | None = None
    reviews: list[Review] = field(default_factory=list)


def history_of(content: Content) -> list[Chapter]:
    """The whole history of `content`, newest version first. Four queries, however long it is."""
    versions = list(content.versions.select_related("by").order_by("number"))
    names = network_names() if len(versions) > 1 else {}
    chapters = [Chapter(None)]
    for before, version in zip([None, *versions], versions, strict=False):
        changed = before and between(before.words, version.words, names)
        chapters.append(Chapter(version, changed))
    for review in content.reviews.select_related("reviewer", "caption__network").order_by("at"):
        _chapter_of(review, chapters).reviews.append(review)
    return [chapter for chapter in reversed(chapters) if chapter.version or chapter.reviews]


def _chapter_of(review, chapters):
    """The version it was on; a changed text's decision follows the version that was then live."""
    done = [c for c in chapters if c.version is None or c.version.at <= review.at]
    return done[-1]
