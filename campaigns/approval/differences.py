"""What differs between two versions of an item, word by word."""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.content.models import Content, snapshot
from campaigns.networks.models import Network

WORD = re.compile(r"\s+|[^\s\w]|\w+")
# Of equal words, one on each side. From there on those that stand everywhere mark no place: a text
# of 3,000 characters that says the same again and again would take minutes.
MOST_PAIRS = 100_000
LABELS = (
    "url",
    "title",
    "why",
    "language",
    "disclosure_fr",
    "disclosure_en",
    "image",
    "image_alt",
)


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
    for tag, i, j, k, m in _matched(old, new).get_opcodes():
        if i < j:
            left.append(Piece("".join(old[i:j]), tag != "equal"))
        if k < m:
            right.append(Piece("".join(new[k:m]), tag != "equal"))
    return left, right


def _matched(old, new):
    often = Counter(new)
    pairs = sum(often[word] for word in old)
    return SequenceMatcher(None, old, new, autojunk=pairs > MOST_PAIRS)


def between(before: dict, after: dict, names: dict[str, str]) -> list[Difference]:
    """What differs between two snapshots. names: the networks', by slug (see network_names).

    What the earlier one does not speak of, because nobody kept it then, is no difference.
    """
    return [
        *_fields(before, after),
        *_texts(before, after, names),
        *_claims(before.get("claims", {}), after.get("claims", {})),
    ]


def _fields(before, after):
    for name in LABELS:
        if name in before and before[name] != after.get(name, ""):
            label = str(Content._meta.get_field(name).verbose_name).capitalize()
            yield Difference(label, *compare(before[name], after.get(name, "")))


def _texts(before, after, names):
    old, new = before.get("captions", {}), after.get("captions", {})
    places = before.get("places", {}) | after.get("places", {})
    for key, text in new.items():
        if old.get(key, "") != text:
            label = _place(*places[key], names) if key in places else _("Text")
            yield Difference(label, *compare(old.get(key, ""), text))
    for key in old.keys() - new.keys():
        yield Difference(_("A text was taken out"), *compare(old[key], ""))


def _claims(old, new):
    for key in sorted(old.keys() | new.keys(), key=int):
        if old.get(key, "") != new.get(key, ""):
            yield Difference(_("Evidence"), *compare(old.get(key, ""), new.get(key, "")))


def network_names() -> dict[str, str]:
    """Every network’s name by its slug, in the reader’s language. One query."""
    return {network.slug: str(network) for network in Network.objects.all()}


def _place(slug, language, names):
    return _in(names.get(slug, slug), dict(settings.LANGUAGES).get(language, language))


def place_of(caption) -> str:
    """“LinkedIn, French”: what tells a text from the others of its item."""
    return _in(caption.network, caption.get_language_display())


def _in(network, language):
    return _("%(network)s, %(language)s") % {"network": network, "language": language}


@dataclass(frozen=True)
class Since:
    """What is new to a reviewer, and since which words: a version's number, or None for older
    ones; `own` when it was they who decided on those."""

    number: int | None
    own: bool
    differences: list[Difference]


def since_seen_by(reviewer, content: Content) -> Since | None:
    """What differs from the last version that `reviewer` can have read; None for a first one.

    That is what they decided on last themselves; else what had been handed in last before this,
    once they were there; else, for items of before versions were kept, what was decided on last.
    """
    base = _decided_by(reviewer, content) or _handed_in_before(reviewer, content)
    base = base or _decided_before(reviewer, content)
    if base is None:
        return None
    number, own, words = base
    return Since(number, own, between(words, snapshot(content), network_names()))


def _decided_by(reviewer, content):
    return _first(content, content.reviews.filter(reviewer=reviewer), own=True)


def _decided_before(reviewer, content):
    return _first(content, content.reviews.filter(at__gte=reviewer.date_joined), own=False)


def _first(content, reviews, own):
    last = reviews.filter(caption=None).exclude(handed_in_at=content.submitted_at).first()
    if last is None or not last.seen:
        return None
    version = content.versions.filter(at=last.handed_in_at).first()
    return version and version.number, own, last.seen


def _handed_in_before(reviewer, content):
    earlier = content.versions.filter(at__lt=content.submitted_at, at__gte=reviewer.date_joined)
    version = earlier.first()
    return version and (version.number, False, version.words)
