"""From verdicts to people, some thousands at a time, and each once."""

import contextlib
import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction

from activity.log import record
from ambassadors.accounts.models import LastAdmin, User
from ambassadors.accounts.roles import Role
from ambassadors.directory.imports.bulk import copy_in, new_ids, update_rows
from ambassadors.directory.imports.context import known_people
from ambassadors.directory.imports.judging import MOVING
from ambassadors.directory.imports.rows import ImportChange, ImportRow
from ambassadors.directory.imports.table import folded
from ambassadors.directory.imports.values import tags_of
from ambassadors.directory.imports.verdicts import CLOSE, CREATE, UPDATE, Known
from ambassadors.directory.models import Department, Location, Person
from ambassadors.directory.moves import Move

BATCH = 500
OF_USER = ("first_name", "last_name", "preferred_name", "language")


def write(source: Any, *, by: User) -> None:
    """Creates, updates and closes what the verdicts of `source` say, in transactions of a piece.

    Each row is marked in the transaction that writes it: whoever starts again after a worker's
    death goes on where it was. Raises IntegrityError when somebody took an address or a number.
    """
    told = _Told(source)
    for step, rows in (
        (_create, source.rows.to_write(CREATE)),
        (_complete, source.rows.new().without_change()),
        (_update, source.rows.to_write(UPDATE)),
        (_close, source.rows.to_write(CLOSE)),
    ):
        last = -1
        # From where the last piece ended: looking from the start each time, what is done would be
        # gone through again and again.
        while piece := _some(step, rows.filter(position__gt=last), source, by):
            last = piece[-1].position
            told.count(0 if step is _complete else len(piece))


class _Told:
    """How far the writing is, for the page that follows."""

    def __init__(self, source):
        self.source, self.done = source, source.rows.filter(written=True).count()

    def count(self, more):
        self.done += more
        self.source.tell_progress("writing", self.done, self.source.to_write)


@transaction.atomic
def _some(step, rows, source, by):
    source.stay(source.Status.COMMITTING)
    kept = rows.order_by("position").only("source", "position", "fields", "changes", "person")
    piece = list(kept[: ImportRow.CHUNK])
    if piece:
        step(piece, source, by)
    return piece


def _create(rows, source, by):
    """Accounts and places; managers come when everybody is here."""
    units, ids = Units(source.choices), new_ids(User, len(rows))
    source.keep_units_made(units.made)
    given = [row.fields | {"id": pk} for row, pk in zip(rows, ids, strict=True)]
    copy_in(User, (_new_user(fields, units) for fields in given))
    copy_in(Person, ({"user_id": f["id"]} | _said(f, units) for f in given))
    for row, pk in zip(rows, ids, strict=True):
        row.person_id, row.written = pk, True
        if row.fields.get("role") not in (None, Role.AMBASSADOR):
            subject = User(pk=pk)
            record(
                "user.role_changed", subject=subject, actor=by, before="", after=row.fields["role"]
            )
    update_rows(ImportRow, ["person", "written"], rows)


def _new_user(fields, units):
    location = units.of(fields)["location_id"]
    return {
        "id": fields["id"],
        "email": fields["email"],
        # No password opens it: as long as Django's own, and without its cost.
        "password": UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20),
        "role": fields.get("role") or Role.AMBASSADOR,
        "time_zone": units.time_zones.get(location, settings.TIME_ZONE),
    } | {name: fields[name] for name in OF_USER if fields.get(name)}


def _said(fields, units):
    """What the file says of a person's work, by attribute. What it leaves empty is not in it."""
    said = {
        "employee_id": fields.get("employee_id"),
        "job_title": fields.get("job_title"),
        "hire_date": _date(fields.get("hire_date")),
        "leaves_on": _date(fields.get("leave_date")),
        "tags": tags_of(fields.get("tags") or ""),
    } | units.of(fields)
    empty = {"job_title": "", "tags": []}
    return {name: value or empty.get(name) for name, value in said.items()}


# Who leads whom, by the address that the row has kept.
_LEAD = """
UPDATE ambassadors_person person SET manager_id = boss.id
FROM ambassadors_importrow line JOIN ambassadors_user boss
    ON boss.email = line.fields->>'manager_email'
WHERE line.id = ANY(%s) AND person.user_id = line.person_id
"""
# A new person as context.known_people() has them: [nothing, what is there] for each field with
# something in it. Not there, because for 100,000 people the way to Python and back is long.
_NOTE_NEW = """
INSERT INTO ambassadors_importchange (source_id, person_id, created, outcome, said)
SELECT line.source_id, account.id, true, '', (
    SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(NULL, value)), '{}')
    FROM jsonb_each_text(jsonb_build_object(
        'first_name', account.first_name, 'last_name', account.last_name,
        'preferred_name', account.preferred_name, 'language', account.language,
        'role', account.role, 'employee_id', person.employee_id,
        'department', department.name, 'team', team.name, 'location', location.name,
        'manager_email', boss.email, 'job_title', person.job_title,
        'hire_date', to_char(person.hire_date, 'YYYY-MM-DD'),
        'leave_date', to_char(person.leaves_on, 'YYYY-MM-DD'),
        'tags', array_to_string(person.tags, ', ')))
    WHERE value <> '')
FROM ambassadors_importrow line
JOIN ambassadors_user account ON account.id = line.person_id
LEFT JOIN ambassadors_person person ON person.user_id = account.id
LEFT JOIN ambassadors_department department ON department.id = person.department_id
LEFT JOIN ambassadors_department team ON team.id = person.team_id
LEFT JOIN ambassadors_location location ON location.id = person.location_id
LEFT JOIN ambassadors_user boss ON boss.id = person.manager_id
WHERE line.id = ANY(%s)
"""


