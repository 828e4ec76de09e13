"""Groups of the company's directory, and what being in one does here.

A group that has the name of a team (or that an administrator gave one) puts its members in that
team, where they are of its department. A group that gives a role raises its members to it.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from scim2_models import InvalidValueException

from activity.log import record
from ambassadors.accounts.groups import GroupRole, fall_back, raise_to
from ambassadors.accounts.models import User
from ambassadors.directory.imports.table import folded
from ambassadors.directory.imports.values import clean
from ambassadors.directory.models import Department, Person
from ambassadors.directory.reshaping import follows
from ambassadors.provisioning import schemas
from ambassadors.provisioning.models import DirectoryGroup, provisioned
from ambassadors.provisioning.people import location, named_conflicts, pk_of

LONGEST = 200


def resource_of(group: DirectoryGroup, members: Iterable[int] | None) -> schemas.Group:
    """The group in SCIM's words. members: numbers of users, None to leave them out."""
    return schemas.Group(
        id=str(group.pk),
        external_id=group.external_id or None,
        display_name=group.display_name,
        members=[_member(pk) for pk in members] if members is not None else None,
    )


def _member(pk):
    return schemas.Member(value=str(pk), ref=location("Users", pk), type="User")


@transaction.atomic
def create(said: schemas.Group) -> DirectoryGroup:
    """A new group with its members. UniquenessException when the name is taken."""
    with named_conflicts():
        group = DirectoryGroup.objects.create(display_name=_name(said.display_name))
    record("group.created", subject=group, actor=None)
    rename(group, said.display_name, said.external_id)
    set_members(group, ids_of(said.members))
    return group


@transaction.atomic
def replace(group: DirectoryGroup, said: schemas.Group) -> None:
    """What PUT brings. Members it does not speak of stay."""
    external = said.external_id if "external_id" in said.model_fields_set else group.external_id
    rename(group, said.display_name, external)
    if "members" in said.model_fields_set:
        set_members(group, ids_of(said.members))


@transaction.atomic
def rename(group: DirectoryGroup, name: str | None, external_id: str | None) -> None:
    """Another name or identifier; what the old one gave its members is settled anew."""
    before = group.names
    group.display_name, group.external_id = _name(name), _external(external_id)
    if group.team is None:
        group.team = _team_named(group.display_name)
    group.changed_at = timezone.now()
    with named_conflicts():
        group.save()
    if before != group.names and GroupRole.objects.naming(before | group.names).exists():
        for user in group.members.all():
            fall_back(user, before, DirectoryGroup.objects.of(user).names())
            raise_to(user, group.names)


def set_members(group: DirectoryGroup, ids: set[int]) -> None:
    now = set(group.members.values_list("pk", flat=True))
    remove_members(group, now - ids)
    add_members(group, ids - now)


@transaction.atomic
def add_members(group: DirectoryGroup, ids: set[int]) -> None:
    """Puts people in the group. InvalidValueException for a number that is nobody's."""
    known = set(provisioned().filter(pk__in=ids).values_list("pk", flat=True))
    if known != ids:
        raise InvalidValueException(detail="members: not all of them are users")
    new = known - set(group.members.filter(pk__in=known).values_list("pk", flat=True))
    group.members.add(*new)
    if new:
        _touch(group, "group.joined", new)
        _join_team(group, new)
        if group.gives_role:
            for user in User.objects.filter(pk__in=new):
                raise_to(user, group.names)


@transaction.atomic
def remove_members(group: DirectoryGroup, ids: set[int]) -> None:
    """Takes people out of the group; whoever is not in it is passed over."""
    gone = set(group.members.filter(pk__in=ids).values_list("pk", flat=True))
    group.members.remove(*gone)
    if gone:
        _touch(group, "group.left", gone)
        _leave_team(group, gone)
        if group.gives_role:
            for user in User.objects.filter(pk__in=gone):
                fall_back(user, group.names, DirectoryGroup.objects.of(user).names())


@transaction.atomic
def delete(group: DirectoryGroup) -> None:
    """The group is gone, and with it what it gave its members."""
    remove_members(group, set(group.members.values_list("pk", flat=True)))
    record("group.deleted", subject=group, actor=None)
    group.delete()


@transaction.atomic
def give_team(group: DirectoryGroup, team: Department | None, *, by: User) -> None:
    """The administrator's word on which team a group is."""
    members = set(group.members.values_list("pk", flat=True))
    _leave_team(group, members)
    DirectoryGroup.objects.filter(pk=group.pk).update(team=team)
    group.team = team
    _join_team(group, members)
    record("group.team_set", subject=group, actor=by, team=team and team.pk)


@transaction.atomic
def give_role(name: str, role: str, *, by: User) -> None:
    """The administrator's word on which role a group gives; its members have it at once.

    Nobody changes their own role this way either.
    """
    line = GroupRole.objects.naming([name]).first()
    members = _members_of([name]).exclude(pk=by.pk)
    if line is not None:
        drop_role(line, by=by)
    GroupRole.objects.set_role(name, role, by=by)
    for user in members:
        raise_to(user, [name])


@transaction.atomic
def drop_role(line: GroupRole, *, by: User) -> None:
    """A group gives nothing any more; who has a role from it falls back."""
    members = list(_members_of([line.group]).exclude(pk=by.pk))
    # Worked out while the line still says what it gave.
    for user in members:
        still = DirectoryGroup.objects.of(user).names()
        fall_back(user, [line.group], {name for name in still if not _is(name, line.group)})
    line.remove(by=by)


def ids_of(members: Iterable[schemas.Member] | None) -> set[int]:
    """The users' numbers among `members`; a group among them is refused."""
    found = set()
    for member in members or ():
        if member.type and member.type.lower() != "user":
            raise InvalidValueException(detail="members: only users, not groups")
        found.add(pk_of(member.value or ""))
    return found


def _members_of(names):
    lower = {name.lower() for name in names}
    groups = [group for group in DirectoryGroup.objects.all() if _spelled(group.names) & lower]
    return User.objects.filter(directory_groups__in=groups).distinct()


def _spelled(names):
    return {name.lower() for name in names}


def _is(name, other):
    return name.lower() == other.lower()


def _touch(group, verb, ids):
    now = timezone.now()
    DirectoryGroup.objects.filter(pk=group.pk).update(changed_at=now)
    record(verb, subject=group, actor=None, number=len(ids), people=sorted(ids)[:50])


def _join_team(group, ids):
    if group.team is None:
        return
    people, top = Person.objects.filter(user__in=ids), group.team.top
    fits = Q(department=top) | Q(department=None)
    # A team may have become a department meanwhile.
    team = None if group.team == top else group.team
    people.filter(fits).update(team=team, department=top)


@follows
def _lead_on(source, target):
    DirectoryGroup.objects.filter(team=source).update(team=target)


def _leave_team(group, ids):
    if group.team is not None:
        Person.objects.filter(user__in=ids, team=group.team).update(team=None)


def _team_named(name):
    """The one team of this name; two of that name in two departments are nobody's guess."""
    teams = Department.objects.open().filter(parent__isnull=False)
    same = [team for team in teams if folded(name) in {folded(team.name), folded(team.name_en)}]
    return same[0] if len(same) == 1 else None


def _name(value):
    text = clean(value or "")
    if not text or len(text) > LONGEST:
        raise InvalidValueException(detail=f"displayName: 1 to {LONGEST} characters")
    return text


def _external(value):
    text = clean(value or "")
    if len(text) > LONGEST:
        raise InvalidValueException(detail=f"externalId: {LONGEST} characters at most")
    return text
