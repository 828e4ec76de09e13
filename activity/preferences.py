"""What a person wants to hear of, by which channel, and how they want to be spoken to."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from activity.hearing import KINDS, Kind
from activity.log import record
from activity.models import Notification, Preference

# Where people of a company in Québec and France live and travel: 600 names are not a choice.
ZONES = [
    ("America/St_Johns", _("Newfoundland")),
    ("America/Halifax", _("Atlantic, Halifax")),
    ("America/Montreal", _("Eastern, Montréal")),
    ("America/Toronto", _("Eastern, Toronto")),
    ("America/New_York", _("Eastern, New York")),
    ("America/Winnipeg", _("Central, Winnipeg")),
    ("America/Chicago", _("Central, Chicago")),
    ("America/Regina", _("Saskatchewan")),
    ("America/Edmonton", _("Mountain, Edmonton")),
    ("America/Vancouver", _("Pacific, Vancouver")),
    ("America/Los_Angeles", _("Pacific, Los Angeles")),
    ("America/Martinique", _("Martinique, Guadeloupe")),
    ("America/Cayenne", _("French Guiana")),
    ("Europe/London", _("London")),
    ("Europe/Paris", _("Paris")),
    ("Europe/Brussels", _("Brussels")),
    ("Europe/Zurich", _("Zurich, Geneva")),
    ("Africa/Casablanca", _("Casablanca")),
    ("Africa/Tunis", _("Tunis")),
    ("Africa/Dakar", _("Dakar")),
    ("Indian/Reunion", _("Réunion")),
    ("Pacific/Noumea", _("Nouméa")),
    ("UTC", _("Universal time (UTC)")),
]


def zone_name(zone: str) -> str:
    """A time zone as people call it: “Eastern, Montréal” for America/Montreal."""
    return str(dict(ZONES).get(zone) or zone.rpartition("/")[2].replace("_", " "))


# Push takes the place of mail for who chooses it, and has no column of its own.
COLUMNS = [Notification.Channel.EMAIL, Notification.Channel.BELL]

SECTIONS: list[type["Section"]] = []


class Section(forms.Form):
    """A part of the page, brought by a slice that has something of its own to set.

    title: its heading. note: a sentence below. link: (URL name, words) of a way on. comes_last:
    after what everybody has. Make one with `for_person`, which gives None where it does not
    concern somebody.
    """

    title = ""
    note = ""
    link: tuple = ()
    comes_last = False

    @classmethod
    def for_person(cls, person: AbstractBaseUser, data=None) -> "Section | None":
        raise NotImplementedError

    def save(self) -> None:
        raise NotImplementedError


def add_section(section: type[Section]) -> type[Section]:
    """Puts a part on everybody's page. Once per section, at import."""
    SECTIONS.append(section)
    return section


class PersonForm(forms.ModelForm):
    """In which language, and by which clock."""

    title = _("Language and time")

    class Meta:
        model = get_user_model()
        fields = ["language", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGE_CHOICES
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=self._zones(),
            help_text=_("A digest comes at 7:30 a.m. by this clock."),
        )

    def _zones(self):
        own = self.instance.time_zone
        return ZONES if own in dict(ZONES) else [(own, zone_name(own)), *ZONES]


@dataclass(frozen=True)
class Choice:
    """A line of the table: a kind of message, with a box per channel it may come by."""

    kind: Kind
    boxes: list

    @property
    def by_channel(self):
        """A box for each column of the table, or None where this kind does not come that way."""
        there = {box.field.channel: box for box in self.boxes}
        return [(there.get(c.value), c.label) for c in COLUMNS]


class ChoicesForm(forms.Form):
    """Which kinds by which channels."""

    title = _("What you hear about")

    def __init__(self, person, data=None):
        super().__init__(data)
        self.person = person
        said = _said_by(person)
        for kind, channel in _offered_to(person):
            field = forms.BooleanField(
                required=False,
                label=_("%(kind)s: %(channel)s")
                % {"kind": kind.label, "channel": Notification.Channel(channel).label},
                initial=kind.reaches(channel, said.get((kind.name, channel))),
            )
            field.kind, field.channel = kind, channel
            self.fields[f"{kind.name}:{channel}"] = field

    @property
    def rows(self) -> list[Choice]:
        kinds = dict.fromkeys(field.kind for field in self.fields.values())
        return [Choice(kind, [box for box in self if box.field.kind is kind]) for kind in kinds]

    @transaction.atomic
    def save(self) -> None:
        for name in self.changed_data:
            field = self.fields[name]
            say(self.person, field.kind, field.channel, wanted=self.cleaned_data[name])


def say(person: AbstractBaseUser, kind: Kind, channel: str, *, wanted: bool) -> None:
    """Keeps a person's word on a kind by a channel, and when they gave it."""
    with transaction.atomic():
        if Preference.say(person, kind.name, channel, wanted=wanted):
            verb = "preference.wanted" if wanted else "preference.refused"
            record(verb, subject=person, actor=person, kind=kind.name, channel=channel)


def _offered_to(person) -> Iterator[tuple[Kind, str]]:
    for kind in KINDS.values():
        if kind.has_own_setting or (kind.perm and not person.has_perm(kind.perm)):
            continue
        for channel in kind.choices:
            yield kind, channel


def _said_by(person):
    said = person.preferences.values_list("kind", "channel", "wanted")
    return {(kind, channel): wanted for kind, channel, wanted in said}


def forms_for(person: AbstractBaseUser, data=None) -> list:
    """Everything on the page, in order; each is valid or not by itself, and saved by `save()`."""
    sections = [section.for_person(person, data) for section in SECTIONS]
    return [
        *(section for section in sections if section and not section.comes_last),
        ChoicesForm(person, data),
        PersonForm(data, instance=person),
        *(section for section in sections if section and section.comes_last),
    ]
