"""What the library is asked for. Its address is its state: every view of it is a link."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.conf import settings
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ambassadors.accounts.models import User
from ambassadors.enrolment.models import Topic
from campaigns.content.models import Caption, Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Share
from campaigns.sources import dead_links
from campaigns.sources.models import Proposal, Sighting

ALL = pgettext_lazy("filter", "All")
EXPIRING = "expiring"
SIZES = [25, 50, 100]
SORTS = {
    "title": "title",
    "campaign": "campaign__name_fr",
    "until": "expires_at",
    "shares": "shares",
    "changed": "changed_at",
}
NEWEST = "-changed"


class Traits:
    """What an item has or lacks, each as a condition."""

    LABELS = {
        "evergreen": _("Evergreen"),
        "featured": _("First in the feed"),
        "no_fr": _("Without a text in French"),
        "no_en": _("Without a text in English"),
        "failing": _("Its page does not answer"),
    }

    @staticmethod
    def condition(trait):
        texts = Caption.objects.filter(content=OuterRef("pk"))
        return {
            "evergreen": Q(expires_at=None),
            "featured": Q(featured_until__gt=timezone.now()),
            "no_fr": ~Exists(texts.filter(language="fr")),
            "no_en": ~Exists(texts.filter(language="en")),
            "failing": Q(pk__in=dead_links.dead().values("pk")),
        }[trait]


class Origins:
    """Where an item came from."""

    LABELS = {
        "written": _("Written here"),
        "source": _("A source"),
        "proposal": _("A proposal"),
    }

    @staticmethod
    def condition(origin):
        # A page may have been seen by a source more than once, and is one item all the same.
        brought = Exists(Sighting.objects.filter(content=OuterRef("pk")))
        proposed = Exists(Proposal.objects.filter(content=OuterRef("pk")))
        return {"written": ~brought & ~proposed, "source": brought, "proposal": proposed}[origin]


@dataclass(frozen=True)
class Chip:
    """A filter in force: in words, and the address without it."""

    label: str
    value: str
    path: str


class LibraryFilter(forms.Form):
    """A value that makes no sense is no filter."""

    SOON = timedelta(days=7)

    q = forms.CharField(label=_("Words"), max_length=100, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            ("", _("All")),
            *Content.Status.choices,
            (EXPIRING, _("Expiring within 7 days")),
        ],
        required=False,
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=_("Campaign"),
        to_field_name="slug",
        empty_label=pgettext_lazy("campaign filter", "All"),
        required=False,
    )
    topic = forms.ModelChoiceField(
        Topic.objects.all(),
        label=_("Topic"),
        to_field_name="slug",
        empty_label=_("All topics"),
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("Both")), *settings.LANGUAGE_CHOICES], required=False
    )
    network = forms.ModelChoiceField(
        Network.objects.available(),
        label=_("With a text for"),
        to_field_name="slug",
        empty_label=ALL,
        required=False,
    )
    author = forms.ModelChoiceField(
        User.objects.none(),
        label=pgettext_lazy("of an item", "Author"),
        empty_label=ALL,
        required=False,
    )
    origin = forms.ChoiceField(
        # Translators: fr: Provenance
        label=_("Where it came from"),
        choices=[("", ALL), *Origins.LABELS.items()],
        required=False,
    )
    only = forms.MultipleChoiceField(
        label=_("Only what is"),
        choices=list(Traits.LABELS.items()),
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )
    sort = forms.ChoiceField(
        choices=[(f"{sign}{key}", key) for key in SORTS for sign in ("", "-")],
        widget=forms.HiddenInput,
        required=False,
    )
    size = forms.TypedChoiceField(
        label=_("Items on a page"),
        choices=[(size, size) for size in SIZES],
        coerce=int,
        empty_value=SIZES[0],
        required=False,
    )

    # What says how the list is shown, and not what is in it.
    SHOWING = {"sort", "size"}
    LESS_ASKED = ("network", "author", "origin", "only")

    def __init__(self, data, *, user):
        """user: whose library it is."""
        # A select with nothing asked shows its first choice, not the one that is meant.
        super().__init__(data, initial={"size": SIZES[0]})
        campaigns = Campaign.objects.visible_to(user)
        self.fields["campaign"].queryset = campaigns.order_by("name_fr")
        authors = Content.objects.visible_to(user).order_by().values("author")
        people = User.objects.filter(pk__in=authors)
        self.fields["author"].queryset = people.order_by("last_name", "pk")

    @property
    def chosen(self):
        """What is asked for, without what is empty or makes no sense."""
        self.is_valid()
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value and name not in self.SHOWING
        }

    @property
    def asks_more(self):
        """Whether one of the filters that are folded away is in force."""
        return any(name in self.chosen for name in self.LESS_ASKED)

    @property
    def page_size(self):
        self.is_valid()
        return self.cleaned_data.get("size") or SIZES[0]

    @property
    def order(self):
        """The sort in force; with words to look for, none: the best come first."""
        self.is_valid()
        asked = self.cleaned_data.get("sort")
        return asked or ("" if "q" in self.chosen else NEWEST)

    def narrow(self, contents):
        chosen = self.chosen
        if chosen.get("status") == EXPIRING:
            contents = contents.expiring(timezone.now(), self.SOON)
            del chosen["status"]
        asked = ("status", "campaign", "language", "author")
        contents = contents.filter(**{name: chosen[name] for name in asked if name in chosen})
        if "topic" in chosen:
            contents = contents.on([chosen["topic"]])
        if "network" in chosen:
            texts = Caption.objects.filter(content=OuterRef("pk"), network=chosen["network"])
            contents = contents.filter(Exists(texts))
        if "origin" in chosen:
            contents = contents.filter(Origins.condition(chosen["origin"]))
        for trait in chosen.get("only", []):
            contents = contents.filter(Traits.condition(trait))
        if "q" in chosen:
            contents = contents.like(chosen["q"])
        return contents

    def found(self, contents, few=()):
        """`contents` narrowed and sorted, each with its `shares`; none for campaigns in `few`."""
        contents = with_shares(self.narrow(contents), few)
        if not self.order:
            return contents
        field = F(SORTS[self.order.removeprefix("-")])
        down = self.order.startswith("-")
        # Evergreen is last either way: it has no date to be sorted by.
        by = field.desc(nulls_last=True) if down else field.asc(nulls_last=True)
        return contents.order_by(by, "-pk")

    def chips(self, query, path) -> Iterator[Chip]:
        """The filters in force. query: the address's QueryDict; path: the page's own."""
        for name in self.chosen:
            values = query.getlist(name) if name == "only" else [query.get(name)]
            for value in values:
                rest = query.copy()
                rest.pop("page", None)
                rest.setlist(name, [v for v in rest.getlist(name) if v != value])
                label = "" if name == "only" else self.fields[name].label
                yield Chip(label, self._in_words(name, value), f"{path}?{rest.urlencode()}")

    def _in_words(self, name, value):
        if name == "only":
            return Traits.LABELS.get(value, "")
        chosen = self.chosen[name]
        choices = dict(getattr(self.fields[name], "choices", []))
        return str(choices.get(chosen, chosen)) if isinstance(chosen, str) else str(chosen)


def with_shares(contents, few=()):
    """Each with how often it was shared; nothing is told of campaigns (keys) for `few`."""
    declared = Share.objects.filter(link__content=OuterRef("pk"), declared_at__isnull=False)
    count = declared.order_by().values("link__content").annotate(n=Count("*")).values("n")
    shares = Coalesce(Subquery(count, output_field=IntegerField()), 0)
    return contents.annotate(shares=Case(When(campaign__in=few, then=0), default=shares))
