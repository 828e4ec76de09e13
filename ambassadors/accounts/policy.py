"""Who may do what: the whole product in one table.

A rule takes a user and an object (or None) and answers yes or no. `user.has_perm(name, obj)`,
`@permission_required` and `{% if perms %}` all read POLICY. Nobody else looks at `user.role`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied

from ambassadors.accounts.roles import Role

Rule = Callable[[Any, Any], bool]


def has_role(*roles: str) -> Rule:
    return lambda user, obj: user.role in roles


def either(*rules: Rule) -> Rule:
    return lambda user, obj: any(rule(user, obj) for rule in rules)


def both(*rules: Rule) -> Rule:
    return lambda user, obj: all(rule(user, obj) for rule in rules)


def is_author(user, obj) -> bool:
    return obj is not None and obj.author_id == user.pk


def is_owner(user, obj) -> bool:
    return obj is not None and obj.owner_id == user.pk


def is_not_blocked_by_four_eyes(user, obj) -> bool:
    """Whoever wrote it, or last changed it, does not approve it where a second pair is asked."""
    return obj is None or not obj.campaign.four_eyes or user.pk not in obj.writer_ids


def is_asked(user, obj) -> bool:
    """Where a campaign names who decides on its content, they do, and nobody else.

    An administrator steps in where it is overdue, or where nobody named can decide any more.
    """
    if obj is None:
        return True
    named = {person.pk for person in obj.campaign.approvers.all()}
    if not named or user.pk in named:
        return True
    return administers(user, obj) and obj.is_open_to_admins


def is_a_second_pair_of_eyes(user, campaign) -> bool:
    """Whoever answers for a campaign, or last changed it, does not approve it where four ask."""
    return campaign is None or not campaign.four_eyes or user.pk not in campaign.writer_ids


def is_somebody_else(user, obj) -> bool:
    return obj is None or obj.pk != user.pk


anyone: Rule = lambda user, obj: True  # noqa: E731
manages = has_role(Role.MANAGER, Role.ADMIN)
administers = has_role(Role.ADMIN)

POLICY: dict[str, Rule] = {
    # accounts and directory
    "ambassadors.see_styleguide": manages,
    "ambassadors.see_people": manages,
    "ambassadors.import_people": manages,
    "ambassadors.see_every_import": administers,
    "ambassadors.invite_people": manages,
    # A sign-up link that asks nobody for a yes.
    "ambassadors.open_the_door": administers,
    "ambassadors.change_role": both(administers, is_somebody_else),
    "ambassadors.deactivate_user": both(administers, is_somebody_else),
    "ambassadors.see_audit_trail": administers,
    "ambassadors.change_sign_on": administers,
    "ambassadors.issue_tokens": administers,
    "ambassadors.run_provisioning": administers,
    # With a password or a code where single sign-on is required: for the day it is down.
    "ambassadors.log_in_locally": administers,
    # programme
    "ambassadors.join_programme": anyone,
    "ambassadors.write_charter": administers,
    "ambassadors.change_topics": manages,
    # campaigns and content
    "campaigns.see_campaigns": manages,
    "campaigns.run_campaign": manages,
    "campaigns.approve_campaign": both(manages, is_a_second_pair_of_eyes),
    "campaigns.change_goals": manages,
    "campaigns.see_library": manages,
    "campaigns.export_library": manages,
    "campaigns.write_content": manages,
    "campaigns.submit_content": either(is_author, manages),
    "campaigns.approve_content": both(manages, is_not_blocked_by_four_eyes, is_asked),
    # Settling what is overdue without waiting for the others who are asked.
    "campaigns.decide_overdue": administers,
    "campaigns.withdraw_content": manages,
    "campaigns.change_sources": manages,
    "campaigns.propose_content": anyone,
    "campaigns.change_phrases": manages,
    "campaigns.give_addresses": manages,
    "campaigns.change_networks": administers,
    # sharing and reach
    "campaigns.share_content": anyone,
    "campaigns.see_reach": manages,
    "campaigns.export_reach": manages,
    "campaigns.change_reach_view": both(manages, is_owner),
    "campaigns.change_reach_settings": administers,
}


def allows(user: Any, perm: str, obj: Any = None) -> bool:
    """True when the table lets `user` do `perm` (on `obj`). An unknown name is a no."""
    rule = POLICY.get(perm)
    return bool(rule and user.is_active and user.is_authenticated and rule(user, obj))


class PolicyBackend:
    """Puts POLICY behind Django's `has_perm`."""

    def authenticate(self, request, **credentials):
        return None

    def has_perm(self, user, perm, obj=None):
        return allows(user, perm, obj)


def permission_required(perm: str):
    """Refuses with 403 a person whose role never allows `perm`. Objects are asked in the view."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.has_perm(perm):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.perm = perm
        return guarded

    return decorate


def require(user: Any, perm: str, obj: Any) -> None:
    """Raises PermissionDenied unless `user` may do `perm` on `obj`."""
    if not user.has_perm(perm, obj):
        raise PermissionDenied
