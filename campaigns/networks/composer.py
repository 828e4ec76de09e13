"""Where a share goes: the network's own composer. Nothing is ever posted for anyone."""

import re
from urllib.parse import quote

from campaigns.networks.models import Network

PLACE = re.compile(r"\{(text|url|title|instance)\}")


class InstanceMissing(Exception):
    """The network is many servers, and the person has not said which one is theirs."""


def full_text(network: Network, text: str, url: str) -> str:
    """What is posted, as the network counts it: the text, and the link where it counts too.

    Where only a link is handed over, the network shows it as a card beside the text.
    """
    if network.prefill == Network.Prefill.LINK:
        return text
    return f"{text}{joint(network)}{url}"


def joint(network: Network) -> str:
    """What stands between text and link: the network's own space, or a blank line of ours."""
    return " " if "{url}" in network.share_url else "\n\n"


def composer_url(
    network: Network, *, text: str, url: str, title: str, instance: str | None = None
) -> str:
    """The address that opens `network`'s composer, filled in with what it accepts.

    Returns "" for a network without a composer (text and link are copied).
    Raises InstanceMissing when the network asks for the person's own server.
    """
    template = network.share_url
    if network.needs_instance and not instance:
        raise InstanceMissing
    body = text if "{url}" in template else full_text(network, text, url)
    if template.startswith("mailto:"):
        body = body.replace("\n", "\r\n")
    # One pass: a text that says "{url}" is only a text.
    values = {"text": body, "url": url, "title": title}
    return PLACE.sub(
        lambda place: (instance or "") if place[1] == "instance" else quote(values[place[1]], ""),
        template,
    )
