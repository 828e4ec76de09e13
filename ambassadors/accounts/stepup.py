"""Confirming once more that it is oneself, before what cannot be taken back or gives much away.

A session may be open on a machine its owner has left. What `fresh_login_required` guards asks for
a password, a passkey, a code of the application or a code by mail, unless one of these was shown
in the last ten minutes; the login itself counts. A company's provider does not: it lets a browser
it knows through without asking anything.
"""

import time
from functools import wraps

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings

# As allauth calls the ways of showing who one is. "socialaccount" is not one of them.
SHOWN_BY = {"password", "code", "mfa"}


class NotFresh(Exception):
    """Whoever is logged in has to confirm first: answered by config/confirming.py."""


def is_fresh(request) -> bool:
    """Did the person logged in show who they are in the last ten minutes?"""
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(each["method"] in SHOWN_BY and each["at"] > since for each in records)


def fresh_login_required(view=None, *, to_look=True):
    """Lets through who has confirmed lately that it is them; sends the others to do so.

    What they had typed is kept meanwhile. to_look: False where looking needs no confirmation, and
    only what is posted does. Goes beneath `permission_required`: a no comes before a question.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if (to_look or request.method == "POST") and not is_fresh(request):
                raise NotFresh
            return view(request, *args, **kwargs)

        guarded.needs_fresh_login = True
        return guarded

    return decorate(view) if view else decorate
