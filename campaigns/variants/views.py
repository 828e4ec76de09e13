from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content
from campaigns.planning.aimed import meant_for_few
from campaigns.variants.comparing import LEAST_PEOPLE, LEAST_SHARES, LEAST_VISITS
from campaigns.variants.wordings import WATCHED, Comparison


@require_GET
@permission_required("campaigns.see_reach")
def content_variants(request, pk):
    contents = Content.objects.visible_to(request.user).select_related("campaign")
    content = get_object_or_404(contents, pk=pk)
    tells = content.campaign_id not in meant_for_few()
    context = {
        "content": content,
        "tells": tells,
        "comparison": Comparison(content, timezone.now()) if tells else None,
        "days": WATCHED.days,
        "least": {"people": LEAST_PEOPLE, "shares": LEAST_SHARES, "visits": LEAST_VISITS},
    }
    return render(request, "campaigns/content_variants.html", context)
