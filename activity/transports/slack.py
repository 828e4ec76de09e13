"""Slack: an incoming webhook takes Block Kit. https://docs.slack.dev/messaging/formatting-message-text"""

import re
from itertools import accumulate
from urllib.parse import urlsplit

from activity.endpoints.events import Post

HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}
# What Slack takes: beyond, it refuses the whole message.
HEADER, SECTION, BUTTON, FIELDS = 150, 3000, 75, 10
CONTROL = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def is_an_address(address: str) -> bool:
    parts = urlsplit(address)
    return (
        parts.scheme == "https"
        and (parts.hostname or "") in HOSTS
        and re.fullmatch(r"/(services|workflows|triggers)/[\w/-]+", parts.path) is not None
    )


def escaped(text: str, most: int) -> str:
    """`text` as nothing but text: no mention, no link, no list of our making.

    Slack reads `<!channel>` and `<@U1>` where the brackets are its own, so ours become entities.
    Never cut within one: half an entity is none.
    """
    pieces = [CONTROL.get(c, c) for c in text]
    if sum(map(len, pieces)) <= most:
        return "".join(pieces)
    room = most - len("…")
    lengths = accumulate(map(len, pieces))
    kept = (piece for piece, length in zip(pieces, lengths, strict=True) if length <= room)
    return "".join(kept) + "…"


def body(post: Post) -> dict:
    """The message. `text` is what a notification and a screen reader say of it."""
    blocks = [{"type": "header", "text": _plain(post.title, HEADER)}]
    if post.text or post.facts:
        blocks.append(_section(post))
    if post.buttons:
        blocks.append(
            {"type": "actions", "elements": [_button(*each) for each in post.buttons[:2]]}
        )
    if post.about:
        blocks.append({"type": "context", "elements": [_plain(post.about, SECTION)]})
    return {
        "text": escaped(f"{post.title}. {post.text}".strip(), SECTION),
        "blocks": blocks,
        # Neither names nor addresses in a text become mentions and previews.
        "link_names": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _section(post):
    section = {"type": "section"}
    if post.text:
        section["text"] = _plain(post.text, SECTION)
    if post.facts:
        section["fields"] = [_plain(f"{k}: {v}", 2000) for k, v in post.facts[:FIELDS]]
    return section


def _plain(text, most):
    # Plain text knows no links and no mentions; and no emoji by their names.
    return {"type": "plain_text", "text": escaped(text, most), "emoji": False}


def _button(words, address):
    return {"type": "button", "text": _plain(words, BUTTON), "url": address}
