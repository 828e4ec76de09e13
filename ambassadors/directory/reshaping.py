"""Changing the tree of departments: add, rename, move, merge, close.

Nothing is ever deleted: figures of earlier days stay with the department they were counted for.
What is moved or merged takes its people along, so that figures from today on are right as well.

Every change holds the whole tree for its moment: of two at once, the second sees the first's work.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.models import User
from ambassadors.directory.imports.table import folded
from ambassadors.directory.models import Department, Person

# Whoever holds a department beside its people: (source, target), within the merge.
Follower = Callable[[Department, Department], None]
FOLLOWERS: list[Follower] = []


class Refused(Exception):
    """What the tree does not allow; `says` is for the person who asked."""

    says: Any = ""


class Gone(Refused):
    says = _("This department is closed. Somebody may just have closed or merged it.")


class NameTaken(Refused):
    says = _("There is a department of this name in the same place already.")


class WithinItself(Refused):
    says = _("A department cannot come under itself or one of its own teams.")


class Same(Refused):
    says = _("Choose another department than this one.")


class NotEmpty(Refused):
    says = _("People or teams are still in it: move or merge them first.")


def follows(follower: Follower) -> Follower:
    """Calls `follower(source, target)` with each merge, in its transaction."""
    FOLLOWERS.append(follower)
    return follower


@transaction.atomic
def add(name: str, *, name_en: str = "", parent: Department | None = None, by: User) -> Department:
    """A new department, or a team of `parent`. Raises NameTaken or Gone."""
    tree = _held()
    if parent is not None:
        parent = _open(tree, parent)
    _check_name(tree, name, parent)
    made = Department.objects.create(name=name, name_en=name_en, parent=parent)
    record("department.added", subject=made, actor=by, name=name, parent=parent and parent.pk)
    return made


@transaction.atomic
def rename(department: Department, name: str, name_en: str, *, by: User) -> None:
    """Another name from now on; the old one still finds it in a file. Raises NameTaken or Gone."""
    tree = _held()
    now = _open(tree, department)
    before = {"name": now.name, "name_en": now.name_en}
    after = {"name": name, "name_en": name_en}
    if before == after:
        return
    _check_name(tree, name, now.parent_id and tree[now.parent_id], but=now)
    now.name, now.name_en = name, name_en
    _remember(now, before.values())
    now.save(update_fields=["name", "name_en", "former_names"])
    record("department.renamed", subject=now, actor=by, before=before, after=after)


@transaction.atomic
def move(department: Department, parent: Department | None, *, by: User) -> None:
    """Beneath another one, or to the top. Raises WithinItself, NameTaken or Gone."""
    tree = _held()
    now = _open(tree, department)
    parent = parent and _open(tree, parent)
    if parent and parent.pk in _beneath(now):
        raise WithinItself
    before, after = now.parent_id, parent and parent.pk
    if before == after:
        return
    _check_name(tree, now.name, parent, but=now)
    Department.objects.filter(pk=now.pk).update(parent=parent)
    _seat(now)
    record("department.moved", subject=now, actor=by, before=before, after=after)


@transaction.atomic
def merge(source: Department, target: Department, *, by: User) -> int:
    """Closes `source`; its people, its teams and its managers' limits go to `target`.

    Gives how many people moved. Teams of one name become one. Raises Same, WithinItself or Gone.
    """
    tree = _held()
    source, target = _open(tree, source), _open(tree, target)
    if source == target:
        raise Same
    if target.pk in _beneath(source):
        raise WithinItself
    moved = _people_of(_beneath(source)).count()
    _merge(source, target, by)
    _seat(target)
    data = {"source": source.pk, "source_name": source.name, "people": moved}
    record("department.merged", subject=target, actor=by, **data)
    return moved


@transaction.atomic
def close(department: Department, *, by: User) -> None:
    """Out of every list; what was counted of it stays. Raises NotEmpty or Gone."""
    now = _open(_held(), department)
    here = Q(department=now) | Q(team=now)
    if now.children.open().exists() or Person.objects.filter(here, user__is_active=True).exists():
        raise NotEmpty
    Department.objects.filter(pk=now.pk).update(closed_on=timezone.localdate())
    record("department.closed", subject=now, actor=by, name=now.name)


def _held():
    """All departments, locked. Not their keys: clicks that point to one are not kept waiting."""
    rows = Department.objects.select_for_update(no_key=True).order_by("pk")
    return {row.pk: row for row in rows}


def _open(tree, department):
    """`department` as it is now."""
    now = tree.get(department.pk)
    if now is None or now.closed_on:
        raise Gone
    return now


def _check_name(tree, name, parent, but=None):
    beside = [row for row in tree.values() if row.parent_id == (parent and parent.pk)]
    taken = {folded(row.name) for row in beside if row != but and not row.closed_on}
    if folded(name) in taken:
        raise NameTaken


def _beneath(department):
    """Its key and those of all its teams."""
    return Department.objects.beneath([department.pk])


def _people_of(units):
    here = Q(department__in=units) | Q(team__in=units)
    return Person.objects.filter(here, user__is_active=True)


def _remember(department, names):
    """Puts `names` among those it had, but for the ones it has."""
    known = [*department.former_names, *names]
    now = {department.name, department.name_en, ""}
    department.former_names = [name for name in dict.fromkeys(known) if name not in now]


def _merge(source, target, by):
    # First, so that a team of the same name may take its place.
    closed = {"closed_on": timezone.localdate(), "merged_into": target}
    Department.objects.filter(pk=source.pk).update(**closed)
    for team in source.children.open().exclude(pk=target.pk):
        twins = [each for each in target.children.open() if folded(each.name) == folded(team.name)]
        twins = [twin for twin in twins if twin not in (team, source)]
        if twins:
            _merge(team, twins[0], by)
        else:
            Department.objects.filter(pk=team.pk).update(parent=target)
    Person.objects.filter(department=source).update(department=target)
    Person.objects.filter(team=source).update(team=target)
    _take_over_limits(source, target, by)
    for follower in FOLLOWERS:
        follower(source, target)
    _remember(target, [source.name, source.name_en, *source.former_names])
    target.save(update_fields=["former_names"])


def _take_over_limits(source, target, by):
    """Whoever was limited to the one is limited to the other; each is told and it is recorded."""
    for manager in source.overseers.order_by("pk"):
        others = manager.oversees.exclude(pk__in=[source.pk, target.pk])
        manager.change_role(manager.role, by=by, departments=[*others, target])


def _seat(department):
    """Writes its people, and those of all its teams, where the tree now says they are.

    A person's department is the top of the tree, and the team the very place beneath it.
    """
    units = _beneath(department)
    top = Department.objects.get(pk=department.pk).top
    people = Person.objects.filter
    alone = people(department__in=units, team=None).exclude(department=top)
    alone.update(team=F("department"), department=top)
    people(team__in=units).update(department=top)
    people(department__in=units).update(department=top)
    people(team=top).update(team=None)
