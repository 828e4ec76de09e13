"""A code by mail, for who is logged in and has neither a password nor a second step to show.

It belongs to one session, works once, for five minutes and three tries.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from django.core.cache import cache

SECONDS, TRIES = 300, 3


class TooMany(Exception):
    """Codes asked for, or tried, too often in a short while."""


def send(request) -> None:
    """Mails a new code; the one before no longer works. Raises TooMany."""
    if not ratelimit.consume(request, action="confirm_code_mail", user=request.user):
        raise TooMany
    code = get_adapter().generate_login_code()
    cache.set(_name(request), code, SECONDS)
    # Outlives the code: a code without its count would be tried without end.
    cache.set(_name(request, "tries"), 0, SECONDS + 60)
    get_adapter().send_mail("account/email/confirm_code", request.user.email, {"code": code})


def is_sent(request) -> bool:
    return cache.get(_name(request)) is not None


def confirm(request, typed: str) -> bool:
    """Whether `typed` is the code; if so it is used up. Raises TooMany: a new one is needed.

    Each try is counted before it is judged, so that many at once are not one.
    """
    expected = cache.get(_name(request))
    if expected is None or cache.incr(_name(request, "tries")) > TRIES:
        cache.delete(_name(request))
        raise TooMany
    # Whoever deletes it used it: of two right answers at once, one counts.
    if not compare_user_code(actual=typed, expected=expected) or not cache.delete(_name(request)):
        return False
    record_authentication(request, request.user, method="code", reauthenticated=True)
    return True


def _name(request, of="code"):
    return f"confirm-{of}:{request.user.pk}:{request.session.session_key}"
