"""What sources hold about people: who proposed, who answered."""

from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.assessment import Flow, outbound
from ambassadors.privacy.holdings import WORK
from ambassadors.privacy.registry import hold
from campaigns.sources.models import Proposal, Sighting, Source

hold(Proposal, "proposer", WORK, _("What you proposed"), omit=("page_key",))
hold(Proposal, "answered_by", WORK, _("Proposals you answered"), only=("answer", "answered_at"))
hold(Sighting, "answered_by", WORK, _("Pages you decided on"), only=("answer", "answered_at"))
hold(Source, "owner", WORK, _("Sources you look after"), only=("name", "url", "created_at"))


@outbound
def _read() -> list[Flow]:
    """Each host once: nothing about a person goes there."""
    what = _("Which page is read, and nothing about a person.")
    hosts: dict[str, bool] = {}
    for url, is_active in Source.objects.values_list("url", "is_active"):
        host = urlsplit(url).hostname or ""
        hosts[host] = hosts.get(host, False) or is_active
    return [
        Flow(_("Feed or page that is read"), host, what, is_on) for host, is_on in hosts.items()
    ]
