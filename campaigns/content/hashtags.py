"""Hashtags, as each network takes them and as the OQLF writes them.

A hashtag is one word: spaces, hyphens and apostrophes end it, accents and capitals stay.
"""

import regex
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.networks.counting import URL
from campaigns.networks.models import Network

# What begins a word, and holds a letter: "#3" is a number, "a#b" an address.
TAG = regex.compile(r"(?<![\p{L}\p{N}&/#_])[#＃](?=[\p{N}_]*\p{L})[\p{L}\p{M}\p{N}_]+")
CUT = regex.compile(TAG.pattern + r"(?:[-‐‑'’][\p{L}\p{M}\p{N}_]+)+")
JOINT = regex.compile(r"[-‐‑'’]")


def hashtags(text: str) -> list[str]:
    """Those of `text`, each as it stands; what belongs to a link is none."""
    return TAG.findall(URL.sub(" ", text))


def advice(text: str, network: Network) -> list[str]:
    """What is worth changing in the hashtags of `text` for `network`, as sentences."""
    text = URL.sub(" ", text)
    said = [_whole(tag) for tag in CUT.findall(text)]
    n = len(TAG.findall(text))
    if n > network.hashtags:
        said.append(_too_many(n, network))
    return said


def _too_many(n, network):
    if not network.hashtags:
        # Translators: fr: Les mots-clics ne servent à rien sur %(network)s…
        return _("Hashtags lead nowhere on %(network)s: leave them out.") % {"network": network}
    text = ngettext(
        "%(n)d hashtags: on %(network)s, one is enough.",
        "%(n)d hashtags: on %(network)s, %(most)d at most.",
        network.hashtags,
    )
    return text % {"n": n, "network": network, "most": network.hashtags}


def _whole(tag):
    first, *others = JOINT.split(tag)
    # Each part in capitals, as screen readers and eyes tell them apart.
    better = first[:2].upper() + first[2:] + "".join(part[:1].upper() + part[1:] for part in others)
    text = _("“%(tag)s” ends at its first hyphen or apostrophe: write %(better)s.")
    return text % {"tag": tag, "better": better}
