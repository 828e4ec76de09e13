"""The feed: what is meant for a person, narrowed by filters that live in the address.

One page costs the same twelve queries whatever the size of the library: each reads rows that an
index hands over in the order they are shown, and stops. Nothing is counted, nothing is joined to
be thrown away.
"""

from datetime import datetime, timedelta
from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.models import Entry
from ambassadors.accounts.models import User
from ambassadors.enrolment.models import Ambassador, Topic
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Recall, Share
from campaigns.sharing.suggestions import A_WEEK, not_declined_by, of_interest_to, suggested_to
from campaigns.tracking.models import Tally

PAGE = 10
MOST = 200
# However many campaigns run: whoever reads the feed must not read nothing else.
FEATURED = 5
EVERYTHING = "all"
RECALLED_FOR = timedelta(days=60)
ALL = pgettext_lazy("filter", "All")
ABOUT = Content.topics.through.objects.filter(content=OuterRef("pk"))
ALLOWED = Content.networks.through.objects.filter(content=OuterRef("pk"))


def campaigns_for(user: User) -> QuerySet[Campaign]:
    """What the feed can be narrowed to: the running campaigns meant for `user`."""
    return Campaign.objects.running().meant_for(user).order_by("name_fr")


class KnownField(forms.ModelChoiceField):
    """A choice among rows that were read already: neither list nor answer asks for them again."""

    def know(self, rows):
        self.rows = {str(getattr(row, self.to_field_name)): row for row in rows}
        self.choices = [("", self.empty_label), *((key, str(self.rows[key])) for key in self.rows)]

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if value not in self.rows:
            raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return self.rows[value]


class FeedFilter(forms.Form):
    """Topic, network, language and campaign; what makes no sense is left out.

    campaigns, networks: what there is to choose from, read already.
    """

    topic = forms.SlugField(required=False, widget=forms.HiddenInput)
    lasting = forms.BooleanField(required=False, widget=forms.HiddenInput)
    network = KnownField(
        Network.objects.none(),
        label=_("Network"),
        to_field_name="slug",
        required=False,
        empty_label=ALL,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("French and English")), *settings.LANGUAGE_CHOICES],
        required=False,
    )
    campaign = KnownField(
        Campaign.objects.none(),
        label=_("Campaign"),
        to_field_name="slug",
        required=False,
        empty_label=pgettext_lazy("campaign filter", "All"),
    )
    show = forms.IntegerField(
        required=False, min_value=PAGE, max_value=MOST, widget=forms.HiddenInput
    )

    def __init__(self, data, *, campaigns, networks):
        super().__init__(data, auto_id="feed_%s")
        self.fields["campaign"].know(campaigns)
        self.fields["network"].know(networks)

    def asked(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, contents, ambassador):
        """Those of `contents` that pass."""
        asked = self.asked()
        if network := asked.get("network"):
            contents = contents.filter(~Exists(ALLOWED) | Exists(ALLOWED.filter(network=network)))
        if language := asked.get("language"):
            contents = contents.filter(language=language)
        if campaign := asked.get("campaign"):
            contents = contents.filter(campaign=campaign)
        if asked.get("lasting"):
            contents = contents.filter(expires_at=None)
        return self._about(contents, asked.get("topic"), ambassador)

    def _about(self, contents, topic, ambassador):
        if topic == EVERYTHING:
            return contents
        if topic:
            return contents.filter(Exists(ABOUT.filter(topic__slug=topic)))
        return of_interest_to(contents, ambassador)

    @property
    def is_narrowed(self):
        return bool(self.asked().keys() - {"show"})


