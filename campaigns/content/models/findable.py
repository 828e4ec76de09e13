"""Finding items by words: in French and in English, as they are typed.

The words of an item stand in a row beside it, so that no page reads them along. The database
writes that row itself, by triggers (migration 0013): whatever changes a title, a text, a topic or a
campaign's name, in whatever way, changes what it is found by in the same transaction.
"""

import re
from dataclasses import dataclass
from functools import reduce

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import (
    SearchQuery,
    SearchQueryField,
    SearchRank,
    SearchVectorExact,
    SearchVectorField,
    TrigramWordSimilarity,
)
from django.db import models
from django.db.models import Exists, F, Func, Q, Value

from campaigns.content.addresses import page_key

# Made by the migration: stop words go, accents go, then words are cut to their stem.
FRENCH, ENGLISH = "porte_voix_fr", "porte_voix_en"
# The same without cutting: for a word that is still being typed.
WHOLE = "porte_voix_whole"
# The title, then why and topics, then campaign and address, then the suggested texts (D, C, B, A).
WEIGHTS = [0.05, 0.15, 0.3, 1.0]
# With as many found by their words, nobody has slipped.
ENOUGH = 3
SHORTEST_BEGINNING = 2
SHORTEST_SLIP = 4
MOST_WORDS = 8
# What would make one odd word of several: the migration takes the same out of the words.
_JOINS = str.maketrans("./:_@+&?=#%<>*~", " " * 15)
_UNFINISHED = re.compile(r"(?:^|[\s'’(])([^\W_]+)$")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class Findable(models.Model):
    """What an item is found by. Never written from here."""

    content = models.OneToOneField(
        "campaigns.Content", models.CASCADE, primary_key=True, related_name="findable"
    )
    # A: title. B: why, topics. C: the campaign’s names, the address. D: the suggested texts.
    words = SearchVectorField(editable=False)
    # The title in small letters without accents: what a slip is held against.
    title = models.TextField(editable=False)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="findable_words"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="findable_title"),
        ]

    def __str__(self):
        return self.title


@dataclass(frozen=True)
class Asked:
    """What somebody typed: words, "a phrase", -without; the last word may be unfinished."""

    text: str

    @property
    def plain(self):
        """The words, when there is nothing else: no phrase, nothing left out."""
        words = self.text.translate(_JOINS).split()
        if '"' in self.text or any(word.startswith("-") or word == "or" for word in words):
            return []
        return [word for word in words if any(map(str.isalnum, word))][:MOST_WORDS]

    @property
    def query(self):
        """In either language; or with the last word as the beginning of one."""
        text = self.text.translate(_JOINS).strip()
        queries = _in_both(text)
        last = _UNFINISHED.search(text)
        if last and len(last[1]) >= SHORTEST_BEGINNING and text.count('"') % 2 == 0:
            begun = _begun(last[1])
            before = text[: last.start(1)].rstrip(" '’(")
            queries += [_and(query, begun) for query in _in_both(before)] if before else [begun]
        return reduce(_or, queries)


def _in_both(text):
    return [SearchQuery(text, config=name, search_type="websearch") for name in (FRENCH, ENGLISH)]


def _begun(word):
    # Not by its stem: the beginning of “formation” would be that of “formateur” too.
    return SearchQuery(f"{word}:*", config=WHOLE, search_type="raw")


def _or(one, other):
    return _typed(one | other)


def _and(one, other):
    return _typed(one & other)


def _typed(query):
    # Django does not infer it, and asks for it where rows are grouped.
    query.output_field = SearchQueryField()
    return query


def _page_named(text):
    """The key of the page whose address it is; "" for words, and for what only looks like one."""
    try:
        return page_key(text) if _ADDRESS.fullmatch(text) else ""
    except ValueError:
        return ""


def narrow_to(contents, text, *, parts="abcd"):
    """`contents` with the words of `text`, the best first: those with them in the title.

    parts: which parts of an item may be looked into (see Findable.words). Where hardly anything
    has the words, titles with words close to them come after.
    """
    asked = Asked(text)
    words = F("words") if parts == "abcd" else _only(parts, F("words"))
    # Each by itself, so that each is answered from its index.
    found = Q(pk__in=_with_words(asked, words, parts).values("pk"))
    if asked.plain:
        found |= Q(pk__in=_nearly(asked, words).values("pk"))
    if key := _page_named(text.strip()):
        found |= Q(pk__in=contents.filter(page_key=key).order_by().values("pk"))
    there = F("findable__words")
    ranked = there if parts == "abcd" else _only(parts, there)
    return (
        contents.filter(found)
        .annotate(
            in_title=_holds(_only("a", there), asked.query),
            rank=SearchRank(ranked, asked.query, weights=WEIGHTS),
            nearness=TrigramWordSimilarity(_bare(text), "findable__title"),
        )
        .order_by("-in_title", "-rank", "-nearness", "-changed_at", "-pk")
    )


def _with_words(asked, words, parts):
    found = Findable.objects.all()
    # From the index first; not where something is left out, which may stand in another part.
    if parts != "abcd" and "-" not in asked.text:
        found = found.filter(words=asked.query)
    return found.filter(_holds(words, asked.query))


def _nearly(asked, words):
    """Each word is there, or something close to it in the title; where words alone find little."""
    near = Q()
    for word in asked.plain:
        there = Q(_holds(words, Asked(word).query))
        if len(word) >= SHORTEST_SLIP:
            there |= Q(title__trigram_word_similar=_bare(word))
        near &= there
    enough = Findable.objects.filter(words=asked.query)[ENOUGH - 1 : ENOUGH]
    return Findable.objects.filter(near & ~Q(Exists(enough)))


def _only(parts, words):
    letters = Value("{" + ",".join(parts) + "}")
    found = Func(words, letters, function="ts_filter")
    found.output_field = SearchVectorField()
    return found


def _holds(words, query):
    return SearchVectorExact(words, query)


def _bare(text):
    return Func(Value(text.lower()), function="unaccent", output_field=models.TextField())
