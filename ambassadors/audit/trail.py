"""The audit trail as it is asked about and shown: who, what, about what, when, from where."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.models import Entry
from ambassadors.accounts.models import User
from ambassadors.audit.verbs import PERSONAL, groups, sentence_of

PAGE = 50
# Of those whose name is asked for: more than that are no answer to "who".
MOST_PEOPLE = 200
LONGEST_LABEL = 80


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class TrailFilter(forms.Form):
    """What is asked of the trail. All of it stands in the address: any view is a link."""

    who = forms.CharField(
        # Translators: fr: Par qui (nom ou adresse)
        label=_("By whom (name or address)"),
        required=False,
        max_length=100,
    )
    what = forms.ChoiceField(label=_("About"), required=False)
    first = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    # "campaigns.campaign:12", followed from a line of the trail.
    subject = forms.RegexField(
        r"^[a-z_]+\.[a-z_]+:[\w-]{1,40}$", required=False, widget=forms.HiddenInput
    )

    def __init__(self, data=None):
        super().__init__(data)
        self._groups = groups()
        choices = [(prefixes[0], name) for name, prefixes in self._groups.items()]
        self.fields["what"].choices = [("", pgettext_lazy("filter", "All")), *choices]

    def clean(self):
        asked = super().clean()
        first, last = asked.get("first"), asked.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day comes before the first."))
        return asked

    @property
    def asked(self) -> dict[str, str]:
        """What was filled in, as text, for the trail's own entry and for links."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @cached_property
    def people(self) -> list[int]:
        """The ids of those who are asked about by name; call when the form is valid."""
        if not self.cleaned_data["who"]:
            return []
        found = people_called(self.cleaned_data["who"])[:MOST_PEOPLE]
        return list(found.values_list("pk", flat=True))

    def entries(self) -> QuerySet[Entry]:
        """Newest first; call when the form is valid."""
        asked, entries = self.cleaned_data, Entry.objects.order_by("-pk")
        if asked["what"]:
            entries = entries.filter(self._about(asked["what"]))
        if asked["first"]:
            entries = entries.filter(at__gte=midnight(asked["first"]))
        if asked["last"]:
            entries = entries.filter(at__lt=midnight(asked["last"] + timedelta(days=1)))
        if asked["who"]:
            entries = entries.filter(actor__in=self.people)
        if asked["subject"]:
            kind, _colon, pk = asked["subject"].partition(":")
            entries = entries.filter(subject_type=kind, subject_id=pk)
        # Or asking by name would tell what no line tells.
        is_about_one = asked["who"] or asked["subject"]
        return entries.exclude(verb__in=PERSONAL) if is_about_one else entries

    def _about(self, first_prefix):
        wanted = next(found for found in self._groups.values() if found[0] == first_prefix)
        query = Q()
        for prefix in wanted:
            query |= Q(verb__startswith=f"{prefix}.")
        return query


def midnight(day) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def people_called(words: str) -> QuerySet[User]:
    """Whose name or address holds each of the words."""
    people = User.objects.all()
    for word in words.split():
        people = people.filter(
            Q(first_name__unaccent__icontains=word)
            | Q(preferred_name__unaccent__icontains=word)
            | Q(last_name__unaccent__icontains=word)
            | Q(email__icontains=word)
        )
    return people


@dataclass(frozen=True)
class Line:
    """An entry in words.

    who, about: names, or what stands for them. path: of what it is about; "" where there is none.
    """

    entry: Entry
    what: str
    who: str
    about: str
    path: str
    is_personal: bool

    @property
    def where(self) -> str:
        """Nothing for a personal choice: a neighbourhood may be a person's."""
        return (
            ""
            if self.is_personal
            else " · ".join(filter(None, (self.entry.network, self.entry.device)))
        )

    @property
    def subject(self) -> str:
        """What the filter calls it, "" where it must not be followed."""
        return "" if self.is_personal else f"{self.entry.subject_type}:{self.entry.subject_id}"

    @property
    def details(self) -> list[tuple[str, Any]]:
        """What was written down with it, but for before and after."""
        if self.is_personal:
            return []
        return [(name, v) for name, v in self.entry.data.items() if name not in {"before", "after"}]

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """(what, before, after): one line for each thing that changed."""
        data = self.entry.data
        if self.is_personal or not data.keys() & {"before", "after"}:
            return []
        before, after = data.get("before"), data.get("after")
        if not isinstance(before, dict) and not isinstance(after, dict):
            return [("", before, after)]
        before, after = before or {}, after or {}
        names = [*before, *(name for name in after if name not in before)]
        found = [(name, before.get(name), after.get(name)) for name in names]
        return [change for change in found if change[1] != change[2]]


def lines(entries: Sequence[Entry]) -> list[Line]:
    """The entries in words: a query for the people, and one for each sort of thing."""
    shown = [entry for entry in entries if entry.verb not in PERSONAL]
    people = User.objects.in_bulk({entry.actor_id for entry in shown if entry.actor_id})
    subjects = _subjects(shown)
    return [_line(entry, people, subjects) for entry in entries]


def _line(entry, people, subjects):
    if entry.verb in PERSONAL:
        # Translators: fr: Une personne (choix personnel)
        someone = str(_("Somebody (a personal choice)"))
        return Line(entry, sentence_of(entry.verb), someone, "–", "", True)
    subject = subjects.get((entry.subject_type, entry.subject_id))
    about = str(subject)[:LONGEST_LABEL] if subject else _gone(entry)
    return Line(entry, sentence_of(entry.verb), _who(entry, people), about, _path(subject), False)


def _who(entry, people):
    if entry.actor_id is None:
        via = entry.data.get("via")
        # Translators: fr: Le produit lui-même
        return str(via).upper() if via else str(_("The product itself"))
    person = people.get(entry.actor_id)
    # Translators: fr: Personne effacée n° %(number)s
    return str(person) if person else _("Erased person no. %(number)s") % {"number": entry.actor_id}


def _gone(entry):
    model = _model(entry.subject_type)
    name = model._meta.verbose_name if model else entry.subject_type
    return f"{name} {entry.subject_id}"


def _path(subject):
    return subject.get_absolute_url() if hasattr(subject, "get_absolute_url") else ""


def _subjects(entries) -> dict[tuple[str, str], Model]:
    wanted = defaultdict(set)
    for entry in entries:
        wanted[entry.subject_type].add(entry.subject_id)
    return {
        (kind, str(thing.pk)): thing
        for kind, keys in wanted.items()
        for thing in _things(kind, keys)
    }


def _things(kind: str, keys: Iterable[str]) -> Iterable[Model]:
    model = _model(kind)
    if model is None:
        return []
    return model._default_manager.filter(pk__in=[key for key in keys if _fits(model, key)])


def _fits(model, key):
    """An entry outlives what it is about, and the form of its key."""
    try:
        model._meta.pk.to_python(key)
    except forms.ValidationError:
        return False
    return True


def _model(kind):
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None
