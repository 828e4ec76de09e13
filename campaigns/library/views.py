"""The library: every item there is, found, sorted and ticked."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content
from campaigns.library.bulk import DEEDS
from campaigns.library.filters import LibraryFilter
from campaigns.planning.aimed import meant_for_few
from campaigns.planning.models import Campaign


@require_GET
@permission_required("campaigns.see_library")
def content_list(request):
    form, few = LibraryFilter(request.GET, user=request.user), meant_for_few()
    found = form.found(Content.objects.visible_to(request.user), few)
    found = found.select_related("campaign").prefetch_related("captions")
    page = Paginator(found, form.page_size).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "into": Campaign.objects.visible_to(request.user).open().at(request.GET.get("into", "")),
        "few": few,
        "now": timezone.now(),
        "chips": list(form.chips(request.GET, request.path)),
        "asked": request.GET.urlencode(),
        "deeds": DEEDS.values(),
    }
    return render(request, "campaigns/content_list.html", context)
