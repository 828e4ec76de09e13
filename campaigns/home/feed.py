"""The feed: what is meant for a person, narrowed by filters that live in the address."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.db.models import Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.models import Entry
from ambassadors.enrolment.models import Ambassador, Topic
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Share
from campaigns.sharing.suggestions import of_interest_to
from campaigns.tracking.models import Tally

PAGE = 10
MOST = 200
EVERYTHING = "all"
RECALLED_FOR = timedelta(days=60)
ALL = pgettext_lazy("filter", "All")


class FeedFilter(forms.Form):
    """Topic, network, language and campaign; what makes no sense is left out."""

    topic = forms.SlugField(required=False, widget=forms.HiddenInput)
    network = forms.ModelChoiceField(
        Network.objects.available(),
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
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=_("Campaign"),
        to_field_name="slug",
        required=False,
        empty_label=pgettext_lazy("campaign filter", "All"),
    )
    show = forms.IntegerField(
        required=False, min_value=PAGE, max_value=MOST, widget=forms.HiddenInput
    )

    def __init__(self, data, *, contents):
        super().__init__(data, auto_id="feed_%s")
        self.contents = contents
        shown = Campaign.objects.running().filter(contents__in=contents.values("pk"))
        self.fields["campaign"].queryset = shown.distinct().order_by("name_fr")

    def asked(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, ambassador):
        """The contents that pass, newest first."""
        asked, contents = self.asked(), self.contents
        if network := asked.get("network"):
            contents = contents.filter(Q(networks=None) | Q(networks=network))
        if language := asked.get("language"):
            contents = contents.filter(language=language)
        if campaign := asked.get("campaign"):
            contents = contents.filter(campaign=campaign)
        contents = self._about(contents, asked.get("topic"), ambassador)
        found = Content.objects.filter(pk__in=contents.values("pk"))
        return (
            found.select_related("campaign")
            .prefetch_related("topics")
            .order_by("-published_at", "-pk")
        )

    def _about(self, contents, topic, ambassador):
        if topic == EVERYTHING:
            return contents
        if topic:
            return contents.filter(topics__slug=topic)
        return of_interest_to(contents, ambassador)

    @property
    def is_narrowed(self):
        return bool(self.asked().keys() - {"show"})


class Feed:
    """A page of the feed for one person: the first `show` items, and what they did with each.

    above: what the page shows already, and the feed does not show again.
    """

    def __init__(self, ambassador, form, contents, *, above):
        self.ambassador, self.form, self.contents = ambassador, form, contents
        self.show = form.asked().get("show", PAGE)
        found = form.narrow(ambassador).exclude(pk__in=[content.pk for content in above])
        self.total = found.count()
        self.items = list(found[: self.show])
        self._add_own_shares()

    @property
    def more(self):
        """How many items "Show 10 more" would show in all; 0 when there are no more."""
        return min(self.show + PAGE, MOST) if self.total > len(self.items) < MOST else 0

    @property
    def first_new(self):
        """Where the items begin that the last "Show 10 more" brought."""
        return self.show - PAGE

    def recalls(self):
        return recalls_for(self.ambassador)

    def topics(self):
        """Topics there is something about, for the chips."""
        return Topic.objects.filter(contents__in=self.contents.values("pk")).distinct()

    def _add_own_shares(self):
        shared = dict(
            Share.objects.by(self.ambassador)
            .declared()
            .filter(link__content__in=self.items)
            .values_list("link__content")
            .annotate(Max("declared_at"))
        )
        visits = dict(
            Tally.objects.human()
            .filter(ambassador=self.ambassador, content__in=self.items)
            .values_list("content")
            .annotate(Sum("clicks"))
        )
        for item in self.items:
            item.shared_at = shared.get(item.pk)
            item.visits = visits.get(item.pk, 0)


def recalls_for(ambassador: Ambassador) -> list[Content]:
    """What the person posted and the company has taken back since, with `entry` saying why."""
    since = timezone.now() - RECALLED_FOR
    mine = Share.objects.by(ambassador).declared().filter(link__content__status="withdrawn")
    shared = dict(mine.values_list("link__content").annotate(Max("declared_at")))
    entries = Entry.objects.filter(
        verb="content.withdrawn",
        subject_type=Content._meta.label_lower,
        subject_id__in=[str(pk) for pk in shared],
        at__gte=since,
    )
    by_content = {int(entry.subject_id): entry for entry in entries}
    contents = list(Content.objects.filter(pk__in=by_content).order_by("pk"))
    for content in contents:
        content.entry, content.shared_at = by_content[content.pk], shared[content.pk]
    return contents


def checklist_for(ambassador: Ambassador, *, has_shared: bool) -> list[dict]:
    """Five small things to begin with; none is compulsory but the first, done already."""
    return [
        {"label": _("Read the charter"), "done": True, "step": "charter"},
        {
            "label": _("Choose my topics"),
            "done": ambassador.topics.exists(),
            "step": "topics",
        },
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
