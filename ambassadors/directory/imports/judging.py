"""Rows into verdicts: what would become of each line, and why. Pure, and linear in the rows.

A file is gone through twice. The first time each row speaks for itself and leaves a line in a few
indexes (who is in the file, under which number, led by whom); between the two, what depends on
everybody is settled; the second time it is told. So no more than some rows need be at hand.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ambassadors.directory.imports import values
from ambassadors.directory.imports.headers import FIELDS, language_of
from ambassadors.directory.imports.managers import Managers
from ambassadors.directory.imports.reading import is_footer
from ambassadors.directory.imports.table import COVERED, PADDED, UNCOMPUTED, Row, Table, folded
from ambassadors.directory.imports.verdicts import (
    CLOSE,
    CREATE,
    ERROR,
    IGNORE,
    MERGE,
    REMARK,
    SAME,
    UPDATE,
    WARNING,
    Context,
    Judgement,
    Known,
    Unit,
    Verdict,
)

NAMES = ("first_name", "last_name", "preferred_name", "full_name")
DATES = ("hire_date", "leave_date", "moves_on")
# What a line with a day to come says of that day, not of today.
MOVING = ("department", "team", "location", "manager_email")
UNITS = ("department", "team", "location")
# Columns in which people write that somebody left; in the second group only with a date.
STATUS_COLUMNS = ("status",)
ABOUT_LEAVING = (*STATUS_COLUMNS, "contract", "tags", "job_title", "working_time")
# Names and numbers are refused when too long; anything else that is too long is left out.
REFUSED_WHEN_LONG = {*NAMES, "employee_id"}
FREE_TEXT = (*NAMES, "employee_id", "department", "team", "location", "job_title", "tags")


# A name that one person alone has, in a long list, is a slip more often than a new department.
LONG_LIST = 100  # rows
SURELY_MEANT = 2  # people


def is_surely_meant(people: int, rows: int) -> bool:
    """Whether a new name is common enough in a list of `rows` to be no slip."""
    return people >= SURELY_MEANT or rows < LONG_LIST


def judge(table: Table, mapping: Sequence[str | None], context: Context) -> Judgement:
    """A verdict for every row of `table`, its columns read as `mapping` says (names of FIELDS)."""
    judging = Judging(table, mapping, context)
    verdicts = [judging.first(row) for row in table.rows]
    judging.turn()
    for verdict in verdicts:
        judging.second(verdict, context.people.get(verdict.email))
    return Judgement(verdicts, judging.unknown)


# What one who may not decide on an account may not change in it either: past decisions carry the
# name, and would seem to be somebody else's.
NOT_A_PEERS = {"role", "first_name", "last_name", "preferred_name", "language"}


class Seen(NamedTuple):
    """What must be known of a row once it has gone by."""

    line: int
    number: str | None
    name: str


class Judging:
    """Every row through first(), in the order of the file; then turn(); then all through second().

    table: headers and columns are asked of it, never its rows. unknown, after turn(): how many
    people each unit has that the directory lacks, by kind.
    """

    def __init__(self, table: Table, mapping: Sequence[str | None], context: Context):
        self.table, self.context = table, context
        self.columns = {name: at for at, name in enumerate(mapping) if name}
        self.width = len(table.headers)
        self.header = [folded(cell) for cell in table.headers]
        self.day_first = {name: self._writes_day_first(name) for name in DATES}
        self.unknown = {kind: Counter() for kind in UNITS}
        self.spelling: dict[tuple, str] = {}
        self.rows = 0
        self.by_email: dict[str, Seen] = {}
        self.by_number: dict[str, str] = {}
        self.leavers: dict[str, int] = {}
        self.met_again: dict[int, dict] = {}  # line -> the fields, once they are complete
        self.managers = Managers(context, self.columns, self.by_email, self.by_number, self.leavers)

    def turn(self, context: Context | None = None):
        """All rows have been seen once. context: another, when units were chosen meanwhile."""
        self.context = self.managers.context = context or self.context
        self.unknown = {kind: self._still_unknown(kind) for kind in UNITS}
        self.managers.settle()

    def _still_unknown(self, kind):
        return Counter(
            {unit: n for unit, n in self.unknown[kind].items() if not self._found(kind, unit)}
        )

    def second(self, verdict: Verdict, known: Known | None):
        """Completes a verdict. known: the person in the directory, with all their fields."""
        if verdict.importable:
            self._units(verdict)
            self.managers.tell(verdict)
        if verdict.line in self.met_again:
            self.met_again[verdict.line] = verdict.fields
        elif verdict.outcome == MERGE:
            verdict.fields = dict(self.met_again[verdict.related])
        self._compare(verdict, known)

    def _writes_day_first(self, name):
        if name not in self.columns:
            return None
        seen = values.day_first_evidence(self.table.column(self.columns[name]))
        if seen is None and language_of(self.table.headers) == "fr":
            return True
        return seen

    # --- One row ---------------------------------------------------------------------------

    def first(self, row: Row) -> Verdict:
        self.rows += 1
        verdict = Verdict(row.line, row.line_end)
        if self._is_nobody(row, verdict) or self._has_moved(row, verdict):
            return verdict
        if row.mended is not None:
            verdict.say("stray_quote", WARNING, row.mended, row.cells[row.mended])
        if row.hidden:
            verdict.say("row_hidden", WARNING)
        for name, at in self.columns.items():
            verdict.fields[name] = self._text(row, name, at, verdict)
        self._split_full_name(verdict)
        for name in DATES:
            self._date(row, name, verdict)
        if self._has_left(verdict):
            return verdict
        self._language(verdict)
        self._role(verdict)
        self._email(row, verdict)
        if verdict.outcome != ERROR:
            self._claim(verdict)
        if verdict.importable:
            self._count_units(verdict.fields)
            self.managers.note(verdict)
        return verdict

    def _is_nobody(self, row, verdict):
        if row.skipped:
            code = "skipped"
        elif row.blank:
            code = "blank_row"
        elif self.table.header_line and [folded(c) for c in row.cells] == self.header:
            code = "repeated_header"
        elif len(row.cells) != self.width and is_footer(row, self.width):
            code = "totals_row"
        else:
            return False
        verdict.outcome = IGNORE
        verdict.say(code, REMARK)
        return True

    def _has_moved(self, row, verdict):
        """A line with a wrong number of cells: what stands where is anybody's guess."""
        if len(row.cells) == self.width:
            return False
        code = "too_few_columns" if len(row.cells) < self.width else "too_many_columns"
        verdict.say(code, ERROR, cells=len(row.cells), columns=self.width)
        return True

    def _text(self, row, name, at, verdict):
        raw, mark = row.cells[at], row.marks.get(at, "")
        text = values.clean(raw)
        right = values.mended(text)
        if right != text:
            verdict.say("mojibake", WARNING, at, raw, became=right)
            text = right
        if values.is_error_value(text, mark):
            if FIELDS[name].kept:
                verdict.say("cell_error", WARNING, at, raw)
            return None
        if mark == COVERED and FIELDS[name].kept:
            verdict.say("merged_cell", WARNING, at)
        if name not in NAMES and name != "email" and values.says_nothing(text):
            return None
        return self._free_text(name, at, text, mark, verdict) if text else None

    def _free_text(self, name, at, text, mark, verdict):
        if name in FREE_TEXT and len(text) > FIELDS[name].limit:
            severity = ERROR if name in REFUSED_WHEN_LONG else WARNING
            verdict.say("too_long", severity, at, text, limit=FIELDS[name].limit, is_=len(text))
            return None
        if name in FREE_TEXT and values.is_formula(text):
            verdict.say("formula", WARNING, at, text)
        if name == "employee_id" and mark == PADDED:
            verdict.say("number_padded", WARNING, at, text)
        if name in {"first_name", "last_name"} and values.has_lost_letters(text):
            verdict.say("lost_letters", REMARK, at, text)
        return text

    def _split_full_name(self, verdict):
        whole = verdict.fields.get("full_name")
        if whole and not {"first_name", "last_name"} & self.columns.keys():
            first, last = values.names_of(whole)
            verdict.fields |= {"first_name": first or None, "last_name": last or None}

    def _date(self, row, name, verdict):
        text = verdict.fields.get(name)
        if not text:
            return
        at = self.columns[name]
        date, code = values.date_of(text, row.marks.get(at, ""), self.day_first[name])
        verdict.fields[name] = date
        if code:
            verdict.say(code, WARNING, at, row.cells[at], read=date)
        elif name == "hire_date" and date > self.context.today.isoformat():
            verdict.say("hire_date_future", WARNING, at, row.cells[at], date=date)

    def _has_left(self, verdict):
        """Someone who left is nobody to enrol; someone who will leave is still here."""
        date, at = verdict.fields.get("leave_date"), self.columns.get("leave_date")
        gone = bool(date)
        for name in ABOUT_LEAVING:
            text = verdict.fields.get(name)
            if not text:
                continue
            says_so, said = values.departure_in(text, is_status=name in STATUS_COLUMNS)
            if says_so:
                gone, date, at = True, date or said, self.columns[name]
        if not gone:
            return False
        if date and date >= self.context.today.isoformat():
            verdict.fields["leave_date"] = date
            verdict.say("leaves_later", WARNING, at, date, date=date)
            return False
        self._ignore_leaver(verdict, at, date)
        return True

    def _ignore_leaver(self, verdict, at, date):
        verdict.outcome = IGNORE
        verdict.messages = []
        verdict.say("left", REMARK, at, date or "", date=date)
        email, fault = values.email_of(verdict.fields.get("email") or "")
        if not fault:
            verdict.fields["email"] = email
            self.leavers.setdefault(email, verdict.line)

    def _language(self, verdict):
        text = verdict.fields.get("language")
        if not text:
            return
        verdict.fields["language"] = values.language_of(text)
        if not verdict.fields["language"]:
            verdict.say("language_unknown", WARNING, self.columns["language"], text)

    def _role(self, verdict):
        text = verdict.fields.get("role")
        if not text:
            return
        at, role = self.columns["role"], values.role_of(text)
        verdict.fields["role"] = role
        if role is None:
            verdict.say("role_unknown", ERROR, at, text)
        elif role not in self.context.roles:
            verdict.fields["role"] = None
            verdict.say("role_above", WARNING, at, text)

    def _email(self, row, verdict):
        at = self.columns.get("email")
        if at is None:
            verdict.say("email_missing", ERROR)
            return
        text = verdict.fields["email"] or ""
        email, fault = values.email_of(text)
        if row.marks.get(at) == UNCOMPUTED:
            fault = "formula_uncomputed"
        elif not fault and self.context.domains:
            fault = None if email.rpartition("@")[2] in self.context.domains else "email_outside"
        if not fault:
            verdict.fields["email"] = email
            return
        verdict.fields["email"] = None
        domains = ", ".join(sorted(self.context.domains))
        verdict.say(fault, ERROR, at, row.cells[at], domains=domains, email=email[:200])

    # --- The same person, or another's number ------------------------------------------------

    def _claim(self, verdict):
        """The first row of a person wins; a number belongs to one person."""
        email, number = verdict.email, verdict.fields.get("employee_id")
        earlier = self.by_email.get(email)
        if earlier:
            self._met_again(verdict, earlier)
            return
        holder = self.by_number.get(number) if number else None
        if holder:
            at = self.columns["employee_id"]
            verdict.related = self.by_email[holder].line
            verdict.say("number_taken", ERROR, at, number, line=verdict.related)
            return
        if self._contradicts_directory(verdict, email, number):
            return
        self.by_email[email] = Seen(verdict.line, number, _name_in(verdict.fields))
        if number:
            self.by_number[number] = email

    def _met_again(self, verdict, earlier):
        verdict.related = earlier.line
        if _same_person(verdict.fields, earlier):
            verdict.outcome, verdict.messages = MERGE, []
            self.met_again[earlier.line] = {}
            verdict.say("met_before", REMARK, self.columns["email"], line=earlier.line)
        else:
            at, email = self.columns["email"], verdict.email
            verdict.say("email_taken", ERROR, at, email, line=earlier.line)

    def _contradicts_directory(self, verdict, email, number):
        known, holder = self.context.people.get(email), self.context.numbers.get(number)
        if number and holder and holder != email:
            at = self.columns["employee_id"]
            verdict.say("number_taken_already", ERROR, at, number, email=holder)
            return True
        known_number = known.fields.get("employee_id") if known else None
        if number and known_number and known_number != number:
            verdict.say("email_taken_already", ERROR, self.columns["email"], email)
            return True
        return False

    # --- Departments, teams, places ----------------------------------------------------------

    def _count_units(self, fields):
        """Counts what the directory lacks; whether it is created meanwhile is seen at the turn."""
        name, team = fields.get("department"), fields.get("team")
        if name:
            found = self.context.departments.get(folded(name))
            if found is None:
                self._count("department", name)
            if team and (found is None or (found, folded(team)) not in self.context.teams):
                self._count("team", team, under=found or name)
        place = fields.get("location")
        if place and folded(place) not in self.context.locations:
            self._count("location", place)

    def _count(self, kind, name, under=""):
        self.unknown[kind][self._unit(kind, name, under)] += 1

    def _unit(self, kind, name, under=""):
        """A name under the spelling it was first met in."""
        under = self.spelling.setdefault(("department", "", folded(under)), under)
        name = self.spelling.setdefault((kind, folded(under), folded(name)), name)
        return Unit(under, name)

    def _found(self, kind, unit):
        if kind == "team":
            under = self.context.departments.get(folded(unit.under))
            return under and self.context.teams.get((under, folded(unit.name)))
        names = self.context.departments if kind == "department" else self.context.locations
        return names.get(folded(unit.name))

    def _units(self, verdict):
        self._department(verdict)
        if verdict.fields.get("location"):
            self._settle_unit("location", verdict)

    def _department(self, verdict):
        fields, at = verdict.fields, self.columns.get("department")
        name, team = fields.get("department"), fields.get("team")
        if name:
            self._settle_unit("department", verdict)
            if team and fields["department"]:
                self._settle_unit("team", verdict, under=fields["department"])
            elif team:
                fields["team"] = None
            return
        # A team of no department belongs nowhere.
        if "team" in fields:
            fields["team"] = None
        if at is not None and not any(message.column == at for message in verdict.messages):
            verdict.say("department_empty", WARNING, at)

    def _settle_unit(self, kind, verdict, under=""):
        """A new department of 300 people is one question to ask, not 300 warnings."""
        name = verdict.fields[kind]
        unit = self._unit(kind, name, under)
        found = verdict.fields[kind] = self._found(kind, Unit(under, name))
        if found is None:
            common = is_surely_meant(self.unknown[kind][unit], self.rows)
            severity = REMARK if common else WARNING
            verdict.say(f"{kind}_unknown", severity, self.columns[kind], name)

    # --- Against the directory ---------------------------------------------------------------

    def _compare(self, verdict, known):
        if verdict.importable:
            self._settle_move(verdict, known)
            verdict.action = CREATE if known is None else self._update(verdict, known)
        elif verdict.outcome == IGNORE and verdict.email:
            self._close(verdict, known)

    def _settle_move(self, verdict, known):
        """Keeps the day on which somebody works elsewhere: one to come, of somebody who is here."""
        date = verdict.fields.get("moves_on")
        if not date:
            return
        later = date > self.context.today.isoformat()
        if later and known and any(_differs(n, verdict.fields.get(n), known) for n in MOVING):
            verdict.say("moves_later", WARNING, self.columns["moves_on"], date, date=date)
        else:
            verdict.fields["moves_on"] = None

    def _update(self, verdict, known):
        is_later = bool(verdict.fields.get("moves_on"))
        there = _once_moved(known) if is_later else known
        verdict.changes = [
            name
            for name, value in verdict.fields.items()
            if FIELDS[name].kept
            and name != "email"
            and not (name in NOT_A_PEERS and self._is_out_of_reach(known))
            and _differs(name, value, there if name in MOVING else known)
        ]
        # A list with that column and no day in it takes back what an earlier one said.
        if "moves_on" in self.columns and known.fields.get("moves_on") and not is_later:
            verdict.changes.append("moves_on")
        if not known.active:
            verdict.say("account_closed", WARNING, self.columns["email"], verdict.email)
        return UPDATE if verdict.changes else SAME

    def _is_out_of_reach(self, known):
        """An account whose role and whose being open are not this importer's to decide."""
        return known.role not in self.context.roles or known.email in self.context.kept_open

    def _close(self, verdict, known):
        """Somebody who left is deactivated, unless another line says that they are still here."""
        email = verdict.email
        if known is None or not known.active or email in self.by_email:
            return
        if self._is_out_of_reach(known):
            verdict.say("close_by_admin", REMARK, self.columns["email"], email)
        elif self.leavers.get(email) == verdict.line:
            verdict.action = CLOSE


def _same_person(fields, earlier):
    """By number where both have one; by name where they have not."""
    numbers = fields.get("employee_id"), earlier.number
    if all(numbers):
        return numbers[0] == numbers[1]
    names = _name_in(fields), earlier.name
    return names[0] == names[1] or not all(names)


def _name_in(fields):
    return folded(" ".join(fields.get(name) or "" for name in ("first_name", "last_name")))


def _once_moved(known):
    """Somebody as they will be after the move that is known of."""
    there = {name: known.fields.get(f"next_{name}") for name in MOVING}
    return replace(known, fields={**known.fields, **{n: v for n, v in there.items() if v}})


def _differs(name, value, known):
    """An empty cell never empties anything, and a poorer spelling never replaces a better one."""
    if not value:
        return False
    before = known.fields.get(name) or ""
    if name == "tags":
        return ", ".join(values.tags_of(value)) != before
    if name in NAMES and values.is_poorer(value, before):
        return False
    return value != before
