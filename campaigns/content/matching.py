"""Finding words in a text whatever their accents, case and spacing; never inside other words."""

import unicodedata
from collections.abc import Sequence

import regex

# A sign that means a word stays one: "100 %" is not 100.
WORD = regex.compile(r"[\p{L}\p{N}]+|[%‰\p{Sc}]")
TAG = regex.compile(r"[#＃](\w+)")
# #MeilleurEmployeur is read as two words.
HUMP = regex.compile(r"(?<=[\p{Ll}\p{N}])(?=\p{Lu})")
# Soft hyphens, joiners, marks of direction: nobody sees them, and they hide a word.
UNSEEN = regex.compile(r"\p{Cf}")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def words_in(text: str) -> list[str]:
    """The words of a text in order, each as one spelling: without accents, in small letters."""
    text = unicodedata.normalize("NFKD", UNSEEN.sub("", text)).casefold().translate(LIGATURES)
    return WORD.findall(regex.sub(r"\p{M}", "", text))


def readings(text: str) -> list[list[str]]:
    """The words as they stand; and, where a hashtag is several in one, with those taken apart."""
    apart = TAG.sub(lambda tag: "#" + HUMP.sub(" ", tag[1]), text)
    return [words_in(text)] if apart == text else [words_in(text), words_in(apart)]


def holds(reading: Sequence[str], words: Sequence[str]) -> bool:
    """Whether `words` follow one another somewhere in `reading`."""
    n = len(words)
    return bool(n) and any(reading[i : i + n] == words for i in range(len(reading) - n + 1))
