"""The same-words guard: how often each wording was carried, so that none is carried too often.

Readers see the same words twice whatever network they stand on, so a wording is its text: two
captions that say the same are one. A post counts when it went out with exactly our words; with a
line of somebody's own it is theirs.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.sharing.models import Share

# No wording should be carried by more than this part of an item's shares.
TENTH = 0.1
# A composer opened today may still become a post: on the morning of a launch it is all there is.
FRESH = timedelta(days=1)
OPENED = 0.5


@dataclass
class Use:
    """What became of one text. declared, colleagues, opened: posts, people, composers of today."""

    declared: int = 0
    colleagues: int = 0
    opened: int = 0

    @property
    def load(self) -> float:
        return self.declared + OPENED * self.opened


def words_of(text: str) -> str:
    """The same for two texts that differ by nothing but spaces and line ends."""
    return " ".join(text.split())


def uses_of(content: Content, *, but: Ambassador | None = None) -> dict[str, Use]:
    """{words: Use} of an item's suggested texts, on all networks and in all languages. One query.

    but: whose own shares are left out, so that their panel does not shift under their hands.
    """
    shares = Share.objects.filter(link__content=content, caption__isnull=False, is_own_words=False)
    if but:
        shares = shares.filter(~Q(link__ambassador=but))
    declared = Q(declared_at__isnull=False)
    lately = Q(declared_at=None, dismissed_at=None, opened_at__gt=timezone.now() - FRESH)
    counted = (
        shares.order_by()
        .values("caption__text")
        .annotate(
            posts=Count("pk", filter=declared),
            people=Count("link__ambassador", filter=declared, distinct=True),
            opened=Count("pk", filter=lately),
        )
    )
    uses = defaultdict(Use)
    for row in counted:
        use = uses[words_of(row["caption__text"])]
        use.declared += row["posts"]
        use.colleagues += row["people"]
        use.opened += row["opened"]
    return uses


@dataclass(frozen=True)
class Spread:
    """How an item's texts share the posts: for those who write them.

    texts: how many different ones are offered. posts: how many went out with our words. most: the
    part the most carried one has, from 0 to 1.
    """

    texts: int
    posts: int
    most: float

    @property
    def is_narrow(self):
        """Too few texts for none to carry more than a tenth."""
        return self.texts < 1 / TENTH and self.most > TENTH

    @property
    def percent(self):
        return round(100 * self.most)


def spread_of(content: Content) -> Spread:
    texts = {words_of(text) for text in content.captions.approved().values_list("text", flat=True)}
    posts = [use.declared for use in uses_of(content).values()]
    return Spread(len(texts), sum(posts), max(posts, default=0) / max(sum(posts), 1))
