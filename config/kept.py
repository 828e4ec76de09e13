"""What somebody typed outlives their session, without JavaScript too.

A form posted after the session ended is kept for an hour, and found again after the login. Nothing
is sent by itself, and nobody but its writer sees it: a signed cookie, set while one is logged in,
says whose browser this was last. It outlives the session and names the person by an opaque mark,
so that the text is kept under that mark and opens for the same person only. It is a cookie and not
a field of each form, since a form of any page must be kept, allauth's too; and a browser that
nobody ever logged in with has no such cookie, so that strangers fill no memory of ours.
"""

import re
import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

COOKIE = "__Host-person" if settings.HTTPS else "person"
SALT = "config.kept"
COOKIE_AGE = 365 * 24 * 3600
AFTER_ANOTHER = "after_another"
KEPT_FOR = 3600
MOST_BYTES = 64 * 2**10
# In an hour and of one person. More is not somebody typing.
MOST_TEXTS = 20
SECRET = re.compile(r"password|secret|token|otp|^code$", re.IGNORECASE)
# `on`, `in_review`, `42`: what boxes, lists and buttons send. Nobody typed that.
MACHINE_WORD = re.compile(r"[a-z0-9_.:-]*", re.ASCII)


def mark_of(user):
    """The person as the cookie names them: it says nothing to whoever reads it."""
    return salted_hmac(SALT, str(user.pk)).hexdigest()


def last_person(get_response):
    """Remembers in the browser who was logged in last, as an opaque mark."""

    def middleware(request):
        before = request.get_signed_cookie(COOKIE, None, salt=SALT)
        response = get_response(request)
        if request.user.is_authenticated and before != (mark := mark_of(request.user)):
            # A tab of the person before may still be open: what it posts is not this one's.
            if before:
                request.session[AFTER_ANOTHER] = True
            response.set_signed_cookie(
                COOKIE,
                mark,
                salt=SALT,
                max_age=COOKIE_AGE,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    return middleware


class LoginRequired(LoginRequiredMiddleware):
    """Sends strangers to the login, and keeps what they typed before their session ended."""

    def handle_no_permission(self, request, view_func):
        # htmx leaves the form where it is, and app.js says so.
        if request.method == "POST" and not request.htmx:
            return to_login(request)
        return super().handle_no_permission(request, view_func)


def to_login(request):
    """The login, then the text that was posted; or, without one, the page it was posted from."""
    return redirect_to_login(keep(request) or page_before(request), settings.LOGIN_URL)


def keep(request):
    """Stores the posted fields; returns the path where their writer finds them, or ""."""
    writer = request.get_signed_cookie(COOKIE, None, salt=SALT)
    fields = fields_of(request)
    if not writer or not fields:
        return ""
    text = {
        "writer": writer,
        "path": request.get_full_path(),
        "back": page_before(request),
        "fields": fields,
        "had_files": bool(request.FILES),
    }
    name = secrets.token_urlsafe(24)
    try:
        if _is_too_many(writer):
            return ""
        cache.set(_key(name), text, KEPT_FOR)
    except RedisError:
        # Losing the text is bad; losing the login with it would be worse.
        return ""
    return reverse("kept", args=[name])


def fields_of(request):
    """What was posted, as [[name, value], …], without secrets; [] when it is too much to keep."""
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        if not SECRET.search(name)
        for value in values
    ]
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    return fields if size <= MOST_BYTES else []


def page_before(request):
    """The page the form was on: the address it is posted to may answer nothing but posts."""
    page = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return reverse("home")
    parts = urlsplit(page)
    # `//elsewhere.example` is a path to us, and another site to a browser that is sent there.
    path = escape_leading_slashes(parts.path)
    return f"{path}?{parts.query}" if parts.query else path


def words_in(fields):
    """What a person typed, among what their browser sent."""
    return [value for _name, value in fields if not MACHINE_WORD.fullmatch(value)]


def _is_too_many(writer):
    counter = f"kept-by:{writer}"
    cache.add(counter, 0, KEPT_FOR)
    return cache.incr(counter) > MOST_TEXTS


def _key(name):
    return f"kept:{name}"


@require_http_methods(["GET", "POST"])
def kept(request, name):
    """What this person typed before their session ended. Posting here throws it away."""
    text = cache.get(_key(name))
    if not text or text["writer"] != mark_of(request.user):
        raise Http404
    if request.method == "POST":
        cache.delete(_key(name))
        return redirect(text["back"])
    return render(request, "kept.html", text | {"words": words_in(text["fields"])})


def stale_form(request):
    """The answer to a form whose token is no longer good, or None when its text may not be shown.

    The token is what tells our own forms from a foreign page's. Where it fails, the browser's word
    that the form came from this origin is asked for, before a text is kept or shown with a button.
    """
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        return None
    if AFTER_ANOTHER in request.session:
        return None
    if request.htmx:
        # The text is still on the page, and app.js fetches the new token before the next press.
        return HttpResponse(status=401)
    if not request.user.is_authenticated:
        return to_login(request)
    fields = fields_of(request)
    if not fields:
        return None
    text = {"path": request.get_full_path(), "fields": fields, "had_files": bool(request.FILES)}
    context = text | {"words": words_in(fields)}
    return render(request, "errors/403_csrf_kept.html", context, status=403)
