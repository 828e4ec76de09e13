"""The administrator's pages about what is sent."""

from functools import wraps

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activity.desk import failures, health, pausing, previews, testing
from activity.desk.models import Pause
from activity.hearing import KINDS
from activity.models import Notification

PERM = "activity.run_sending"
PAGE = 50
# A mail as it would be seen in a mail program: its own styles, our own pictures, nothing else.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; "
    "form-action 'none'; base-uri 'none'; sandbox"
)
WIDTHS = {"wide": 700, "narrow": 390}


def administrators_only(view):
    # Not accounts.policy's, which is of a later application: the table behind it is the same.
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.has_perm(PERM):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.perm = PERM
    return guarded


@require_GET
@administrators_only
def sending_health(request):
    """Is all well; what is wrong; what to do."""
    context = {"health": health.look(), "pause": Pause.objects.open().first()}
    return render(request, "activity/admin_health.html", context)


# --- Messages that did not arrive --------------------------------------------------------------
@require_GET
@administrators_only
def sending_list(request):
    form = failures.Filter(request.GET)
    valid = form.is_valid()
    found = form.notifications() if valid else Notification.objects.none()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lines = [failures.Line(notification) for notification in page]
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "filtered": bool(valid and form.asked),
        "asked": urlencode(form.asked) if valid else "",
        "can_resend": any(line.can_be_resent for line in lines),
    }
    return render(request, "activity/admin_messages.html", context, status=200 if valid else 422)


class Chosen(forms.Form):
    """Which messages are sent again: the ticked ones, or all that the filter finds."""

    message = forms.ModelMultipleChoiceField(
        Notification.objects.filter(state__in=["failed", "unknown"]), required=False
    )
    every = forms.BooleanField(required=False)
    sure = forms.BooleanField(required=False)

    def notifications(self, narrowed):
        if self.cleaned_data["every"]:
            return failures.resendable(narrowed.notifications())
        return Notification.objects.filter(pk__in=self.cleaned_data["message"])


@require_POST
@administrators_only
def sending_again(request):
    """Sends again; asks first where something may arrive twice that nobody is owed."""
    narrowed, form = failures.Filter(request.GET), Chosen(request.POST)
    back = redirect("activity:sending-list")
    if not (narrowed.is_valid() and form.is_valid()):
        messages.warning(request, _("These messages are no longer there to be sent again."))
        return back
    back["Location"] += f"?{urlencode(narrowed.asked)}" if narrowed.asked else ""
    chosen = form.notifications(narrowed)
    twice = failures.may_arrive_twice(chosen).count()
    if twice and not form.cleaned_data["sure"]:
        return _ask(request, form, narrowed, chosen, twice)
    _tell_how_many(request, failures.resend(chosen, by=request.user))
    return back


def _ask(request, form, narrowed, chosen, twice):
    context = {
        "total": failures.resendable(chosen).count(),
        "twice": twice,
        "asked": urlencode(narrowed.asked),
        "every": form.cleaned_data["every"],
        "chosen": form.cleaned_data["message"],
    }
    return render(request, "activity/admin_again.html", context)


def _tell_how_many(request, n):
    if not n:
        messages.info(request, _("Nothing was left to send again."))
        return
    text = ngettext(
        "%(n)d message is on its way again.", "%(n)d messages are on their way again.", n
    )
    messages.success(request, text % {"n": n})


# --- What each mail looks like -----------------------------------------------------------------
@require_GET
@administrators_only
def sending_mails(request):
    return render(request, "activity/admin_mails.html", {"templates": previews.by_mail()})


class PreviewForm(forms.Form):
    """In which language, how wide, and which of its two parts."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=settings.LANGUAGES, required=False
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Shown as"),
        choices=[
            ("wide", gettext_lazy("On a computer")),
            ("narrow", gettext_lazy("On a phone")),
            ("text", gettext_lazy("Plain text")),
        ],
        required=False,
    )

    def value(self, name, default):
        return (self.is_valid() and self.cleaned_data[name]) or default


@require_GET
@administrators_only
@csp_update({"frame-src": ["'self'"]})
def sending_mail(request, name):
    """One mail with sample data: its subject, and its body as asked for."""
    form = PreviewForm(request.GET)
    language = form.value("language", get_language())
    part = form.value("part", "wide")
    letter = _letter_or_404(name, language, request.user)
    context = {
        "form": PreviewForm(initial={"language": language, "part": part}),
        "template": next(t for t in previews.by_mail() if t.name == name),
        "letter": letter,
        "language": language,
        "html_lang": settings.HTML_LANG[language],
        "part": part if letter.html else "text",
        "width": WIDTHS.get(part, 700),
        "kilobytes": len(letter.html.encode()) / 1024,
    }
    return render(request, "activity/admin_mail.html", context)


@require_GET
@administrators_only
@xframe_options_sameorigin
def sending_letter(request, name):
    """The HTML of the mail and nothing around it, for the frame of the page above."""
    language = PreviewForm(request.GET).value("language", get_language())
    letter = _letter_or_404(name, language, request.user)
    # Its pictures are asked where this page is read, which may have another name for the same host.
    response = HttpResponse(letter.html.replace(f'src="{settings.BASE_URL}/', 'src="/'))
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


def _letter_or_404(name, language, reader):
    letter = previews.letter(name, language, reader)
    if letter is None:
        raise Http404
    return letter


# --- A message to oneself ----------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@administrators_only
def sending_test(request):
    form = testing.TestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        testing.send_to(request.user, form.cleaned_data["channel"])
        # Translators: fr: Le message d’essai est en file. Son état paraît ci-dessous.
        messages.info(request, _("The test message is queued. Its state stands below."))
        return redirect("activity:sending-test")
    sent = [failures.Line(each) for each in testing.tests_of(request.user)]
    context = {"form": form, "lines": sent, "moving": any(_is_moving(line) for line in sent)}
    status = 422 if request.method == "POST" else 200
    return render(request, "activity/admin_test.html", context, status=status)


def _is_moving(line):
    return line.notification.state in {"queued", "sending"} and not line.notification.error


# --- The switch --------------------------------------------------------------------------------
class PauseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For the other administrators, and for the audit trail."),
    )


@require_http_methods(["GET", "POST"])
@administrators_only
def sending_pause(request):
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pausing.pause(request.user, form.cleaned_data["reason"])
        except pausing.AlreadyPaused:
            messages.info(request, _("It was paused already."))
        else:
            messages.success(request, _("Paused. Nothing else leaves until you resume."))
        return redirect("activity:sending-pause")
    context = {
        "form": form,
        "pause": Pause.objects.open().first(),
        "held_back": pausing.held_back(),
        "days": pausing.STALE_AFTER.days,
        "owed": sorted({str(kind.label) for kind in KINDS.values() if kind.transactional}),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "activity/admin_pause.html", context, status=status)


@require_POST
@administrators_only
def sending_resume(request):
    try:
        dropped = pausing.resume(request.user)
    except pausing.NotPaused:
        messages.info(request, _("It was running already."))
    else:
        messages.success(request, _("Resumed. What is still in time is on its way."))
        if dropped:
            text = ngettext(
                "%(n)d message had waited for too long and was dropped.",
                "%(n)d messages had waited for too long and were dropped.",
                dropped,
            )
            messages.info(request, text % {"n": dropped})
    return redirect("activity:sending-pause")
