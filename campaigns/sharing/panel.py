"""What the share panel shows: one network, a few wordings, the text, and how it will look."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import regex
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import SAMPLE_LINK, Caption, Content, Phrase
from campaigns.networks import composer, counting
from campaigns.networks.models import Network
from campaigns.sharing.actions import post_text, same_words
from campaigns.sharing.lots import lot
from campaigns.sharing.models import Decline, Link, Plan, Share
from campaigns.sharing.moments import suggested_moments
from campaigns.sharing.wordings import TENTH, Use, uses_of, words_of

SHOWN = 3
# From this many colleagues on, the panel says how many carried a wording; below it, that is
# nobody's business.
COMMON = settings.MINIMUM_GROUP
SHORT = 140


@dataclass
class Wording:
    """A suggested text, as the panel offers it."""

    caption: Caption
    use: Use

    @property
    def text(self):
        return self.caption.text

    @property
    def label(self):
        if "?" in self.text:
            return _("Question")
        return _("Short") if len(self.text) <= SHORT else _("Longer")

    @property
    def used(self):
        """By how many colleagues, as they stand; never said below COMMON."""
        return self.use.colleagues

    @property
    def is_common(self):
        return self.used >= COMMON


@dataclass
class Panel:
    """Asked for: which network, language and wording, and the person's own words if any.

    words: None while the person has not changed the suggestion. turn: how many times they asked
    for other wordings.
    """

    content: Content
    ambassador: Ambassador
    asked_network: Network | None = None
    asked_language: str = ""
    asked_caption: int | None = None
    words: str | None = None
    turn: int = 0
    instance: str = ""

    @cached_property
    def networks(self):
        """Where this item may be shared, the person's own first."""
        allowed = {network.pk for network in self.content.networks.all()}
        known = list(Network.objects.known_to(self.ambassador))
        # An item whose every network was switched off since can still go anywhere else.
        return [network for network in known if network.pk in allowed] or known

    @cached_property
    def network(self):
        if self.asked_network in self.networks:
            return self.asked_network
        return next((n for n in self.networks if n.pk == self._last_network), self.networks[0])

    @cached_property
    def _last_network(self):
        mine = Share.objects.by(self.ambassador).filter(link__network__slug__in=self.my_slugs)
        return mine.values_list("link__network", flat=True).first()

    @property
    def my_slugs(self):
        return self.ambassador.networks or ["linkedin"]

    @cached_property
    def captions(self):
        """Every approved caption of the item, but those whose words were ruled out since."""
        phrases = Phrase.objects.all()
        approved = self.content.captions.approved().select_related("network")
        return [caption for caption in approved if not phrases.found_in(caption.text)]

    @cached_property
    def _uses(self):
        return uses_of(self.content, but=self.ambassador)

    @cached_property
    def languages(self):
        """The languages there are words in; the item's own when nobody wrote any."""
        written = {caption.language for caption in self.captions} or {self.content.language}
        return [code for code, _name in settings.LANGUAGES if code in written]

    @cached_property
    def language(self):
        for wanted in (self.asked_language, get_language(), self.content.language):
            if wanted in self.languages:
                return wanted
        return self.languages[0]

    @cached_property
    def wordings(self):
        """All that can be offered here, least carried first: what was written for the network,
        else what was written for others, what fits before what does not.

        Where several are carried as little, each person begins with another one; so a launch, when
        nothing is carried yet, spreads as well as a month later.
        """
        mine = [caption for caption in self.captions if caption.language == self.language]
        own = [caption for caption in mine if caption.network_id == self.network.pk]
        texts = {words_of(caption.text): caption for caption in own or mine}
        uses = {words: self._uses.get(words, Use()) for words in texts}
        wordings = [Wording(texts[words], uses[words]) for words in texts]
        start = lot(self.ambassador.pk, f"wording:{self.content.pk}", max(len(wordings), 1))
        least = min((use.load for use in uses.values()), default=0)
        return sorted(
            wordings[start:] + wordings[:start],
            key=lambda one: (self._excess_of(one.text) > 0, int(one.use.load - least)),
        )

    @property
    def is_scarce(self):
        """So few texts that some carry more than a tenth of the shares, however they are served."""
        return self.texts < 1 / TENTH and sum(u.declared for u in self._uses.values()) >= COMMON

    @property
    def texts(self):
        """How many different ones the item has, on all networks and in all languages."""
        return len({words_of(caption.text) for caption in self.captions})

    def _excess_of(self, text):
        return max(0, -(self._left(text) or 0))

    def _left(self, text):
        post = post_text(self.content, language=self.language, text=text, by=self.ambassador)
        return counting.remaining(composer.full_text(self.network, post, SAMPLE_LINK), self.network)

    @cached_property
    def offered(self):
        """The wordings of this turn, three at most."""
        start = self.turn * SHOWN % max(len(self.wordings), 1)
        return self.wordings[start : start + SHOWN]

    @property
    def has_others(self):
        return len(self.wordings) > SHOWN

    @property
    def next_turn(self):
        return self.turn + 1

    @cached_property
    def caption(self):
        """The wording the text begins with, or None when there is none."""
        known = {wording.caption.pk: wording.caption for wording in self.wordings}
        if self.asked_caption in known:
            return known[self.asked_caption]
        return self.offered[0].caption if self.offered else None

    @property
    def suggestion(self):
        return self.caption.text if self.caption else ""

    @cached_property
    def text(self):
        """What stands in the box: the person's own words once there are any."""
        return self.suggestion if self.words is None else self.words

    @property
    def is_own_words(self):
        return not same_words(self.text, self.suggestion)

    # --- As it will look -----------------------------------------------------------------------

    @property
    def host(self):
        """Where the page is, as a network's card says it."""
        return (urlsplit(self.content.url).hostname or "").removeprefix("www.")

    @property
    def disclosure(self):
        return self.content.disclosure_for(self.ambassador.user, self.language)

    @cached_property
    def post(self):
        return post_text(self.content, language=self.language, text=self.text, by=self.ambassador)

    @cached_property
    def after(self):
        """What the network counts after the words: the link, where it stands in the text."""
        return composer.full_text(self.network, "", SAMPLE_LINK)

    @cached_property
    def length(self):
        return counting.length(self.post + self.after, self.network)

    @property
    def limit(self):
        return counting.limit(self.network)

    @cached_property
    def left(self):
        return None if self.limit is None else self.limit - self.length

    @property
    def excess(self):
        return max(0, -(self.left or 0))

    @cached_property
    def _end(self):
        """Where the post stops fitting, the link's own cost taken off."""
        if not self.excess:
            return len(self.post)
        room = self.limit - (self.length - counting.length(self.post, self.network))
        tight = Network(
            counting=self.network.counting, url_cost=self.network.url_cost, text_limit=max(room, 0)
        )
        return counting.fitting(self.post, tight)

    @property
    def fitting(self):
        """The part that fits; where the network folds, the part that is seen at once."""
        return self.post[: self._fold] if self.is_folded else self.post[: self._end]

    @property
    def beyond(self):
        """The part that is too much, to be marked."""
        return self.post[self._end :]

    @property
    def is_folded(self):
        return not self.excess and self._fold < len(self.post)

    @cached_property
    def _fold(self):
        if not self.network.fold:
            return len(self.post)
        shown = regex.match(rf"\X{{0,{self.network.fold}}}", self.post)
        return shown.end() if shown else 0

    @property
    def link_in_text(self):
        """The link as people will read it, where it stands in the text itself."""
        if self.after.startswith("\n"):
            return self.link.url if self.link else f"{settings.LINK_BASE_URL}/…"
        return ""

    @cached_property
    def claims(self):
        """What the item says is so, and where that is written."""
        return list(self.content.claims.all())

    # --- Another day, or not at all ------------------------------------------------------------

    @cached_property
    def plan(self):
        """The reminder to come, or None."""
        mine = Plan.objects.to_come().filter(ambassador=self.ambassador, content=self.content)
        return mine.select_related("network").first()

    @property
    def until(self):
        """When it can no longer be shared."""
        return min(filter(None, [self.content.expires_at, self.content.campaign.ends_at]))

    @cached_property
    def moments(self):
        """When to be reminded, if not now."""
        return suggested_moments(
            self.ambassador.pk,
            self.content.pk,
            now=timezone.localtime(),
            until=self.until,
        )

    @cached_property
    def decline(self):
        """Their "not for me", or None."""
        return Decline.objects.filter(ambassador=self.ambassador, content=self.content).first()

    @cached_property
    def link(self):
        """The person's link to this item on this network, once they have shared it there."""
        return Link.objects.filter(
            ambassador=self.ambassador, content=self.content, network=self.network
        ).first()

    @cached_property
    def waiting(self):
        """The share of this item that was opened and not answered, on whichever network."""
        mine = Share.objects.by(self.ambassador).unanswered().filter(link__content=self.content)
        return mine.select_related("link__network", "link__content").first()
