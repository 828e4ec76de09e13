"""What has changed since somebody last decided, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from campaigns.content.models import Content, snapshot

WORD = re.compile(r"\s+|[^\s\w]|\w+")
LABELS = ("url", "title", "why", "language", "disclosure_fr", "disclosure_en")


@dataclass(frozen=True)
class Piece:
    """A run of text; `changed` when the other side does not have it."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Difference:
    """One text, before and after. Nothing before: it is new; nothing after: it was taken out."""

    label: str
    before: list[Piece]
    after: list[Piece]


def compare(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut into pieces, those that differ marked."""
    old, new = WORD.findall(before), WORD.findall(after)
    left, right = [], []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if i < j:
            left.append(Piece("".join(old[i:j]), tag != "equal"))
        if k < m:
            right.append(Piece("".join(new[k:m]), tag != "equal"))
    return left, right


def since_last_review(content: Content) -> list[Difference]:
    """What differs from the version decided on last; empty for a first version."""
    last = content.reviews.filter(caption=None).first()
    if last is None or not last.seen:
        return []
    return [*_fields(last.seen, content), *_captions(last.seen.get("captions", {}), content)]


def _fields(before, content):
    after = snapshot(content)
    for name in LABELS:
        if before.get(name, "") != after[name]:
            label = str(Content._meta.get_field(name).verbose_name).capitalize()
            yield Difference(label, *compare(before.get(name, ""), after[name]))


def _captions(before, content):
    now = {str(caption.pk): caption for caption in content.captions.select_related("network")}
    for key, caption in now.items():
        if before.get(key, "") != caption.text:
            yield Difference(place_of(caption), *compare(before.get(key, ""), caption.text))
    for key in before.keys() - now.keys():
        yield Difference(_("A text was taken out"), *compare(before[key], ""))


def place_of(caption) -> str:
    """“LinkedIn, French”: what tells a text from the others of its item."""
    language = caption.get_language_display()
    return _("%(network)s, %(language)s") % {"network": caption.network, "language": language}
