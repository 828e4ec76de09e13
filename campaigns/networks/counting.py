"""How long a text is for a network, counted as that network counts.

`static/counting.js` says the same to the person while they type; the word of this module is final.
A test gives both the same ten thousand texts.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable

import regex

from campaigns.networks.models import Network

# The last character may not be punctuation: a full stop after a link is the sentence's.
URL = regex.compile(
    r"https?://[^\p{White_Space}<>\"'«»]*[^\p{White_Space}<>\"'«».,;:!?…)\]}’”]", regex.I
)
EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3")
MENTION = regex.compile(r"(?<![\w@/])@(\w+)@[\w.-]+\w")
GRAPHEME = regex.compile(r"\X")

# What weighs 1 on X and not 2: the ranges of twitter-text's configuration, version 3.
LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
X_URL_COST = 23
# A Bluesky post holds 300 graphemes and 3,000 bytes: ten bytes to the grapheme.
BLUESKY_BYTES_PER_UNIT = 10


def length(text: str, network: Network) -> int:
    """How much of `network`'s limit `text` takes, in that network's own unit."""
    # A browser sends its line breaks as two characters; no network counts them so.
    return _RULES[Network.Counting(network.counting)](text.replace("\r\n", "\n"), network)


def limit(network: Network) -> int | None:
    """The most `length` may be, or None where there is no limit that matters."""
    return network.text_limit


def remaining(text: str, network: Network) -> int | None:
    """What is left, negative when `text` is too long; None where there is no limit."""
    if network.text_limit is None:
        return None
    return network.text_limit - length(text, network)


def fitting(text: str, network: Network) -> int:
    """How many characters (code points) of `text` fit: what follows is to be marked as too much."""
    most = network.text_limit
    if most is None or length(text, network) <= most:
        return len(text)
    ends = [match.end() for match in GRAPHEME.finditer(text)]
    fits = bisect_right(ends, most, key=lambda end: length(text[:end], network))
    return ends[fits - 1] if fits else 0


def fitting_before(text: str, tail: str, network: Network) -> int:
    """How many code points of `text` fit when `tail`, its link, has to follow."""
    if network.text_limit is None:
        return len(text)
    cost = length(text + tail, network) - length(text, network)
    room = max(network.text_limit - cost, 0)
    tight = Network(counting=network.counting, url_cost=network.url_cost, text_limit=room)
    return fitting(text, tight)


def folded(text: str, network: Network) -> int:
    """How many code points of `text` are seen before the network folds it away."""
    if network.fold is None:
        return len(text)
    return regex.match(rf"\X{{0,{network.fold}}}", text).end()


def _graphemes(text):
    return len(GRAPHEME.findall(text))


def _plain(text, network):
    if network.url_cost is not None:
        text = URL.sub("x" * network.url_cost, text)
    return _graphemes(text)


def _x(text, network):
    text = unicodedata.normalize("NFC", text)
    cost = X_URL_COST if network.url_cost is None else network.url_cost
    links = len(URL.findall(text))
    return cost * links + sum(map(_x_weight, GRAPHEME.findall(URL.sub("", text))))


def _x_weight(grapheme):
    """An emoji weighs 2 however it is composed; Latin letters 1; Chinese and the like 2."""
    if EMOJI.search(grapheme):
        return 2
    return sum(1 if _is_light(ord(char)) else 2 for char in grapheme)


def _is_light(code):
    return any(first <= code <= last for first, last in LIGHT)


def _mastodon(text, network):
    # The server a mentioned person is on costs nothing.
    return _plain(MENTION.sub(r"@\1", text), network)


def _bluesky(text, network):
    return max(_graphemes(text), -(-len(text.encode()) // BLUESKY_BYTES_PER_UNIT))


_RULES: dict[str, Callable[[str, Network], int]] = {
    Network.Counting.PLAIN: _plain,
    Network.Counting.X: _x,
    Network.Counting.MASTODON: _mastodon,
    Network.Counting.BLUESKY: _bluesky,
}
