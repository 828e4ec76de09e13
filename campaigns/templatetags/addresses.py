"""What the item's page says of its short addresses."""

from django import template

from campaigns.networks.models import PROGRAMME_QR
from campaigns.sharing.addresses import AddressForm
from campaigns.sharing.models import ShortAddress
from campaigns.tracking.models import Tally

register = template.Library()


@register.inclusion_tag("campaigns/_short_addresses.html", takes_context=True)
def short_addresses(context, content):
    """Its own, the campaign's that may be brought here, and the visits by all of them together.

    The programme's links are nobody's, so that their visits may be told, however few.
    """
    ours = Tally.objects.human().filter(content=content, link__kind="programme")
    scanned = ours.filter(network__slug=PROGRAMME_QR)
    return {
        "content": content,
        "csrf_token": context.get("csrf_token"),
        "addresses": content.addresses.all(),
        "elsewhere": ShortAddress.objects.elsewhere_in_campaign(content).select_related("content"),
        "form": AddressForm(),
        "visits": ours.totals()["clicks"],
        "scanned": scanned.totals()["clicks"],
        "prefix": ShortAddress(code="").said,
    }
