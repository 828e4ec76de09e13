"""Where a person asks to be told in the browser at hand, and sees in which others they did."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from activity import origin
from activity.log import record
from activity.push import sending
from activity.push.forms import BrowserForm
from activity.push.models import Browser, PushKey
from activity.transports import Permanent, Temporary


@require_safe
def push_browsers(request):
    """The person’s browsers. The browser’s own question comes after a click, never before."""
    context = {"browsers": request.user.browsers.all(), "key": PushKey.current().public}
    return render(request, "activity/push_browsers.html", context)


@require_POST
def push_add(request):
    form = BrowserForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This browser’s answer could not be read."))
        return redirect("activity:push-browsers")
    with transaction.atomic():
        Browser.add(request.user, device=origin.current().device, **form.cleaned_data)
        record("preference.browser_added", subject=request.user, actor=request.user)
    messages.success(request, _("From now on, messages can come in this browser."))
    return redirect("activity:push-browsers")


@require_POST
def push_remove(request, pk):
    with transaction.atomic():
        get_object_or_404(request.user.browsers, pk=pk).delete()
        record("preference.browser_removed", subject=request.user, actor=request.user)
    messages.success(request, _("No more messages come there."))
    return redirect("activity:push-browsers")


@require_POST
def push_test(request, pk):
    """Sends one message to one of the person's browsers."""
    browser = get_object_or_404(request.user.browsers, pk=pk)
    try:
        sending.send_to([browser], _test(request.user))
    except Temporary:
        messages.error(request, _("The push service does not answer: try again in a while."))
    except Permanent:
        messages.error(request, _("This browser takes no messages any more: ask for them anew."))
    else:
        messages.success(request, _("Sent: it should be there in a moment."))
    return redirect("activity:push-browsers")


def _test(person):
    return sending.Push(
        person=person.pk,
        title=_("A test from Porte-voix"),
        body=_("This is how messages will look here."),
        path=reverse("activity:push-browsers"),
        tag="test",
        language=settings.HTML_LANG[get_language()],
    )
