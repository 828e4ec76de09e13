"""What the pages show of an import: plain dicts and lists, made from stored rows."""

from collections import Counter

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ambassadors.directory.imports.headers import FIELDS
from ambassadors.directory.imports.messages import text_of
from ambassadors.directory.imports.table import column_letter
from ambassadors.directory.imports.values import clean
from ambassadors.directory.imports.verdicts import ERROR, REMARK, Unit

SAMPLES = 3
NAMES = 8  # said in full before "and 32 more"
# Said once for all, in the list of names that the directory lacks.
ASKED_ELSEWHERE = {"department_unknown", "team_unknown", "location_unknown"}
# Where the remedy is as often to leave the line out as to change a cell.
SKIPPABLE = {"email_taken", "email_taken_already", "number_taken", "number_taken_already"}


def header_of(source, at):
    """The name of a column as a person reads it: its header, or its letter."""
    name = " ".join(source.headers[at].split()) if at < len(source.headers) else ""
    return name or column_letter(at)


def told(row, source):
    """What there is to say about a row: a dict for each message."""
    for message in row.messages:
        at = message["column"]
        if message["severity"] == REMARK and message["code"] in ASKED_ELSEWHERE:
            continue
        yield {
            "at": at,
            "code": message["code"],
            "grave": message["severity"] == ERROR,
            "column": header_of(source, at) if at is not None else "",
            "value": clean(message["value"]),
            "text": text_of(message["code"], message["value"], message["params"]),
            "skippable": at is None or message["code"] in SKIPPABLE,
        }


def changes_of(row):
    """What an update would change, as (label, value) pairs."""
    return [(FIELDS[name].label, row.fields.get(name)) for name in row.changes]


def columns_of(source):
    """Each column that was read: where it is, its name, its field and a few values.

    A column that was hidden has no place here; one about pay has a name and no values.
    """
    rows = list(source.rows.exclude(action="")[:SAMPLES])
    hidden = source.aside.get("hidden_columns", [])
    for at in range(len(source.headers)):
        if column_letter(at) in hidden:
            continue
        withheld = source.headers[at] in source.aside.get("withheld", [])
        cells = [clean(row.cells[at]) for row in rows if at < len(row.cells)]
        yield {
            "at": at,
            "name": header_of(source, at),
            "field": FIELDS.get(source.mapping[at]),
            "withheld": withheld,
            "samples": [] if withheld else [cell for cell in cells if cell],
        }


def column_summary(source):
    """How many columns are used, and the names of those left aside."""
    columns = list(columns_of(source))
    return {
        "used": sum(bool(column["field"]) for column in columns),
        "aside": [c["name"] for c in columns if not (c["field"] or c["withheld"])],
        "not_kept": [c["name"] for c in columns if c["field"] and not c["field"].kept],
        "withheld": source.aside.get("withheld", []),
        "hidden": source.aside.get("hidden_columns", []),
    }


INVITED_IN = {"fr": _("Invited in French"), "en": _("Invited in English")}
KINDS = ("department", "team", "location")
KIND_NAMES = {"department": _("Department"), "team": _("Team"), "location": _("Place")}


def unknown_units(source):
    """What the file names and the directory lacks, undecided: (kind, Unit, people), by kind."""
    found = [(kind, Unit(under, name), people) for kind, under, name, people in source.unknown]
    return sorted(found, key=lambda item: (KINDS.index(item[0]), -item[2]))


def unit_phrases(units):
    """Sentences such as "3 departments: Préfabrication (34), Logistique (12), Données (6)."."""
    for kind in KINDS:
        names = [(unit.name, people) for k, unit, people in units if k == kind]
        if names:
            shown = NAMES if len(names) > NAMES + 2 else len(names)
            what = _how_many(kind, len(names))
            yield {"what": what, "names": names[:shown], "more": names[shown:]}


def _how_many(kind, n):
    phrases = {
        "department": ngettext("%(n)s department", "%(n)s departments", n),
        "team": ngettext("%(n)s team", "%(n)s teams", n),
        "location": ngettext("%(n)s place", "%(n)s places", n),
    }
    return phrases[kind] % {"n": n}


def invitation_facts(source):
    """Of the new people: how many there are, in which language, and how many are not here yet."""
    today = timezone.localdate().isoformat()
    languages, later = Counter(), 0
    new = source.rows.new().values_list("fields__language", "fields__hire_date")
    for language, hire_date in new:
        languages[language or settings.LANGUAGE_CODE] += 1
        later += bool(hire_date and hire_date > today)
    return {
        "people": languages.total(),
        "languages": [(INVITED_IN[code], n) for code, n in languages.most_common()],
        "later": later,
    }
