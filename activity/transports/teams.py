"""Teams: a Workflows webhook takes an Adaptive Card 1.4. The connectors before it are gone.

https://learn.microsoft.com/power-automate/teams/send-a-message-in-teams
"""

import re
from urllib.parse import parse_qs, urlsplit

from activity.endpoints.events import Post

HOSTS = (".logic.azure.com", ".environment.api.powerplatform.com")
CARD = "application/vnd.microsoft.card.adaptive"
LONGEST = 3000
# Of Markdown what a text block draws: emphasis, links, lists, code.
MARKS = re.compile(r"([\\`*_\[\]()#+!~|>-])")
# A mention is only one with an entity beside it, and we send none; its brackets go all the same.
TAGS = re.compile(r"</?at[^>]*>", re.IGNORECASE)


def is_an_address(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    # `sig` is what lets us in: an address without it was copied in part.
    return parts.scheme == "https" and host.endswith(HOSTS) and "sig" in parse_qs(parts.query)


def inert(text: str) -> str:
    """`text` as nothing but text, where Markdown is read."""
    return MARKS.sub(r"\\\1", TAGS.sub("", text[:LONGEST]))


def body(post: Post) -> dict:
    """The message with its one card."""
    parts = [_words(post.title, size="Large", weight="Bolder", style="heading")]
    if post.text:
        parts.append(_words(post.text))
    if post.facts:
        facts = [{"title": inert(title), "value": inert(value)} for title, value in post.facts]
        parts.append({"type": "FactSet", "facts": facts})
    if post.about:
        parts.append(_words(post.about, isSubtle=True, size="Small"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": post.title,
        "speak": post.title,
        "body": parts,
        "actions": [
            {"type": "Action.OpenUrl", "title": words, "url": address}
            for words, address in post.buttons[:3]
        ],
    }
    attachment = {"contentType": CARD, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _words(text, **looks):
    return {"type": "TextBlock", "text": inert(text), "wrap": True} | looks
