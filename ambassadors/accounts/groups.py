"""Which role the members of a group of the company's directory get, whoever tells of the group.

    role_of_groups(names) -> Role          the highest that one of the groups gives; else the lowest
    GroupRole.objects.set_role(name, role, by=admin)
    raise_to(user, names), fall_back(user, left, still)     what joining and leaving a group does

A group is known by the name or the identifier the company's directory sends, in any spelling of
its capitals. A group without a line here gives nothing.
"""

import contextlib
from collections.abc import Iterable

from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.models import LastAdmin, User
from ambassadors.accounts.roles import Role

LOWEST = Role.AMBASSADOR
RANK = {role: rank for rank, role in enumerate((Role.AMBASSADOR, Role.MANAGER, Role.ADMIN))}


class GroupRoleQuerySet(models.QuerySet):
    def naming(self, names: Iterable[str]):
        return self.annotate(lower=Lower("group")).filter(lower__in=_spelled(names))

    @transaction.atomic
    def set_role(self, group: str, role: str, *, by: User) -> "GroupRole":
        """Gives the members of `group` a role from their next change or login on."""
        line = self.naming([group]).first() or GroupRole(group=group.strip())
        before = line.role if line.pk else ""
        line.role = role
        line.save()
        record("group_role.set", subject=line, actor=by, before=before, after=role)
        return line


class GroupRole(models.Model):
    """A group of the company's directory, and the role of its members."""

    group = models.CharField(_("group"), max_length=200)
    role = models.CharField(_("role"), max_length=12, choices=Role)

    objects = GroupRoleQuerySet.as_manager()

    class Meta:
        ordering = ["group"]
        constraints = [
            models.UniqueConstraint(Lower("group"), name="group_role_group_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="group_role_role_known"
            ),
        ]

    def __str__(self):
        return self.group

    @transaction.atomic
    def remove(self, by: User) -> None:
        record("group_role.removed", subject=self, actor=by, before=self.role)
        self.delete()


def role_of_groups(names: Iterable[str]) -> str:
    """The highest role that one of `names` (or identifiers) gives; the lowest when none does."""
    roles = GroupRole.objects.naming(names).values_list("role", flat=True)
    return max(roles, key=RANK.__getitem__, default=LOWEST)


def raise_to(user: User, names: Iterable[str]) -> None:
    """Gives `user` the role of these groups, unless they already have a higher one."""
    role = role_of_groups(names)
    if RANK[role] > RANK[user.role]:
        user.change_role(role, by=None)


def fall_back(user: User, left: Iterable[str], still: Iterable[str]) -> None:
    """Takes the role back that the groups `left` gave, down to what those they are `still` in give.

    A role somebody gave by hand stays, and so does the last administrator's.
    """
    given, role = role_of_groups(left), role_of_groups(still)
    if given == user.role and RANK[role] < RANK[given]:
        with contextlib.suppress(LastAdmin):
            user.change_role(role, by=None)


def _spelled(names):
    return {name.strip().lower() for name in names if name}