class Feed:
    """The feed of one person: three suggestions, then the first `show` items.

    data: the filters, as the address has them. now: in the person's own time zone. suggested: how
    many items to suggest, three at most.
    """

    def __init__(self, ambassador: Ambassador, data, *, now: datetime, suggested: int = A_WEEK):
        self.ambassador, self.now, self.suggested = ambassador, now, suggested
        self.campaigns = {campaign.pk: campaign for campaign in campaigns_for(ambassador.user)}
        current = Content.objects.current(now).filter(campaign__in=list(self.campaigns))
        self.contents = not_declined_by(current, ambassador)
        self.form = FeedFilter(
            data, campaigns=self.campaigns.values(), networks=Network.objects.available()
        )
        self.show = self.form.asked().get("show", PAGE)

    @cached_property
    def suggestions(self):
        found = suggested_to(
            self.ambassador, now=self.now, most=self.suggested, among=self.contents
        )
        return self._furnished(found.annotate(about=ArraySubquery(ABOUT.values("topic"))))

    @cached_property
    def items(self):
        return self._found[: self.show]

    @cached_property
    def _found(self):
        """The items to show, and one more if there is one."""
        # Who filters looks for something: then it is listed, even if it stands above as well.
        above = set() if self.form.is_narrowed else {each.pk for each in self.suggestions}
        contents = self.form.narrow(self.contents, self.ambassador)
        newest = contents.order_by("-published_at", "-pk")
        first = contents.featured(self.now).order_by("-published_at", "-pk")[:FEATURED]
        listed = newest[: self.show + 1 + A_WEEK]
        # Found by number first: only what is shown is then read whole.
        either = first.values("pk").union(listed.values("pk"))
        rows = Content.objects.filter(pk__in=either).annotate(**self._own())
        rows = sorted(rows, key=lambda each: (each.published_at, each.pk), reverse=True)
        featured = [each for each in rows if each.is_featured][:FEATURED]
        others = [each for each in rows if each not in featured]
        return self._furnished(each for each in [*featured, *others] if each.pk not in above)

    def _own(self):
        """What the card says: its topics, and what the person did with it."""
        shared = Share.objects.by(self.ambassador).declared().filter(link__content=OuterRef("pk"))
        human = Tally.objects.human().filter(ambassador=self.ambassador, content=OuterRef("pk"))
        visits = human.order_by().values("content").annotate(n=Sum("clicks")).values("n")
        return {
            "about": ArraySubquery(ABOUT.values("topic")),
            "shared_at": _latest(shared),
            "visits": Coalesce(Subquery(visits), 0, output_field=IntegerField()),
        }

    def _furnished(self, contents):
        """With the campaigns and topics that are known here."""
        topics = {topic.pk: topic for topic in self._every_topic}
        contents = list(contents)
        for content in contents:
            content.campaign = self.campaigns[content.campaign_id]
            its = [topics[pk] for pk in topics if pk in content.about]
            # What prefetch_related() would do, without asking for the topics once more.
            content._prefetched_objects_cache = {"topics": its}
        return contents

    @property
    def more(self):
        """How many items "Show 10 more" would show in all; 0 when there are no more."""
        return min(self.show + PAGE, MOST) if self.show < min(len(self._found), MOST) else 0

    @property
    def first_new(self):
        """Where the items begin that the last "Show 10 more" brought."""
        return self.show - PAGE

    @cached_property
    def _every_topic(self):
        followers = Ambassador.topics.through.objects.filter(topic=OuterRef("pk"))
        on_it = self.contents.filter(topics=OuterRef("pk"))
        return list(
            Topic.objects.annotate(
                is_followed=Exists(followers.filter(ambassador=self.ambassador)),
                has_items=Exists(on_it),
            )
        )

    @property
    def topics(self):
        """Topics there is something about, for the chips."""
        return [topic for topic in self._every_topic if topic.has_items]

    @property
    def follows_some(self):
        return any(topic.is_followed for topic in self._every_topic)

    @cached_property
    def recalls(self):
        return recalls_for(self.ambassador, self.now)


def _latest(shares):
    by_item = shares.order_by().values("link__content").annotate(at=Max("declared_at"))
    return Subquery(by_item.values("at"), output_field=DateTimeField())


def recalls_for(ambassador: Ambassador, now: datetime | None = None) -> QuerySet[Recall]:
    """What the person posted, was taken back, and waits for their answer; `note` says why."""
    entries = Entry.objects.filter(
        verb="content.withdrawn",
        subject_type=Content._meta.label_lower,
        subject_id=Cast(OuterRef("content"), CharField()),
    )
    note = entries.annotate(note=KeyTextTransform("note", "data")).values("note")[:1]
    shared = Share.objects.by(ambassador).declared().filter(link__content=OuterRef("content"))
    lately = Q(told_at__gte=(now or timezone.now()) - RECALLED_FOR)
    found = Recall.objects.open().of(ambassador).filter(lately).select_related("content")
    return found.annotate(note=Subquery(note), shared_at=_latest(shared)).order_by("pk")


def checklist_for(ambassador: Ambassador, *, has_topics: bool, has_shared: bool) -> list[dict]:
    """Five small things to begin with; none is compulsory but the first, done already."""
    return [
        {"label": _("Read the charter"), "done": True, "step": "charter"},
        {"label": _("Choose my topics"), "done": has_topics, "step": "topics"},
        {
            "label": _("Say where I share"),
            "done": bool(ambassador.networks),
            "step": "networks",
        },
        {
            "label": _("Choose how often you write to me"),
            "done": ambassador.rhythm_chosen,
            "step": "networks",
        },
        {"label": _("Share a first time"), "done": has_shared, "step": "first_share"},
    ]
