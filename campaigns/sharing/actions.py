"""What a person does with an item: share it, be reminded of it, or say that it is not theirs."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import SAMPLE_LINK, Caption, Content, check_words, opened_by
from campaigns.networks import composer, counting
from campaigns.networks.models import Network
from campaigns.sharing.models import Decline, Link, Plan, Share


class TooLong(Exception):
    """The post would not fit. `excess` is by how much, in the network's own unit."""

    def __init__(self, excess):
        super().__init__(excess)
        self.excess = excess


def post_text(content: Content, *, language: str, text: str, by: Ambassador | None = None) -> str:
    """What `by` is to post: the disclosure line first, whatever became of the rest."""
    line = disclosure(content, language=language, by=by)
    words = text.replace("\r\n", "\n").strip()
    # Somebody who typed the line again, or pasted a whole post, does not say it twice.
    return opened_by(line, words.removeprefix(line).lstrip() if line else words)


def disclosure(content: Content, *, language: str, by: Ambassador | None = None) -> str:
    """The line a post opens with; an employee's, unless it is said who posts."""
    return content.disclosure_for(by.user, language) if by else content.disclosure(language)


def remaining(network: Network, post: str) -> int | None:
    """What is left of the network's limit once its link is in; None where there is no limit."""
    return counting.remaining(composer.full_text(network, post, SAMPLE_LINK), network)


@transaction.atomic
def open_share(
    content: Content,
    *,
    by: Ambassador,
    network: Network,
    language: str,
    text: str,
    caption: Caption | None = None,
) -> Share:
    """Notes that `by` opens `network`'s composer with `text` about `content`.

    text: the person's words, without the disclosure line (post_text() puts it first). caption: the
    suggestion they began with. Opening again before answering is the same Share. Raises TooLong,
    Forbidden for words that must not go out.
    """
    post = post_text(content, language=language, text=text, by=by)
    left = remaining(network, post)
    if left is not None and left < 0:
        raise TooLong(-left)
    check_words(text, url=content.url)
    link, _created = Link.objects.get_or_create(ambassador=by, content=content, network=network)
    share, _created = Share.objects.update_or_create(
        link=link,
        declared_at=None,
        dismissed_at=None,
        defaults={
            "caption": caption,
            "is_own_words": caption is None or not same_words(text, caption.text),
            "disclosure": disclosure(content, language=language, by=by),
            "opened_at": timezone.now(),
        },
    )
    # Whoever shares it after all has changed their mind.
    take_back_decline(content, by=by)
    if by.next_step == Ambassador.Step.FIRST_SHARE:
        by.skip(Ambassador.Step.FIRST_SHARE)
    return share


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ by nothing but spaces and line ends."""
    return one.split() == other.split()


@transaction.atomic
def decline(content: Content, *, by: Ambassador, reason: str) -> Decline:
    """ "Not for me": `content` leaves the person's feed, suggestions, digest and reminders.

    reason: a Decline.Reason. Said again, the last reason holds. Nothing else follows from it.
    """
    Share.objects.by(by).unanswered().filter(link__content=content).update(
        dismissed_at=timezone.now()
    )
    Plan.objects.to_come().filter(ambassador=by, content=content).delete()
    declined, _created = Decline.objects.update_or_create(
        content=content, ambassador=by, defaults={"reason": reason, "at": timezone.now()}
    )
    return declined


def take_back_decline(content: Content, *, by: Ambassador) -> None:
    Decline.objects.filter(content=content, ambassador=by).delete()


def plan(
    content: Content,
    *,
    by: Ambassador,
    network: Network,
    at: datetime,
    language: str = "",
    caption: Caption | None = None,
    words: str = "",
) -> Plan:
    """Has `by` reminded of `content` at `at`; an earlier wish for the same item gives way.

    language, caption, words: how the panel stood; `words` is blank where they are the caption's.
    """
    wanted = {"network": network, "at": at, "language": language, "caption": caption}
    planned, _created = Plan.objects.update_or_create(
        ambassador=by, content=content, reminded_at=None, defaults=wanted | {"words": words}
    )
    return planned
