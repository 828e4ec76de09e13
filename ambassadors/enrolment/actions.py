"""Coming in, by whichever door."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from ambassadors.accounts.models import User
from ambassadors.enrolment.models import Ambassador, Invitation


@transaction.atomic
def accept_invitation(invitation: Invitation, *, password: str = "") -> None:
    """The invited person says yes. Raises InvitationUsed or InvitationExpired.

    Whoever holds the link reads the mailbox it was sent to: the address is verified. A password
    is taken only by an account that has none; without one a code by mail opens the session.
    """
    invitation.accept()
    user = invitation.user
    user.language = get_language()
    if password and not user.has_usable_password():
        user.set_password(password)
    user.save(update_fields=["language", "password"])
    verify_mailbox(user)


@transaction.atomic
def join(user: User) -> Ambassador:
    """Somebody who can log in asks to take part. Raises WrongState when they already do."""
    ambassador, _created = Ambassador.objects.get_or_create(user=user)
    ambassador.join()
    Invitation.objects.open().filter(user=user).update(accepted_at=timezone.now())
    return ambassador


def verify_mailbox(user: User) -> None:
    """Tells the log-in that `user` has shown to read their mail."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
