"""How the product looks on one device: theme, and what a phone needs to install it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from config.context import THEME_COOKIE, THEMES

A_YEAR = 365 * 24 * 3600


def back_to(request):
    """The path asked for in `next`, or home when it leads elsewhere than here."""
    path = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return path if safe else "/"


@login_not_required
@require_POST
def theme_set(request):
    """Remembers light, dark or the device's choice on this device, and stays on the page."""
    theme = request.POST.get("theme", "")
    response = HttpResponseRedirect(back_to(request))
    if theme in THEMES:
        # Read by the server, so that the first paint is already the right one.
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=A_YEAR,
            samesite="Lax",
            secure=settings.HTTPS,
            httponly=True,
        )
    return response


@login_not_required
@require_GET
@cache_control(public=True, max_age=3600)
@vary_on_headers("Accept-Language")
def manifest(request):
    """What a phone needs to put Porte-voix beside its applications."""
    sizes = [("192x192", "any", "icon-192.png"), ("512x512", "any", "icon-512.png")]
    sizes.append(("512x512", "maskable", "icon-maskable-512.png"))
    icons = [
        {"src": static(f"icons/{name}"), "sizes": size, "type": "image/png", "purpose": purpose}
        for size, purpose, name in sizes
    ]
    about = {
        "id": "/",
        "name": f"Porte-voix, {settings.ORGANISATION}",
        "short_name": "Porte-voix",
        "description": _("It’s voluntary. We never post for you."),
        "lang": settings.HTML_LANG[get_language()],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#FAF9F6",
        "theme_color": "#FAF9F6",
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json")
