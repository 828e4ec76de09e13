"""Who may open the pages of those who take part; everybody else is shown the way in, not a wall."""

from functools import wraps
from urllib.parse import urlencode

from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from ambassadors.enrolment.models import Ambassador, Charter


def ambassadors_only(view):
    """Gives the view `request.ambassador`. Who has not joined yet goes there first."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        enrolled = Ambassador.objects.enrolled().select_related("user__person")
        ambassador = enrolled.filter(user=request.user).first()
        if ambassador is None:
            return _go(request, reverse("ambassadors:programme-join"))
        if ambassador.state == Ambassador.State.JOINING:
            return _go(request, reverse("campaigns:welcome-step", args=[Ambassador.Step.CHARTER]))
        request.ambassador = ambassador
        return view(request, *args, **kwargs)

    return guarded


def charter_accepted(view):
    """For sharing: a new version of the charter is accepted first, and only there."""

    @ambassadors_only
    @wraps(view)
    def guarded(request, *args, **kwargs):
        charter = Charter.objects.current_for(request.user)
        if charter and not request.ambassador.has_accepted(charter):
            back = request.get_full_path() if request.method == "GET" else resolve_url("home")
            return _go(
                request, f"{reverse('ambassadors:charter-detail')}?{urlencode({'next': back})}"
            )
        return view(request, *args, **kwargs)

    return guarded


def _go(request, address):
    """A redirect that htmx follows with the whole page, not with a piece of it."""
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return redirect(address)
