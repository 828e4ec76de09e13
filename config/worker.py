"""The service worker: without a connection, a page in one's own language says so.

It keeps our own static files and that page. It never keeps a page of somebody who is logged in, and
touches nothing but those files and the opening of a page (static/service-worker.js).
"""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

SCRIPT = settings.BASE_DIR / "static" / "service-worker.js"
TEMPLATE = "offline.html"
NEEDED = ["porte-voix.css", "fonts/inter-latin.woff2", "icons.svg", "favicon.svg"]


def release():
    """A name of all static files together, "" where they are served under changing contents."""
    return getattr(staticfiles_storage, "manifest_hash", "")


def worker_path():
    """The worker that answers in the language of this page; "" where there is none.

    The language is part of the address: a worker cannot ask who is reading.
    """
    if not (settings.SERVICE_WORKER and release()):
        return ""
    return f"{reverse('service-worker')}?language={get_language()}"


def language_of(request):
    """The language asked for by `?language=`, or the reader's own."""
    asked = request.GET.get("language")
    return asked if asked in dict(settings.LANGUAGES) else get_language()


@login_not_required
@require_GET
@cache_control(public=True, max_age=3600)
def offline(request):
    """Says that there is no connection; the same for everybody, so that a browser may keep it."""
    with override(language := language_of(request)):
        return render(request, TEMPLATE, {"lang": settings.HTML_LANG[language]})


@login_not_required
@require_GET
@cache_control(no_cache=True)
def service_worker(request):
    """The worker's script, after the facts it needs; from the root, which is what it watches."""
    about = {
        "on": settings.SERVICE_WORKER,
        "version": _version(),
        "static": settings.STATIC_URL,
        "icon": static("icons/icon-192.png"),
        "badge": static("icons/mark-96.png"),
        "offline": _offline_path(language_of(request)),
        "needed": [_offline_path(code) for code, _name in settings.LANGUAGES]
        + [static(name) for name in NEEDED],
    }
    script = f"const ABOUT = {json.dumps(about)};\n{SCRIPT.read_text(encoding='utf-8')}"
    return HttpResponse(script, content_type="text/javascript")


def _offline_path(language):
    return f"{reverse('offline')}?language={language}"


def _version():
    """Changes with any static file, and with the words of the page."""
    pages = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            pages.append(render_to_string(TEMPLATE))
    return hashlib.sha256("".join([release(), *pages]).encode()).hexdigest()[:12]
