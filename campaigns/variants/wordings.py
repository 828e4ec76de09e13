"""What became of each wording of an item, network by network and language by language."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.reach.suppression import Hidden, hide
from campaigns.sharing.models import Share
from campaigns.tracking.models import Tally
from campaigns.variants.comparing import Arm, best

# Every share is given the same time to be seen, or the older wording wins.
WATCHED = timedelta(days=7)
# A person's own words, whichever they were.
OWN = 0


@dataclass(frozen=True)
class Wording:
    """One text on one network in one language. `hidden`: why its figures are not told, or ""."""

    text: str
    arm: Arm
    hidden: str = ""
    is_best: bool = False

    @property
    def is_own(self) -> bool:
        return not self.text


@dataclass(frozen=True)
class Group:
    """Wordings that may be compared: same network, same language."""

    network: Network
    language: str
    wordings: list[Wording]

    @property
    def best(self) -> Wording | None:
        return next((wording for wording in self.wordings if wording.is_best), None)

    @property
    def comparable(self) -> int:
        """How many may be compared by now."""
        told = [wording for wording in self.wordings if not wording.hidden]
        return sum(wording.arm.is_enough for wording in told)

    @property
    def missing(self) -> int:
        """Shares until a second wording may be compared."""
        told = (wording for wording in self.wordings if not wording.hidden)
        waits = sorted(wording.arm.missing_shares for wording in told)
        return waits[1] if len(waits) > 1 else 0


class Comparison:
    """The wordings of `content` by `now`."""

    def __init__(self, content: Content, now: datetime):
        self.content, self.now = content, now

    @cached_property
    def groups(self) -> list[Group]:
        """Sorted as networks are; a group needs two wordings to be one."""
        places = defaultdict(dict)
        for (network, language, key), arm in self._arms.items():
            places[network, language][key] = arm
        networks = Network.objects.in_bulk({network for network, _language in places})
        groups = [
            self._group(networks[network], language, arms)
            for (network, language), arms in places.items()
            if len(arms) > 1
        ]
        return sorted(groups, key=lambda group: (group.network.position, group.language))

    def _group(self, network, language, arms):
        hidden = {key: self._hidden.get((network.pk, language, key), "") for key in arms}
        told = [key for key in arms if not hidden[key]]
        winner = best([arms[key] for key in told])
        won = None if winner is None else told[winner]
        wordings = [
            Wording(self._texts.get(key, ""), arm, hidden[key], is_best=key == won)
            for key, arm in arms.items()
        ]
        # Sorted by what they brought only where that is told.
        return Group(
            network, language, sorted(wordings, key=lambda one: (one.hidden, -one.arm.mean))
        )

    @cached_property
    def _texts(self):
        return dict(self.content.captions.values_list("pk", "text"))

    @cached_property
    def _shares(self):
        """{link: its declared shares, oldest first}, each old enough to have been watched."""
        shares = (
            Share.objects.declared()
            .filter(link__content=self.content, declared_at__lte=self.now - WATCHED)
            .exclude(link__ambassador=None)
            .select_related("link", "caption")
            .order_by("declared_at")
        )
        by_link = defaultdict(list)
        for share in shares:
            by_link[share.link].append(share)
        return by_link

    @cached_property
    def _told(self):
        """[(place, link, its shares)] of links that carried one wording."""
        found = []
        for link, shares in self._shares.items():
            keys = {self._key(share) for share in shares}
            if len(keys) == 1 and None not in keys:
                language = self._language(shares[0])
                place = (link.network_id, language, keys.pop())
                found.append((place, link, shares))
        return found

    @staticmethod
    def _key(share):
        """The text it carried; None when that text has been rewritten since."""
        if share.is_own_words or share.caption is None:
            return OWN
        return share.caption_id if share.caption.changed_at <= share.declared_at else None

    def _language(self, share):
        return share.caption.language if share.caption else self.content.language

    @property
    def left_out(self) -> int:
        """Links that carried several wordings, or one that was rewritten: nobody can tell which."""
        return len(self._shares) - len(self._told)

    @cached_property
    def _visits(self):
        """{link: {day: visits by people}}"""
        tallies = Tally.objects.human().filter(content=self.content).values("link", "day")
        by_link = defaultdict(dict)
        for row in tallies.annotate(visits=Sum("clicks")):
            by_link[row["link"]][row["day"]] = row["visits"]
        return by_link

    @cached_property
    def _people(self):
        """{place: {ambassador: [visits, shares]}}"""
        places = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for place, link, shares in self._told:
            days = self._watched_days(shares)
            seen = self._visits.get(link.pk, {})
            person = places[place][link.ambassador_id]
            person[0] += sum(visits for day, visits in seen.items() if day in days)
            person[1] += len(shares)
        return places

    @staticmethod
    def _watched_days(shares):
        first_days = (timezone.localdate(share.declared_at) for share in shares)
        return {day + timedelta(days=n) for day in first_days for n in range(WATCHED.days)}

    @cached_property
    def _arms(self):
        return {place: Arm.of(people.values()) for place, people in sorted(self._people.items())}

    @cached_property
    def _hidden(self) -> Hidden:
        """The item's totals are told elsewhere: a small arm is hidden among others."""
        sizes = {place: len(people) for place, people in self._people.items()}
        return hide(sizes, settings.MINIMUM_GROUP, together=self._together)

    def _together(self, places):
        return len({person for place in places for person in self._people[place]})
