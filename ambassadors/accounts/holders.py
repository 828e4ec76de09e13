"""The policy, asked the other way round: not "may this person?" but "who may?"."""

from typing import Any

from ambassadors.accounts.models import User
from ambassadors.accounts.policy import allows
from ambassadors.accounts.roles import Role


def who_may(perm: str, obj: Any = None) -> list[int]:
    """The ids of the active people whom the policy lets do `perm` (on `obj`).

    The roles that may at all are found first, so that only their people are asked one by one.
    """
    roles = [role for role in Role if allows(User(role=role), perm)]
    people = User.objects.active().with_role(*roles)
    return [person.pk for person in people if person.has_perm(perm, obj)]
