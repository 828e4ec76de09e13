from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ambassadors.directory.imports import showing
from ambassadors.directory.imports.headers import FIELDS
from ambassadors.directory.imports.values import clean
from ambassadors.directory.imports.verdicts import Unit
from ambassadors.directory.models import Department, Location


class Choose(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), as your HR system exports it."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        allow_empty_file=True,  # so that the reader says what is wrong with it
    )


class Paste(forms.Form):
    addresses = forms.CharField(
        label=_("E-mail addresses"),
        help_text=_("One a line, or set apart by commas."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        max_length=200_000,
    )


class Rows(forms.Form):
    """Which lines of an import to look at."""

    FILTERS = {
        "errors": _("To put right"),
        "new": _("New people"),
        "known": _("Already here"),
        "remarks": _("With a remark"),
        "passed_over": _("Passed over"),
    }

    rows = forms.ChoiceField(choices=FILTERS.items())

    def filter_for(self, source):
        """The filter asked for; without one, what needs the person most."""
        if self.is_valid():
            return self.cleaned_data["rows"]
        counts = source.counts
        if counts.get("error"):
            return "errors"
        return "new" if counts.get("create") else "known"


class Corrections(forms.Form):
    """A field for each cell that is told about, on the lines of one page."""

    def __init__(self, rows, source, data=None):
        super().__init__(data)
        self.rows, self.lines = list(rows), []
        for row in self.rows:
            messages = list(showing.told(row, source))
            for message in messages:
                message["input"] = self._cell(row, message)
            skip = any(message["skippable"] and message["grave"] for message in messages)
            self.lines.append((row, messages, self._skip(row) if skip or row.skipped else None))

    def _cell(self, row, message):
        at = message["at"]
        name = f"cell-{row.pk}-{at}"
        if at is None or at >= len(row.cells) or name in self.fields:
            return None
        label = _("%(column)s, line %(line)s") % {"column": message["column"], "line": row.line}
        self.fields[name] = forms.CharField(
            required=False,
            max_length=500,
            initial=_now(row, at)[:500],
            widget=forms.TextInput(attrs={"aria-label": label, "class": "input", "size": 26}),
        )
        return self[name]

    def _skip(self, row):
        name = f"skip-{row.pk}"
        label = _("Leave line %(line)s out") % {"line": row.line}
        self.fields[name] = forms.BooleanField(required=False, label=label, initial=row.skipped)
        return self[name]

    def changed_rows(self):
        """The rows with what was typed put on them; only those that say something new."""
        changed = []
        for row in self.rows:
            before = dict(row.corrections), row.skipped
            for at in range(len(row.cells)):
                text = self.cleaned_data.get(f"cell-{row.pk}-{at}")
                if text is not None and clean(text) != _now(row, at)[:500]:
                    row.corrections[str(at)] = text
            row.skipped = self.cleaned_data.get(f"skip-{row.pk}", row.skipped)
            if (row.corrections, row.skipped) != before:
                changed.append(row)
        return changed


def _now(row, at):
    return clean(row.corrections.get(str(at), row.cells[at]))


class Columns(forms.Form):
    """What each column is about."""

    def __init__(self, source, data=None):
        super().__init__(data)
        self.source, self.columns = source, list(showing.columns_of(source))
        left_aside = pgettext_lazy("column", "Left aside")
        choices = [("", left_aside), *((f.name, f.label) for f in FIELDS.values())]
        for column in self.columns:
            if column["withheld"]:
                continue
            name = f"column-{column['at']}"
            self.fields[name] = forms.ChoiceField(
                choices=choices,
                required=False,
                label=column["name"],
                initial=column["field"].name if column["field"] else "",
                widget=forms.Select(attrs={"aria-label": column["name"], "class": "input"}),
            )
            column["input"] = self[name]

    def clean(self):
        chosen = [value for value in self.cleaned_data.values() if value]
        twice = next((FIELDS[name].label for name in chosen if chosen.count(name) > 1), None)
        if twice:
            text = _("Two columns are “%(field)s”: keep one.")
            raise forms.ValidationError(text, params={"field": twice})
        if "email" not in chosen:
            raise forms.ValidationError(_("Say which column holds the e-mail addresses."))
        return self.cleaned_data

    def mapping(self):
        names = (f"column-{at}" for at in range(len(self.source.headers)))
        return [self.cleaned_data.get(name) or None for name in names]


class Units(forms.Form):
    """What becomes of each department, team and place that the directory does not have."""

    LEAVE, CREATE = "-", "+"

    def __init__(self, source, data=None):
        super().__init__(data)
        decided = [
            (c["kind"], Unit(c["under"], c["name"]), c.get("people", 0), c["target"])
            for c in source.choices
        ]
        undecided = [(*unknown, None) for unknown in showing.unknown_units(source)]
        self.units = []
        existing = self._existing()
        for number, (kind, unit, people, target) in enumerate([*decided, *undecided]):
            name = f"unit-{number}"
            self.fields[name] = forms.ChoiceField(
                choices=self._choices(unit, existing[kind]),
                initial=self.LEAVE if target is None else (target or self.CREATE),
                widget=forms.Select(attrs={"aria-label": unit.name, "class": "input"}),
            )
            kind_name = showing.KIND_NAMES[kind]
            self.units.append((name, kind, unit, people, kind_name, self[name]))

    def _existing(self):
        departments = Department.objects.open().filter(parent=None)
        teams = Department.objects.open().exclude(parent=None)
        names = {"department": departments, "team": teams, "location": Location.objects.all()}
        return {
            kind: list(dict.fromkeys(rows.order_by("name").values_list("name", flat=True)))
            for kind, rows in names.items()
        }

    def _choices(self, unit, existing):
        return [
            (self.LEAVE, _("Leave it empty")),
            (self.CREATE, _("Create “%(name)s”") % {"name": unit.name}),
            (_("It is…"), [(name, name) for name in existing]),
        ]

    def choices(self):
        """As Import.choose() takes them."""
        answers = [
            (self.cleaned_data[name], kind, unit, people)
            for name, kind, unit, people, _kind_name, _input in self.units
        ]
        return [
            {
                "kind": kind,
                "under": unit.under,
                "name": unit.name,
                "people": people,
                "target": "" if answer == self.CREATE else answer,
            }
            for answer, kind, unit, people in answers
            if answer != self.LEAVE
        ]


class Invite(forms.Form):
    """Whether and how the new people are invited."""

    MAIL, NO_MAIL = "mail", "no_mail"

    how = forms.ChoiceField(
        label=_("How they come in"),
        choices=[
            (MAIL, _("Each gets an invitation by e-mail, in their language")),
            (NO_MAIL, _("No e-mail: they find Porte-voix when they log in")),
        ],
        initial=MAIL,
        widget=forms.RadioSelect,
    )
    message_fr = forms.CharField(
        label=_("A few words of yours, in French"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": settings.HTML_LANG["fr"]}),
    )
    message_en = forms.CharField(
        label=_("A few words of yours, in English"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": settings.HTML_LANG["en"]}),
    )
