from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from activity.origin import Origin, coming_from
from campaigns.tracking import visitors


def privacy_headers(get_response):
    """Pages hold people's names: no cache keeps them, unless a view says otherwise."""

    def middleware(request):
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        return response

    return middleware


def origin(get_response):
    """The trail also says from where; see activity/origin.py for how little of it."""

    def middleware(request):
        address = visitors.address(
            request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        )
        with coming_from(Origin.of(address, request.headers.get("User-Agent", ""))):
            return get_response(request)

    return middleware


def own_language_and_time(get_response):
    """The person's own language and time zone, over what the browser prefers."""

    def middleware(request):
        if not request.user.is_authenticated:
            return get_response(request)
        # Kept: after logging out there is no person left to ask.
        language = request.user.language
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(ZoneInfo(request.user.time_zone)):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware
