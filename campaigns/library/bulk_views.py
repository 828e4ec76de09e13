"""Items ticked in the library, what is to be done to them, and what became of each."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content
from campaigns.library.bulk import MOST, WITHOUT_ASKING, BulkForm, carry_out
from campaigns.library.filters import LibraryFilter
from campaigns.planning.aimed import meant_for_few


@require_POST
@permission_required("campaigns.write_content")
def content_bulk(request):
    """Does it at once where little is at stake; otherwise shows first what would be done."""
    form, back = BulkForm(request.POST), _back(request)
    contents = list(_meant(request, form)[: MOST + 1])
    if form.deed_chosen is None or not contents or len(contents) > MOST:
        messages.warning(request, _why_not(form, contents))
        return redirect(back)
    # A page that asks comes first where something is to be said, or where many are meant.
    asks = form.deed_chosen.asks or len(contents) > WITHOUT_ASKING
    if not form.is_valid() or (asks and not form.cleaned_data["sure"]):
        return _ask(request, form, contents, back)
    value = form.cleaned_data.get("value")
    outcome = carry_out(form.deed_chosen, contents, by=request.user, value=value)
    said = form.deed_chosen.done % {"n": outcome.done}
    if not outcome.refused:
        messages.success(request, said)
        return redirect(back)
    context = {"deed": form.deed_chosen, "outcome": outcome, "said": said, "back": back}
    return render(request, "campaigns/content_bulk_done.html", context)


def _meant(request, form):
    """The items themselves, as far as this person sees them."""
    visible = Content.objects.visible_to(request.user).select_related("campaign", "author")
    if form.data.get("everything") and not form.data.get("items"):
        # In the order they were listed, which tells nothing of those few people either.
        asked = QueryDict(form.data.get("asked", ""))
        return LibraryFilter(asked, user=request.user).found(visible, meant_for_few())
    return visible.filter(pk__in=form.keys()).order_by("-changed_at", "-pk")


def _why_not(form, contents):
    if form.deed_chosen is None:
        return _("Choose what to do with the items ticked.")
    if not contents:
        return _("Tick at least one item.")
    return _("That is more than %(n)s items: narrow the list first.") % {"n": MOST}


def _ask(request, form, contents, back):
    sent = bool(form.data.get("sure"))
    if not sent:
        form.errors.clear()
    context = {
        "form": form,
        "deed": form.deed_chosen,
        "contents": contents,
        "keys": ",".join(str(content.pk) for content in contents),
        "asked": request.POST.get("asked", ""),
        "back": back,
    }
    return render(request, "campaigns/content_bulk.html", context, status=422 if sent else 200)


def _back(request):
    """The list as it was."""
    path, asked = reverse("campaigns:content-list"), request.POST.get("asked", "")
    return f"{path}?{QueryDict(asked).urlencode()}" if asked else path
