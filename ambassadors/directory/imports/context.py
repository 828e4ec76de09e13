"""The directory as judging sees it: plain data, read in a handful of queries."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ambassadors.accounts.models import User
from ambassadors.accounts.roles import Role
from ambassadors.directory.imports.judging import is_surely_meant
from ambassadors.directory.imports.table import folded
from ambassadors.directory.imports.verdicts import Context, Known, Unit
from ambassadors.directory.models import Department, Location
from ambassadors.directory.moves import Move

Choices = Sequence[dict[str, Any]]


def directory_context(importer: User | None, choices: Choices = ()) -> Context:
    """What judge() must know of today's directory.

    importer: whose rights count; None, when their account is gone, may do least.
    choices: dicts of kind ("department", "team", "location"), under (a team's department), name
    (as the file has it) and target: an existing name, or "" to create it.
    """
    people = {known.email: known for known in _everybody()}
    context = Context(
        today=timezone.localdate(),
        domains=frozenset(settings.EMPLOYEE_DOMAINS),
        people=people,
        numbers={
            known.fields["employee_id"]: email
            for email, known in people.items()
            if known.fields.get("employee_id")
        },
        roles=_roles(importer),
        kept_open=_kept_open(importer),
    )
    return with_choices(context, choices)


def with_choices(context: Context, choices: Choices) -> Context:
    """`context` with the units of today's directory, and those that were chosen."""
    departments, teams, locations = _units()
    for choice in choices:
        name, target = choice["name"], choice["target"] or choice["name"]
        if choice["kind"] == "team":
            under = departments.get(folded(choice["under"]), choice["under"])
            teams.setdefault((under, folded(name)), target)
        else:
            names = departments if choice["kind"] == "department" else locations
            names.setdefault(folded(name), target)
    return replace(context, departments=departments, teams=teams, locations=locations)


def _units():
    departments, teams, locations = {}, {}, {}
    rows = list(Department.objects.open().select_related("parent").order_by("pk"))
    named = [(row, name) for row in rows for name in filter(None, (row.name, row.name_en))]
    # After those in use: what carries a name today comes before what once did.
    named += [(row, name) for row in rows for name in row.former_names]
    for row, name in named:
        if row.parent:
            teams.setdefault((row.parent.name, folded(name)), row.name)
        else:
            departments.setdefault(folded(name), row.name)
    for row in Location.objects.order_by("pk"):
        for name in filter(None, (row.name, row.name_en)):
            locations.setdefault(folded(name), row.name)
    return departments, teams, locations


def _everybody():
    """Of each person only what a whole list is held against: there may be 100,000 of them."""
    rows = User.objects.values_list(
        "email", "role", "is_active", "person__employee_id", "person__manager__email"
    )
    for email, role, active, number, manager in rows.iterator():
        fields = {}
        if number:
            fields["employee_id"] = number
        if manager:
            fields["manager_email"] = manager
        yield Known(email, fields, active=active, role=Role(role))


def known_people(emails: Iterable[str]) -> dict[str, Known]:
    """Those of `emails` who are in the directory, with all their fields. One query."""
    rows = User.objects.filter(email__in=emails).values_list(
        "email",
        "first_name",
        "last_name",
        "preferred_name",
        "language",
        "role",
        "is_active",
        "person__employee_id",
        "person__department__name",
        "person__team__name",
        "person__location__name",
        "person__manager__email",
        "person__job_title",
        "person__hire_date",
        "person__leaves_on",
        "person__tags",
        named=True,
    )
    found = list(rows.iterator())
    moves = _moves_of([row.email for row in found])
    return {
        row.email: Known(
            row.email,
            _fields(row) | moves.get(row.email, NO_MOVE),
            active=row.is_active,
            role=row.role,
        )
        for row in found
    }


NO_MOVE = dict.fromkeys(
    ("moves_on", "next_department", "next_team", "next_location", "next_manager_email")
)


def _moves_of(emails):
    """By address: the day of a move to come, and where to."""
    if not emails:
        return {}
    rows = (
        Move.objects.to_come()
        .filter(person__email__in=emails)
        .values_list(
            "person__email",
            "on",
            "department__name",
            "team__name",
            "location__name",
            "manager__email",
        )
    )
    return {
        email: dict(zip(NO_MOVE, (on.isoformat(), *where), strict=True))
        for email, on, *where in rows
    }


def _fields(row):
    return {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "preferred_name": row.preferred_name,
        "language": row.language,
        "role": row.role,
        "employee_id": row.person__employee_id,
        "department": row.person__department__name,
        "team": row.person__team__name,
        "location": row.person__location__name,
        "manager_email": row.person__manager__email,
        "job_title": row.person__job_title,
        "hire_date": row.person__hire_date and row.person__hire_date.isoformat(),
        "leave_date": row.person__leaves_on and row.person__leaves_on.isoformat(),
        "tags": ", ".join(row.person__tags or []),
    }


def _roles(importer):
    """The roles this person may give, and close the accounts of."""
    if importer is not None and importer.has_perm("ambassadors.change_role"):
        return frozenset(Role.values)
    return frozenset({Role.AMBASSADOR})


def _kept_open(importer):
    """One does not close one's own account by a file, nor the last administrator's."""
    admins = list(User.objects.active().filter(role=Role.ADMIN).values_list("email", flat=True)[:2])
    own = [importer.email] if importer else []
    return frozenset(own + (admins if len(admins) == 1 else []))


# All of the directory that a verdict can depend on, and nothing that changes by itself.
_DIRECTORY = """
SELECT
    (SELECT sum(hashtextextended(ROW(id, email, first_name, last_name, preferred_name, language,
        role, is_active)::text, 0)) FROM ambassadors_user),
    (SELECT sum(hashtextextended(p::text, 0)) FROM ambassadors_person p),
    (SELECT sum(hashtextextended(m::text, 0)) FROM ambassadors_move m),
    (SELECT sum(hashtextextended(d::text, 0)) FROM ambassadors_department d),
    (SELECT sum(hashtextextended(l::text, 0)) FROM ambassadors_location l)
"""


def seen_by(importer: User | None) -> str:
    """A fingerprint of all that judging would be given now: as long as it is the same, so are the
    verdicts. Half a second for 100,000 people."""
    with connection.cursor() as cursor:
        cursor.execute(_DIRECTORY)
        directory = [str(figure) for figure in cursor.fetchone()]
    given = [
        timezone.localdate().isoformat(),
        sorted(settings.EMPLOYEE_DOMAINS),
        sorted(_roles(importer)),
        sorted(_kept_open(importer)),
        directory,
    ]
    return hashlib.sha256(repr(given).encode()).hexdigest()


def first_choices(unknown: dict[str, Counter[Unit]], rows: int) -> Choices:
    """What to propose before anybody has chosen. unknown: as judging has it after the first pass.

    Where the directory has no department at all (or no place), those of the file are created;
    later on a new name is more likely a slip, and waits for somebody's word.
    """
    kinds = []
    if not Department.objects.open().exists():
        kinds += ["department", "team"]
    if not Location.objects.exists():
        kinds.append("location")
    return created(
        (kind, unit, people)
        for kind in kinds
        for unit, people in unknown[kind].most_common()
        if is_surely_meant(people, rows)
    )


def created(units: Iterable[tuple[str, Unit, int]]) -> Choices:
    """The choices that create each of `units`: kind, Unit and how many people it has."""
    return [
        {"kind": kind, "under": unit.under, "name": unit.name, "people": people, "target": ""}
        for kind, unit, people in units
    ]
