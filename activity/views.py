from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activity import bell, preferences, tokens
from activity.models import Notification

PAGE = 30


@require_GET
def notification_list(request):
    """What has happened that one was to hear of, newest first."""
    page = Paginator(bell.messages_for(request.user), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": bell.lines(list(page), timezone.now()),
        "unread": bell.unread_count(request.user),
    }
    return render(request, "activity/notification_list.html", context)


@require_GET
def notification_open(request, pk):
    """Leads to what a message is about; having been there is having read it."""
    notification = get_object_or_404(bell.messages_for(request.user), pk=pk)
    notification.mark_read()
    return redirect(notification.data.get("path") or "activity:notification-list")


@require_POST
def notification_read_all(request):
    Notification.objects.to(request.user).by_bell().mark_read()
    return redirect("activity:notification-list")


@require_http_methods(["GET", "POST"])
def preferences_page(request):
    """Everything one may set about how one is spoken to, on one page with one button."""
    forms = preferences.forms_for(request.user, request.POST or None)
    # Each is asked, so that each shows what is wrong with it.
    valid = [form.is_valid() for form in forms]
    if all(valid):
        with transaction.atomic():
            for form in forms:
                form.save()
        translation.activate(request.user.language)
        messages.success(request, _("Saved."))
        return redirect("activity:preferences")
    status = 422 if request.method == "POST" else 200
    return render(request, "activity/preferences.html", {"forms": forms}, status=status)


# No cookie, no login, no CSRF token: a mail program posts here for its owner (RFC 8058). A GET
# only asks, because mail scanners open every link.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    try:
        person, kind = tokens.read(token)
    except tokens.BadToken:
        raise Http404 from None
    translation.activate(person.language)
    done = request.method == "POST"
    if done:
        preferences.say(person, kind, Notification.Channel.EMAIL, wanted=False)
    response = render(request, "activity/unsubscribe.html", {"kind": kind, "done": done})
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
