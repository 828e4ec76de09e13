"""The address is shown to be somebody's before anything is kept of them in the database."""

import hashlib

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from ambassadors.accounts.models import User
from ambassadors.enrolment.sign_up.models import SignUpLink, new_token

HOURS = 24


def send(link: SignUpLink, wanted: dict) -> None:
    """Mails a link that proves the mailbox; to who has an account, that they have one.

    Either way one mail goes out, so that neither the page nor its time tells which.
    """
    adapter, email = get_adapter(), wanted["email"]
    if User.objects.filter(email=email).exists():
        context = {"url": settings.BASE_URL + reverse("account_login"), "email": email}
        adapter.send_mail("account/email/sign_up_known", email, context)
        return
    token = new_token()
    cache.set(_key(token), wanted | {"link": link.pk}, HOURS * 3600)
    page = reverse("ambassadors:sign-up-confirm", args=[token])
    context = {"url": settings.BASE_URL + page, "hours": HOURS, "email": email}
    adapter.send_mail("account/email/sign_up_confirm", email, context)


def wanted_by(token: str) -> dict | None:
    """What was typed by whom this mail was sent to, while its link still is one."""
    wanted = cache.get(_key(token))
    if wanted and SignUpLink.objects.filter(pk=wanted["link"], revoked_at=None).exists():
        return wanted
    return None


def use_up(token: str) -> bool:
    """True for the one who came first."""
    return cache.delete(_key(token))


def _key(token):
    return f"sign-up:{hashlib.sha256(token.encode()).hexdigest()}"
