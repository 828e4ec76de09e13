"""Who may come in through a provider, and as whom. Both protocols end here.

A person is known by the provider and the provider's own name for them, never by an address. The
address counts once, when the two are joined: it must be verified, and of a domain that this very
provider was set up for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.groups import role_of_groups
from ambassadors.accounts.models import LastAdmin, User
from ambassadors.accounts.sso.models import Provider, domain_of

LONGEST_NAME = 150


@dataclass(frozen=True)
class Claim:
    """What a provider says of somebody, once it is certain that the provider says it.

    groups: None when it could not say (too many of them), [] when there are none.
    """

    provider: Provider
    subject: str
    email: str = ""
    is_verified: bool = False
    first_name: str = ""
    last_name: str = ""
    groups: list[str] | None = field(default_factory=list)


class Refused(Exception):
    """Nobody is logged in and nothing was made. `reason` is for the trail, `str()` for the person.

    provider: who sent them, where that is known.
    """

    SENTENCES = {
        "address_missing": _("Your company’s login told us no e-mail address."),
        "address_unverified": _("Your company’s login did not confirm your e-mail address."),
        "address_foreign": _(
            "Your e-mail address is not of a domain that this login was set up for."
        ),
        "unknown": _("You are not on the list of people who may come in. Ask to be added."),
        "deactivated": _("This account is closed."),
        "other_subject": _(
            "Your e-mail address already belongs to another account of your company’s login."
        ),
        "cancelled": _("You stopped before you were logged in. Nothing has happened."),
        "stale": _("This login took too long, or began in another window. Please start again."),
        "answer_refused": _("The answer of your company’s login could not be trusted."),
        "unreachable": _("Your company’s login cannot be reached right now."),
    }
    # What the person can mend by starting again.
    MENDABLE = {"cancelled", "stale", "unreachable"}

    def __init__(self, reason: str, provider: Provider | None = None, detail: str = ""):
        super().__init__(reason, detail)
        self.reason, self.provider, self.detail = reason, provider, detail

    def __str__(self):
        return str(self.SENTENCES[self.reason])

    @property
    def can_try_again(self):
        return self.reason in self.MENDABLE


Greet = Callable[[User], None]
_GREETERS: list[Greet] = []


def on_arrival(greet: Greet) -> Greet:
    """Decorates what a later slice does for somebody new, in the transaction that makes them."""
    _GREETERS.append(greet)
    return greet


@transaction.atomic
def admit(claim: Claim) -> User:
    """The user behind `claim`, with the role it gives. Raises Refused."""
    known = SocialAccount.objects.filter(provider=claim.provider.slug, uid=claim.subject)
    account = known.select_related("user").first()
    user = account.user if account else _join(claim)
    if not user.is_active:
        raise Refused("deactivated", claim.provider)
    # A domain that was since given to another provider takes its people along.
    if not claim.provider.speaks_for(user.email):
        raise Refused("address_foreign", claim.provider)
    _give_role(user, claim)
    return user


def _join(claim):
    """Finds whose address this is, or makes somebody new, and remembers the provider's name."""
    _check_address(claim)
    # One at a time: two arrivals of one person make one account.
    Provider.objects.select_for_update().get(pk=claim.provider.pk)
    user = User.objects.filter(email=User.objects.normalize_email(claim.email)).first()
    if user is None:
        user = _make(claim)
    elif not user.is_active:
        raise Refused("deactivated", claim.provider)
    elif SocialAccount.objects.filter(provider=claim.provider.slug, user=user).exists():
        # An address that was given to somebody else does not bring them the first one's account.
        raise Refused("other_subject", claim.provider)
    _take_the_mailbox(user)
    SocialAccount.objects.create(user=user, provider=claim.provider.slug, uid=claim.subject)
    record("user.joined_to_sign_on", subject=user, actor=None, provider=claim.provider.pk)
    return user


def _check_address(claim):
    if not domain_of(claim.email):
        raise Refused("address_missing", claim.provider)
    if not claim.provider.speaks_for(claim.email):
        raise Refused("address_foreign", claim.provider)
    if not claim.is_verified:
        raise Refused("address_unverified", claim.provider)


def _make(claim):
    if claim.provider.admits != Provider.Admits.ANYBODY:
        raise Refused("unknown", claim.provider)
    user = User.objects.create_user(
        claim.email,
        first_name=claim.first_name[:LONGEST_NAME],
        last_name=claim.last_name[:LONGEST_NAME],
        language=get_language(),
    )
    record("user.arrived", subject=user, actor=None, provider=claim.provider.pk)
    for greet in _GREETERS:
        greet(user)
    return user


def _take_the_mailbox(user):
    """The address is verified now. A password from before anybody had shown to read it is void."""
    mailbox = EmailAddress.objects.filter(user=user, email=user.email, verified=True)
    if mailbox.exists():
        return
    user.set_unusable_password()
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def _give_role(user, claim):
    """Raises or lowers the role at each login, where the provider is set up to decide it."""
    provider = claim.provider
    if not provider.gives_roles or claim.groups is None:
        return
    # What the directory told over SCIM counts too: the two never take turns.
    groups = {*claim.groups, *user.directory_groups.names()}
    before, role = user.role, role_of_groups(groups)
    if role == before:
        return
    try:
        user.change_role(role, by=None)
    except LastAdmin:
        record("sign_on.last_admin_kept", subject=user, actor=None, provider=provider.pk)
        return
    record(
        "sign_on.role_given",
        subject=user,
        actor=None,
        provider=provider.pk,
        before=before,
        after=role,
    )
