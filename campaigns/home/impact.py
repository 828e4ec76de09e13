"""A person's own effect over the last thirty days, and every share with what it brought."""

from datetime import timedelta
from functools import cached_property

from django.db.models import Count, Sum
from django.utils.translation import get_language

from ambassadors.enrolment.models import Ambassador
from campaigns.home.effect import Effect, bars, links_of, today, visits_by
from campaigns.home.thanks import Thanks
from campaigns.networks.models import Network
from campaigns.sharing.models import Plan, Share
from campaigns.tracking.models import Tally

DAYS = 30
SHOWN = 50
SHOWN_THANKS = 3
# With fewer, one post that happened to travel would say it all.
FEW_POSTS = 3


class Impact:
    def __init__(self, ambassador: Ambassador):
        self.ambassador = ambassador
        self.last = today()
        self.first = self.last - timedelta(days=DAYS - 1)
        self.effect = Effect(ambassador, self.first, self.last)

    @cached_property
    def _tallies(self):
        human = Tally.objects.human().between(self.first, self.last)
        return human.filter(ambassador=self.ambassador)

    @cached_property
    def _declared(self):
        declared = Share.objects.by(self.ambassador).declared()
        return declared.filter(declared_at__date__gte=self.first)

    @cached_property
    def declared(self):
        """How many posts the person said are live, in the same thirty days."""
        return self._declared.count()

    @cached_property
    def per_share(self):
        """Visits that these posts brought, for one of them; None while they are few.

        Of the same posts above and below the line: an older one may still bring visits.
        """
        if self.declared < FEW_POSTS:
            return None
        mine = self._tallies.filter(link__in=self._declared.values("link"))
        return mine.aggregate(n=Sum("clicks", default=0))["n"] / self.declared

    @cached_property
    def thanks(self):
        return list(Thanks.objects.to(self.ambassador)[:SHOWN_THANKS])

    @cached_property
    def links(self):
        return list(links_of(self.ambassador)[:SHOWN])

    @cached_property
    def plans(self):
        """The reminders to come, soonest first."""
        mine = Plan.objects.to_come().filter(ambassador=self.ambassador)
        return list(mine.select_related("content", "network")[:SHOWN])

    @cached_property
    def by_network(self):
        rows = visits_by(self._tallies, "network")
        names = Network.objects.in_bulk([row["network"] for row in rows])
        return _measured([(str(names[row["network"]]), row["n"]) for row in rows])

    @cached_property
    def by_topic(self):
        """An item on two topics counts for both: these do not add up to the total."""
        fields = ("content__topics", "content__topics__name", "content__topics__name_en")
        rows = visits_by(self._tallies.exclude(content__topics=None), *fields)
        bars = _measured([(_in_own_language(row, *fields[1:]), row["n"]) for row in rows])
        posts = [self._posts_by_topic.get(row["content__topics"], 0) for row in rows]
        return [(*bar, n, n < FEW_POSTS) for bar, n in zip(bars, posts, strict=True)]

    @property
    def topics_are_few(self):
        """Whether any of them stands on so few posts that it may be chance."""
        return any(are_few for *_bar, are_few in self.by_topic)

    @cached_property
    def _posts_by_topic(self):
        rows = self._declared.values_list("link__content__topics").annotate(n=Count("pk"))
        return dict(rows.order_by())

    def bars(self):
        return bars(self.effect.days, width=800, height=120, top=18, gap=6)

    def narrow_bars(self):
        return bars(self.effect.days, width=330, height=120, top=18, gap=3)


def _in_own_language(row, french, english):
    return row[english] if row[english] and get_language() == "en" else row[french]


def _measured(rows):
    """(label, visits, per cent of the most), ready to be drawn."""
    most = max((visits for _label, visits in rows), default=0)
    return [(label, visits, round(100 * visits / most) if most else 0) for label, visits in rows]
