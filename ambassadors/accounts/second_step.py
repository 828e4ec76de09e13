"""The second step of the login: whose it must be, and how its secrets are kept."""

import base64
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from ambassadors.accounts.policy import runs_the_programme
from ambassadors.accounts.sso.sealing import Unreadable, seal, unseal

STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
SEALED = "sealed:"


def is_required_of(user) -> bool:
    """Must this person have a second step? Those who run the programme, where it is set so."""
    return settings.SECOND_STEP_REQUIRED and runs_the_programme(user)


def steps_of(user):
    """The second steps that this person has set up; recovery codes alone are none."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=STEPS)


def is_missing(user) -> bool:
    """True for who must set one up before anything else."""
    if not user.is_authenticated or not is_required_of(user):
        return False
    return not steps_of(user).exists()


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are sealed, and the last step of who must have one cannot be removed."""

    def encrypt(self, text):
        return SEALED + seal(text)

    def decrypt(self, encrypted_text):
        if not encrypted_text.startswith(SEALED):
            # From before they were sealed.
            return encrypted_text
        try:
            return unseal(encrypted_text.removeprefix(SEALED))
        except Unreadable:
            # The server's key is another one: no code is right, and none can be worked out.
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def can_delete_authenticator(self, authenticator):
        if authenticator.type not in STEPS or not is_required_of(authenticator.user):
            return True
        return steps_of(authenticator.user).exclude(pk=authenticator.pk).exists()

    def _get_site_name(self):
        return f"Porte-voix, {settings.ORGANISATION}"
