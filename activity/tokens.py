"""The link that stops one kind of message for one person, and can do nothing else."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.urls import reverse

from activity import hearing
from activity.hearing import Kind

# Of this purpose only: a token of any other salt is no token here, nor this one elsewhere.
SALT = "porte-voix.unsubscribe"


class BadToken(Exception):
    """Not ours, or of somebody or something that is gone."""


def unsubscribe_token(person: int, kind: str) -> str:
    """Good for ever: people unsubscribe from old mails."""
    return signing.Signer(salt=SALT).sign_object([person, kind])


def unsubscribe_url(person: int, kind: str) -> str:
    path = reverse("activity:unsubscribe", args=[unsubscribe_token(person, kind)])
    return settings.BASE_URL + path


def read(token: str) -> tuple[AbstractBaseUser, Kind]:
    """Whose word it carries, on which kind. Raises BadToken."""
    try:
        person, kind = signing.Signer(salt=SALT).unsign_object(token)
        return get_user_model().objects.get(pk=person), hearing.KINDS[kind]
    except (signing.BadSignature, ValueError, KeyError, get_user_model().DoesNotExist):
        raise BadToken from None
