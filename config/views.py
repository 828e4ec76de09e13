from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language as set_language_cookie
from django.views.static import serve

from ambassadors.provisioning import endpoint
from config.kept import stale_form


@require_GET
def home(request):
    """Where each person's day begins: the feed, or the desk of those who run the programme."""
    if request.user.has_perm("campaigns.see_campaigns"):
        return redirect("campaigns:desk")
    return redirect("campaigns:feed")


@login_not_required
@require_POST
def language_set(request):
    """Stays on the page, in the other language; who is logged in keeps the choice."""
    language = request.POST.get("language", "")
    known = dict(settings.LANGUAGES)
    if request.user.is_authenticated and language in known and check_for_language(language):
        request.user.language = language
        request.user.save(update_fields=["language"])
    return set_language_cookie(request)


@login_not_required
def logout(request):
    """allauth's own; the browser then forgets what it kept of the pages, Back included.

    Not "cookies", which would take the theme and the language along.
    """
    response = allauth_views.logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


@login_not_required
@require_GET
def healthz(request):
    """Says that the process answers; nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def picture(request, name):
    """A content's picture, under its unguessable name: networks fetch it to draw the link's card.

    It is one of our own JPEGs (content/images.py re-encodes whatever was uploaded), and answers as
    nothing else: no sniffing, no script, no frame.
    """
    response = serve(request, f"content/{name}", document_root=settings.MEDIA_ROOT)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=30 * 24 * 3600, immutable=True)
    return response


@login_not_required
def csrf_failure(request, reason=""):
    """A page that was open for too long, or another tab that logged out: nothing is lost."""
    if answer := stale_form(request):
        return answer
    return render(request, "errors/403_csrf.html", status=403)


def bad_request(request, exception):
    if isinstance(exception, RequestDataTooBig):
        return render(request, "errors/413.html", status=413)
    return render(request, "errors/400.html", status=400)


def permission_denied(request, exception):
    return render(request, "errors/403.html", status=403)


def not_found(request, exception):
    return render(request, "errors/404.html", status=404)


def server_error(request):
    """Without the database, which may be what failed; another system is told in its own words."""
    if request.path.startswith("/scim/v2/"):
        return endpoint.crashed()
    return render(request, "errors/500.html", status=500)
