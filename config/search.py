"""One field for everything: pages, content, campaigns and people, as far as one may see them.

Each finder starts from the queryset of the page its results lead to, so that nothing is found
that could not be opened, and nobody learns from a search what a page would not tell them.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from ambassadors.enrolment.models import Ambassador
from ambassadors.enrolment.people import people_with_standing
from ambassadors.enrolment.people import search as people_like
from campaigns.content.models import Content
from campaigns.home.feed import EVERYTHING
from campaigns.planning.models import Campaign
from config.directions import ACCOUNT, ACTION, HELP, PAGE, Found, directions_for

A_GROUP = 6
WHOLE_LIST = 50
IN_THE_PALETTE = "palette-results"


@dataclass(frozen=True)
class Group:
    """Results of one sort. rest: where the whole list is, when there is more than is shown."""

    key: str
    label: str
    found: list
    rest: str = ""


class SearchForm(forms.Form):
    q = forms.CharField(label=_("What you are looking for"), max_length=100, required=False)
    only = forms.ChoiceField(choices=[("content", ""), ("campaigns", "")], required=False)

    def asked(self, name):
        """What was asked for; what makes no sense was not asked."""
        self.is_valid()
        return self.cleaned_data.get(name, "")


class Search:
    """What one person finds by a text. Every sort costs a fixed number of queries."""

    def __init__(self, request, text, only=""):
        self.request, self.user = request, request.user
        self.text, self.only = text, only

    @cached_property
    def groups(self):
        pages, actions, *rest = self._directions()
        groups = [pages, actions]
        if self.text:
            groups += [self._content(), self._campaigns(), self._people()]
        groups += rest
        if self.only:
            groups = [group for group in groups if group.key == self.only]
        return [group for group in groups if group.found]

    @property
    def at_hand(self):
        """What the palette shows: before anything is typed, where to go and what to do."""
        if self.text:
            return self.groups
        return [group for group in self.groups if group.key in {"pages", "actions"}]

    @property
    def total(self):
        return sum(len(group.found) for group in self.groups)

    @property
    def total_at_hand(self):
        return sum(len(group.found) for group in self.at_hand)

    @property
    def is_cut(self):
        """Whether there is more than is shown."""
        return any(group.rest for group in self.groups)

    @cached_property
    def is_member(self):
        """Whether the feed is open to them: who takes part, and has read the charter."""
        members = Ambassador.objects.enrolled().exclude(state=Ambassador.State.JOINING)
        return members.filter(user=self.user).exists()

    @property
    def sees_library(self):
        return self.user.has_perm("campaigns.see_library")

    @property
    def sees_people(self):
        return self.user.has_perm("ambassadors.see_people")

    def _directions(self):
        found = directions_for(self.request, self.text, member=self.is_member)
        labels = {
            PAGE: ("pages", pgettext_lazy("search", "Go to")),
            ACTION: ("actions", pgettext_lazy("search", "Do")),
            ACCOUNT: ("account", ACCOUNT),
            HELP: ("help", pgettext_lazy("search", "Help")),
        }
        for kind, (key, label) in labels.items():
            yield Group(key, label, [each for each in found if each.kind == kind])

    def _content(self):
        contents = Content.objects.visible_to(self.user).select_related("campaign")
        if self.sees_library:
            contents = contents.like(self.text)
            return self._group("content", _("Content"), contents, _of_library, self._library)
        if not self.is_member:
            return Group("content", _("Content"), [])
        contents = contents.offered_like(self.text)
        return self._group("content", _("To share"), contents, _of_feed)

    @property
    def _library(self):
        return reverse("campaigns:content-list")

    def _campaigns(self):
        if self.user.has_perm("campaigns.see_campaigns"):
            campaigns = Campaign.objects.visible_to(self.user).order_by("-starts_at", "-pk")
            rest = reverse("campaigns:campaign-list")
            found = campaigns.named_like(self.text)
            return self._group("campaigns", _("Campaigns"), found, _of_campaign, rest)
        if not self.is_member:
            return Group("campaigns", _("Campaigns"), [])
        # With something to share now: the feed is the only page of a campaign they know.
        offering = Content.objects.shareable_by(self.user).values("campaign")
        campaigns = Campaign.objects.visible_to(self.user).filter(pk__in=offering)
        found = campaigns.named_like(self.text).order_by("name_fr")
        return self._group("campaigns", _("Campaigns"), found, _of_feed_campaign)

    def _people(self):
        if not self.sees_people:
            return Group("people", _("People"), [])
        people = people_like(people_with_standing(self.user), self.text)
        rest = reverse("ambassadors:person-list")
        return self._group("people", _("People"), people, _of_person, rest)

    def _group(self, key, label, rows, line, rest=""):
        """The first of `rows`, one more read than shown to know whether there are more."""
        most = WHOLE_LIST if self.only == key else A_GROUP
        found = list(rows[: most + 1])
        asked = {"q": self.text} if rest else {"q": self.text, "only": key}
        whole = f"{rest or reverse('search')}?{urlencode(asked)}"
        shown = [line(row) for row in found[:most]]
        # A list that is as long as it gets leads nowhere further.
        return Group(key, label, shown, whole if len(found) > most and most == A_GROUP else "")


def _of_library(content):
    note = f"{content.campaign.name} · {content.get_status_display()}"
    return Found(
        content.get_absolute_url(), content.title, CONTENT, "library", note, content.language
    )


def _of_feed(content):
    path = reverse("campaigns:share-panel", args=[content.pk])
    return Found(path, content.title, CONTENT, "share", content.campaign.name, content.language)


def _of_campaign(campaign):
    note = f"{campaign.get_kind_display()} · {campaign.get_state_display()}"
    path = campaign.get_absolute_url()
    return Found(path, campaign.name, CAMPAIGN, "campaign", note, _language_of(campaign))


def _of_feed_campaign(campaign):
    asked = urlencode({"campaign": campaign.slug, "topic": EVERYTHING})
    path = f"{reverse('campaigns:feed')}?{asked}"
    note = campaign.get_kind_display()
    return Found(path, campaign.name, CAMPAIGN, "campaign", note, _language_of(campaign))


def _of_person(user):
    path = f"{reverse('ambassadors:person-list')}?{urlencode({'q': user})}"
    places = [user.person.department, user.person.location]
    return Found(path, str(user), PERSON, "person", " · ".join(str(p) for p in places if p))


def _language_of(campaign):
    return "en" if campaign.name_en and get_language() == "en" else "fr"


CONTENT = pgettext_lazy("search result", "Content")
CAMPAIGN = _("Campaign")
PERSON = _("Person")


@require_GET
def search(request):
    """The page, or its results alone for the palette."""
    form = SearchForm(request.GET)
    found = Search(request, form.asked("q"), form.asked("only"))
    palette = request.htmx.target == IN_THE_PALETTE
    template = "_search_palette.html" if palette else "search.html"
    return render(request, template, {"form": form, "search": found})