def _complete(rows, source, by):
    """The managers of the new people, and what each of them looks like, for an undo."""
    keys = [row.pk for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_LEAD, [keys])
        cursor.execute(_NOTE_NEW, [keys])


def _ids(emails):
    return dict(User.objects.filter(email__in=set(emails) - {None}).values_list("email", "pk"))


def _update(rows, source, by):
    # Locked, so that what is restored one day is what was there.
    emails = [row.fields["email"] for row in rows]
    list(User.objects.select_for_update().filter(email__in=emails).order_by("pk").values("pk"))
    before = known_people(emails)
    writer = _Writer(Units(source.choices), by, _ids(r.fields.get("manager_email") for r in rows))
    source.keep_units_made(writer.units.made)
    ids = writer.update({row.fields["email"]: row for row in rows})
    _note(rows, ids, before, source)


def _close(rows, source, by):
    emails = [row.fields["email"] for row in rows]
    before, users = known_people(emails), {}
    for user in User.objects.select_related("person").filter(email__in=emails):
        users[user.email] = user
    for row in rows:
        _close_one(users.get(row.fields["email"]), row.fields, by)
    _note(rows, {email: user.pk for email, user in users.items()}, before, source)


def _close_one(user, fields, by):
    if user is None:
        return
    with contextlib.suppress(LastAdmin):
        user.deactivate(by=by)
    left_on = _date(fields.get("leave_date"))
    if left_on:
        Person.objects.filter(user=user).update(leaves_on=left_on)


def _note(rows, ids, before, source):
    """Marks the rows as written, and keeps what was there before beside what is there now."""
    now = known_people(before)
    for row in rows:
        row.person_id, row.written = ids.get(row.fields["email"]), True
    update_rows(ImportRow, ["person", "written"], rows)
    copy_in(
        ImportChange,
        (
            {
                "source_id": source.pk,
                "person_id": row.person_id,
                "created": False,
                "said": differences(before[row.fields["email"]], now[row.fields["email"]]),
            }
            for row in rows
            if row.person_id and row.fields["email"] in now
        ),
    )


def differences(before: Known, now: Known) -> dict[str, list]:
    """field -> [before, now], for what is no longer the same."""
    old = before.fields | {"is_active": before.active}
    new = now.fields | {"is_active": now.active}
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


def put_back(fields: dict, user: User, units: "Units") -> dict[str, Any]:
    """The same fields as attributes of a Person: what judging knows, as the database keeps it."""
    now = user.person
    place = {
        "department": fields.get("department", now.department and now.department.name),
        "team": fields.get("team"),
        "location": fields.get("location"),
    }
    boss = fields.get("manager_email")
    values = {
        "employee_id": fields.get("employee_id"),
        "job_title": fields.get("job_title") or "",
        "hire_date": _date(fields.get("hire_date")),
        "leave_date": _date(fields.get("leave_date")),
        "tags": tags_of(fields.get("tags") or ""),
        "manager_email": _ids([boss]).get(boss),
    }
    columns = {"leave_date": "leaves_on", "manager_email": "manager_id"}
    of_units = units.of(place)
    return {columns.get(n, n): values[n] for n in fields if n in values} | {
        f"{n}_id": of_units[f"{n}_id"] for n in ("department", "team", "location") if n in fields
    }


