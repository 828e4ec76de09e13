"""From verdicts to people. Runs inside the transaction of Import.commit, and may run again."""

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib.auth.hashers import make_password

from activity.log import record
from ambassadors.accounts.models import LastAdmin, User
from ambassadors.accounts.roles import Role
from ambassadors.directory.imports.table import folded
from ambassadors.directory.imports.values import tags_of
from ambassadors.directory.imports.verdicts import CLOSE, CREATE, UPDATE, Judgement, Verdict
from ambassadors.directory.models import Department, Location, Person

BATCH = 500
OF_USER = ("first_name", "last_name", "preferred_name", "language")


def write(
    judgement: Judgement,
    choices: Sequence[dict],
    *,
    by: User,
    progress: Callable[[int, int], None],
) -> None:
    """Creates, updates and closes what the verdicts say, managers included.

    choices: as directory_context() takes them. progress: told now and then how many people are
    done, of how many.
    """
    verdicts = judgement.verdicts
    new = [verdict for verdict in verdicts if verdict.action == CREATE]
    changed = [verdict for verdict in verdicts if verdict.action == UPDATE]
    writer = _Writer(Units(choices), by)
    writer.create_users(new)
    writer.find_everybody([*new, *changed])
    done = 0
    for put_down, some in ((writer.create_people, new), (writer.update, changed)):
        for start in range(0, len(some), BATCH):
            put_down(some[start : start + BATCH])
            done += len(some[start : start + BATCH])
            progress(done, len(new) + len(changed))
    writer.close([verdict for verdict in verdicts if verdict.action == CLOSE])


class Units:
    """Departments, teams and places by the name in use; those chosen for creation are created."""

    def __init__(self, choices):
        self.locations = {row.name: row for row in Location.objects.all()}
        self.departments, self.teams = {}, {}
        for row in Department.objects.select_related("parent"):
            if row.parent:
                self.teams[row.parent.name, row.name] = row
            else:
                self.departments[row.name] = row
        self._create([choice for choice in choices if not choice["target"]])

    def _create(self, chosen):
        for choice in chosen:
            if choice["kind"] == "location" and choice["name"] not in self.locations:
                self.locations[choice["name"]] = Location.objects.create(name=choice["name"])
            if choice["kind"] == "department" and choice["name"] not in self.departments:
                made = Department.objects.create(name=choice["name"])
                self.departments[choice["name"]] = made
        by_words = {folded(name): row for name, row in self.departments.items()}
        for choice in chosen:
            parent = by_words.get(folded(choice["under"]))
            if choice["kind"] == "team" and parent:
                key = (parent.name, choice["name"])
                if key not in self.teams:
                    self.teams[key] = Department.objects.create(name=choice["name"], parent=parent)

    def of(self, fields):
        """The three rows that a verdict's fields name, None where they name nothing."""
        return {
            "department": self.departments.get(fields.get("department")),
            "team": self.teams.get((fields.get("department"), fields.get("team"))),
            "location": self.locations.get(fields.get("location")),
        }


class _Writer:
    def __init__(self, units, by):
        self.units, self.by, self.ids = units, by, {}

    def create_users(self, verdicts):
        """All of them first, so that a manager may come after their people."""
        users = [self._new_user(verdict.fields) for verdict in verdicts]
        User.objects.bulk_create(users, batch_size=BATCH)
        for user in users:
            if user.role != Role.AMBASSADOR:
                record("user.role_changed", subject=user, actor=self.by, before="", after=user.role)

    def find_everybody(self, verdicts):
        named = {v.email for v in verdicts} | {v.fields.get("manager_email") for v in verdicts}
        self.ids = dict(User.objects.filter(email__in=named - {None}).values_list("email", "pk"))

    def create_people(self, verdicts):
        Person.objects.bulk_create(
            self._filled(Person(user_id=self.ids[verdict.email]), verdict.fields)
            for verdict in verdicts
        )

    def _new_user(self, fields):
        location = self.units.of(fields)["location"]
        return User(
            email=fields["email"],
            password=make_password(None),
            role=fields.get("role") or Role.AMBASSADOR,
            time_zone=location.time_zone if location else settings.TIME_ZONE,
            **{name: fields[name] for name in OF_USER if fields.get(name)},
        )

    def _filled(self, person, fields):
        """Puts what the file says on `person`. What it leaves empty stays as it was."""
        said = {
            "employee_id": fields.get("employee_id"),
            "job_title": fields.get("job_title"),
            "hire_date": _date(fields.get("hire_date")),
            "leaves_on": _date(fields.get("leave_date")),
            "tags": tags_of(fields.get("tags") or ""),
            "manager_id": self.ids.get(fields.get("manager_email")),
        } | self.units.of(fields)
        # A new department without a team must not keep a team of the old one.
        if said["department"] and said["department"].pk != person.department_id:
            person.team = None
        for name, value in said.items():
            if value:
                setattr(person, name, value)
        return person

    def update(self, verdicts):
        by_email = {verdict.email: verdict for verdict in verdicts}
        users = User.objects.select_related("person").filter(email__in=by_email)
        touched, people, without = [], [], []
        for user in users:
            fields = by_email[user.email].fields
            changes = by_email[user.email].changes
            for name in set(OF_USER) & set(changes):
                setattr(user, name, fields[name])
            touched.append(user)
            if hasattr(user, "person"):
                people.append(self._filled(user.person, fields))
            else:
                without.append(self._filled(Person(user=user), fields))
            if "role" in changes:
                self._change_role(user, fields["role"])
        User.objects.bulk_update(touched, OF_USER)
        Person.objects.bulk_update(people, PERSON_FIELDS)
        Person.objects.bulk_create(without)

    def _change_role(self, user, role):
        if not self.by.has_perm("ambassadors.change_role", user):
            return
        with contextlib.suppress(LastAdmin):
            user.change_role(role, by=self.by)

    def close(self, verdicts):
        for verdict in verdicts:
            self._close(verdict)

    def _close(self, verdict: Verdict):
        user = User.objects.get(email=verdict.email)
        with contextlib.suppress(LastAdmin):
            user.deactivate(by=self.by)
        left_on = _date(verdict.fields.get("leave_date"))
        if left_on:
            Person.objects.filter(user=user).update(leaves_on=left_on)


PERSON_FIELDS = [
    "employee_id",
    "department",
    "team",
    "location",
    "manager",
    "job_title",
    "hire_date",
    "leaves_on",
    "tags",
]


def _date(text):
    return dt.date.fromisoformat(text) if text else None
