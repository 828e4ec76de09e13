"""Who may do what: the whole product in one table.

A rule takes a user and an object (or None) and answers yes or no. `user.has_perm(name, obj)`,
`@permission_required` and `{% if perms %}` all read POLICY. Nobody else looks at `user.role`.

A rule also says what it answers to each standing, and within which bounds: the page of who may do
what is drawn from that (matrix.py), so it cannot say anything else than what is enforced.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.roles import Belonging


class Standing(models.TextChoices):
    """The columns of the table: everybody is exactly one of these."""

    CUSTOMER = "customer", _("Customer ambassador")
    AMBASSADOR = "ambassador", _("Employee or ambassador")
    LIMITED = "limited", _("HR manager of some departments")
    MANAGER = "manager", _("HR manager")
    ADMIN = "admin", _("Administrator")

    @classmethod
    def of(cls, user: Any) -> "Standing":
        if user.belonging == Belonging.CUSTOMER:
            return cls.CUSTOMER
        return cls.LIMITED if user.is_limited else cls(user.role)


class Bound(models.TextChoices):
    """What narrows a yes."""

    OWN = "own", _("their own only")
    DEPARTMENTS = "departments", _("their departments only")
    NOT_OWN = "not_own", _("not their own work")
    NOT_SELF = "not_self", _("not themselves")
    ASKED = "asked", _("where nobody else is named")


Answer = frozenset[Bound] | None
YES: Answer = frozenset()


@dataclass(frozen=True)
class Rule:
    """test: (user, object or None) -> yes or no.

    says: what it comes to for a standing: None for no, else the bounds of its yes.
    """

    test: Callable[[Any, Any], bool]
    says: Callable[[Standing], Answer]

    def __call__(self, user: Any, obj: Any) -> bool:
        return self.test(user, obj)


def standing(*standings: Standing) -> Rule:
    return Rule(
        lambda user, obj: Standing.of(user) in standings,
        lambda asked: YES if asked in standings else None,
    )


def either(*rules: Rule) -> Rule:
    def says(asked):
        answers = [answer for rule in rules if (answer := rule.says(asked)) is not None]
        if not answers:
            return None
        return YES if YES in answers else min(answers, key=len)

    return Rule(lambda user, obj: any(rule(user, obj) for rule in rules), says)


def both(*rules: Rule) -> Rule:
    def says(asked):
        answers = [rule.says(asked) for rule in rules]
        return None if None in answers else frozenset().union(*answers)

    return Rule(lambda user, obj: all(rule(user, obj) for rule in rules), says)


def bound(word: Bound, *standings: Standing):
    """A condition on the object: for these standings (all of them, unless some are named)."""
    narrowed = standings or tuple(Standing)

    def decorate(test):
        return Rule(test, lambda asked: frozenset({word}) if asked in narrowed else YES)

    return decorate


@bound(Bound.OWN)
def is_author(user, obj) -> bool:
    return obj is not None and obj.author_id == user.pk


@bound(Bound.OWN)
def is_owner(user, obj) -> bool:
    return obj is not None and obj.owner_id == user.pk


@bound(Bound.NOT_OWN)
def is_not_blocked_by_four_eyes(user, obj) -> bool:
    """Whoever wrote it, or last changed it, does not approve it where a second pair is asked."""
    return obj is None or not obj.campaign.four_eyes or user.pk not in obj.writer_ids


@bound(Bound.ASKED)
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


@bound(Bound.NOT_OWN)
def is_a_second_pair_of_eyes(user, campaign) -> bool:
    """Whoever answers for a campaign, or last changed it, does not approve it where four ask."""
    return campaign is None or not campaign.four_eyes or user.pk not in campaign.writer_ids


@bound(Bound.NOT_SELF)
def is_somebody_else(user, obj) -> bool:
    return obj is None or obj.pk != user.pk


@bound(Bound.DEPARTMENTS, Standing.LIMITED)
def is_overseen(user, obj) -> bool:
    """What belongs to a limited manager's departments, or is theirs.

    The pages never show them anything else: see `visible_to` of each queryset.
    """
    return obj is None or not user.is_limited or obj.is_overseen_by(user)


anyone = standing(*Standing)
works_here = standing(Standing.AMBASSADOR, Standing.LIMITED, Standing.MANAGER, Standing.ADMIN)
# Everywhere: what is the whole company's, and cannot be cut along departments.
manages_everywhere = standing(Standing.MANAGER, Standing.ADMIN)
manages = both(standing(Standing.LIMITED, Standing.MANAGER, Standing.ADMIN), is_overseen)
administers = standing(Standing.ADMIN)

POLICY: dict[str, Rule] = {
    # accounts and directory
    "ambassadors.see_styleguide": manages_everywhere,
    "ambassadors.see_people": manages,
    "ambassadors.see_departments": manages,
    "ambassadors.change_departments": manages_everywhere,
    "ambassadors.import_people": manages_everywhere,
    "ambassadors.see_every_import": administers,
    "ambassadors.schedule_import": administers,
    "ambassadors.invite_people": manages,
    # Customers, and who asks to come in by themselves, belong to no department.
    "ambassadors.invite_customers": manages_everywhere,
    "ambassadors.answer_sign_ups": manages_everywhere,
    # A sign-up link that asks nobody for a yes.
    "ambassadors.open_the_door": administers,
    "ambassadors.change_role": both(administers, is_somebody_else),
    "ambassadors.deactivate_user": both(administers, is_somebody_else),
    "ambassadors.see_matrix": works_here,
    "ambassadors.see_settings": manages_everywhere,
    "ambassadors.see_audit_trail": administers,
    "ambassadors.change_sign_on": administers,
    "ambassadors.issue_tokens": administers,
    "ambassadors.run_provisioning": administers,
    # Slack, Teams and webhooks: what leaves the company, and where to.
    "ambassadors.run_channels": administers,
    "ambassadors.see_privacy": administers,
    "ambassadors.run_erasures": administers,
    "ambassadors.choose_rights": administers,
    # With a password or a code where single sign-on is required: for the day it is down.
    "ambassadors.log_in_locally": administers,
    # What is sent: its health, what failed, the switch.
    "activity.run_sending": administers,
    # programme
    "ambassadors.join_programme": anyone,
    "ambassadors.write_charter": administers,
    "ambassadors.change_topics": manages_everywhere,
    # campaigns and content
    "campaigns.see_campaigns": manages,
    "campaigns.run_campaign": manages,
    "campaigns.ask_customers": manages_everywhere,
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
    # Feeds, proposals and words to avoid are the whole company's.
    "campaigns.change_sources": manages_everywhere,
    "campaigns.propose_content": works_here,
    "campaigns.answer_proposals": manages_everywhere,
    "campaigns.change_phrases": manages_everywhere,
    "campaigns.give_addresses": manages,
    "campaigns.change_networks": administers,
    # sharing and reach
    "campaigns.share_content": anyone,
    "campaigns.see_reach": manages,
    "campaigns.export_reach": manages,
    # Of single people: only of who let this very person see theirs.
    "campaigns.see_given_figures": works_here,
    "campaigns.change_board": administers,
    # The whole company together, and what is kept or mailed of it.
    "campaigns.see_whole_reach": manages_everywhere,
    "campaigns.change_reach_view": both(manages_everywhere, is_owner),
    "campaigns.change_reach_settings": administers,
}


def allows(user: Any, perm: str, obj: Any = None) -> bool:
    """True when the table lets `user` do `perm` (on `obj`). An unknown name is a no."""
    rule = POLICY.get(perm)
    return bool(rule and user.is_active and user.is_authenticated and rule(user, obj))


def runs_the_programme(user: Any) -> bool:
    """Whoever sees or decides more than what is their own: a second step is asked of them."""
    return manages_everywhere(user, None) or Standing.of(user) == Standing.LIMITED


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