class Units:
    """Departments, teams and places by the name in use; those chosen for creation are created."""

    def __init__(self, choices):
        self.locations = {row.name: row for row in Location.objects.all()}
        self.time_zones = {row.pk: row.time_zone for row in self.locations.values()}
        self.departments, self.teams = {}, {}
        rows = list(Department.objects.open().select_related("parent"))
        # An import from before a department was renamed or merged is undone into what it is now.
        former = [(row, name) for row in rows for name in row.former_names]
        for row, name in former + [(row, row.name) for row in rows]:
            if row.parent:
                for above in (*row.parent.former_names, row.parent.name):
                    self.teams[above, name] = row
            else:
                self.departments[name] = row
        self.made = {"department": [], "location": []}
        self._create([choice for choice in choices if not choice["target"]])

    def _create(self, chosen):
        for choice in chosen:
            if choice["kind"] == "location" and choice["name"] not in self.locations:
                made = self.locations[choice["name"]] = Location.objects.create(name=choice["name"])
                self.made["location"].append(made.pk)
            if choice["kind"] == "department" and choice["name"] not in self.departments:
                made = Department.objects.create(name=choice["name"])
                self.departments[choice["name"]] = made
                self.made["department"].append(made.pk)
        by_words = {folded(name): row for name, row in self.departments.items()}
        for choice in chosen:
            parent = by_words.get(folded(choice["under"]))
            if choice["kind"] == "team" and parent:
                key = (parent.name, choice["name"])
                if key not in self.teams:
                    made = Department.objects.create(name=choice["name"], parent=parent)
                    self.teams[key] = made
                    self.made["department"].append(made.pk)

    def of(self, fields):
        """The keys of what a verdict's fields name, None where they name nothing."""
        department, team = fields.get("department"), fields.get("team")
        return {
            "department_id": _key(self.departments.get(department)),
            "team_id": _key(self.teams.get((department, team))),
            "location_id": _key(self.locations.get(fields.get("location"))),
        }


def _key(row):
    return row.pk if row else None


class _Writer:
    def __init__(self, units, by, ids):
        self.units, self.by, self.ids = units, by, ids

    def _filled(self, person, fields):
        """Puts what the file says on `person`. What it leaves empty stays as it was."""
        said = _said(fields, self.units) | {"manager_id": self.ids.get(fields.get("manager_email"))}
        # A new department without a team must not keep a team of the old one.
        if said["department_id"] and said["department_id"] != person.department_id:
            person.team = None
        for name, value in said.items():
            if value:
                setattr(person, name, value)
        return person

    def update(self, rows):
        """rows: by address. Returns the keys of the people, by address."""
        touched, people, without = [], [], []
        planned = _Plans(self.units, self.ids)
        for user in User.objects.select_related("person").filter(email__in=rows):
            fields, changes = rows[user.email].fields, rows[user.email].changes
            for name in set(OF_USER) & set(changes):
                setattr(user, name, fields[name])
            touched.append(user)
            planned.take(user, fields, changes)
            fields = planned.of_today(fields)
            if hasattr(user, "person"):
                people.append(self._filled(user.person, fields))
            else:
                without.append(self._filled(Person(user=user), fields))
            if "role" in changes:
                self._change_role(user, fields["role"])
        planned.write()
        update_rows(User, OF_USER, touched)
        update_rows(Person, PERSON_FIELDS, people)
        Person.objects.bulk_update(people, ["tags"], batch_size=BATCH)
        Person.objects.bulk_create(without)
        User.objects.filter(pk__in=[person.user_id for person in without]).hire()
        return {user.email: user.pk for user in touched}

    def _change_role(self, user, role):
        if not self.by.has_perm("ambassadors.change_role", user):
            return
        with contextlib.suppress(LastAdmin):
            user.change_role(role, by=self.by)


class _Plans:
    """The moves to come that a piece of a list notes or takes back."""

    def __init__(self, units, ids):
        self.units, self.ids = units, ids
        self.replaced, self.new = [], []

    def take(self, user, fields, changes):
        day = fields.get("moves_on")
        if "moves_on" in changes or (day and not {*MOVING}.isdisjoint(changes)):
            self.replaced.append(user.pk)
            if day:
                self.new.append(_move(user, fields, self.units, self.ids))

    @staticmethod
    def of_today(fields):
        """What a line says of today: with a day to come, nothing of where somebody works."""
        if not fields.get("moves_on"):
            return fields
        return {name: value for name, value in fields.items() if name not in MOVING}

    def write(self):
        if self.replaced:
            Move.objects.to_come().filter(person__in=self.replaced).delete()
            Move.objects.bulk_create(self.new)


def _move(user, fields, units, ids):
    boss = ids.get(fields.get("manager_email"))
    return Move(person=user, on=_date(fields["moves_on"]), manager_id=boss, **units.of(fields))


def put_back_move(user: User, fields: dict) -> None:
    """Notes the move that `fields` has (moves_on and next_…, as judging knows them), or none."""
    Move.objects.to_come().filter(person=user).delete()
    if fields.get("moves_on"):
        there = {name: fields.get(f"next_{name}") for name in MOVING}
        if there["team"] and not there["department"]:
            there["department"] = fields.get("department")
        there["moves_on"] = fields["moves_on"]
        _move(user, there, Units([]), _ids([there["manager_email"]])).save()


PERSON_FIELDS = [
    "employee_id",
    "department",
    "team",
    "location",
    "manager",
    "job_title",
    "hire_date",
    "leaves_on",
]


def _date(text):
    return dt.date.fromisoformat(text) if text else None
