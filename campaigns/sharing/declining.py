""" "Not for me": with a reason, in two presses, taken back in one."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from campaigns.sharing.actions import decline, take_back_decline
from campaigns.sharing.forms import DeclineForm
from campaigns.sharing.models import Decline
from campaigns.sharing.views import shareable


@require_http_methods(["GET", "HEAD", "POST"])
@shareable
def share_decline(request, content):
    """Asks for the reason; once it is given, says so and offers to take it back."""
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, content, form, status=422 if form.errors else 200)
    decline(content, by=request.ambassador, reason=form.cleaned_data["reason"])
    return _done(request, content)


@require_POST
@shareable
def share_decline_undo(request, content):
    """Takes the "not for me" back: the item is where it was."""
    take_back_decline(content, by=request.ambassador)
    if request.htmx:
        page = render(request, "campaigns/_share_undeclined_dialog.html", {"content": content})
        return trigger_client_event(page, "share-answered")
    messages.success(request, _("It is back in your feed."))
    return redirect("campaigns:share-panel", content.pk)


def _done(request, content):
    if not request.htmx:
        return redirect("campaigns:share-decline", content.pk)
    # The feed behind the dialog listens, and leaves the item out.
    return trigger_client_event(_page(request, content, DeclineForm()), "share-answered")


def _page(request, content, form, status=200):
    declined = Decline.objects.filter(content=content, ambassador=request.ambassador).first()
    context = {"content": content, "form": form, "declined": declined}
    name = "_share_decline_dialog" if request.htmx else "share_decline"
    return render(request, f"campaigns/{name}.html", context, status=status)
