"""Administrators: the addresses nothing is sent to, and the domain mail leaves from. And the door
through which a mail server hands in what came back."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activity.desk.views import administrators_only
from activity.mailing import domain, suppression
from activity.mailing.forms import Add, Remove, Search
from activity.mailing.models import Suppression
from activity.mailing.reports import LARGEST
from activity.mailing.returns import take_in

PAGE = 50


@require_http_methods(["GET", "POST"])
@administrators_only
def suppression_list(request):
    """Which addresses, why, since when; by POST, one more."""
    search, form = Search(request.GET), Add(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            suppression.add(asked["address"], by=request.user, words=asked["words"])
        except suppression.AlreadyThere:
            form.add_error("address", _("Nothing is sent to this address already."))
        else:
            messages.success(request, _("Nothing is sent to this address any more."))
            return redirect("activity:suppression-list")
    words = search.cleaned_data["q"] if search.is_valid() else ""
    page = Paginator(suppression.matching(words), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "form": form, "words": words}
    status = 422 if form.errors else 200
    return render(request, "activity/suppression_list.html", context, status=status)


@require_http_methods(["GET", "POST"])
@administrators_only
def suppression_remove(request, pk):
    """Asks why, then writes there again."""
    row = get_object_or_404(Suppression.objects.select_related("person"), pk=pk)
    form = Remove(request.POST or None)
    if form.is_valid():
        suppression.lift(row, by=request.user, why=form.cleaned_data["why"])
        messages.success(request, _("This address is written to again."))
        return redirect("activity:suppression-list")
    context = {"row": row, "form": form}
    status = 422 if form.errors else 200
    return render(request, "activity/suppression_remove.html", context, status=status)


@require_GET
@administrators_only
def mail_domain(request):
    """What the DNS says of our domain. It is asked only when somebody says so: that may take."""
    context = {"domain": domain.our_domain(), "servers": settings.DNS_SERVERS}
    if "check" in request.GET:
        try:
            context["findings"] = domain.check(context["domain"])
        except domain.Unreachable as error:
            context["unreachable"] = str(error)
    return render(request, "activity/mail_domain.html", context)


# A mail server has no session: it shows the token (README, BOUNCE_TOKEN).
@csrf_exempt
@login_not_required
@require_POST
def returns(request):
    """Takes in one whole mail, as its body. 204 whether or not it was a report of ours."""
    if not settings.BOUNCE_TOKEN:
        raise Http404
    shown = request.headers.get("Authorization", "")
    if not secrets.compare_digest(shown.encode(), f"Bearer {settings.BOUNCE_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    raw = request.read(LARGEST + 1)
    if len(raw) > LARGEST:
        return HttpResponse(status=413)
    take_in(raw)
    return HttpResponse(status=204)
