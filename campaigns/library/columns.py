"""The columns of the library as a file: the same out and in, in French and in English."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ambassadors.directory.imports.table import Matter, folded
from campaigns.networks.models import Network


@dataclass(frozen=True)
class Column:
    """One thing that is said of an item. words: its names after `folded`; limit: characters."""

    name: str
    label: Any
    words: tuple[str, ...]
    about: Any
    limit: int = 2000
    required: bool = False


COLUMNS = {
    column.name: column
    for column in [
        Column(
            "url",
            _("Link"),
            ("lien", "url", "adresse", "adresse web", "page", "link", "web address", "address"),
            _("The page’s address, in full: it must start with https://. Required."),
            required=True,
        ),
        Column(
            "title",
            _("Title"),
            ("titre", "title", "headline"),
            _("At most 150 characters. Left empty, the address stands in for it."),
            150,
        ),
        Column(
            "why",
            _("Why share it"),
            ("pourquoi", "pourquoi partager", "pourquoi le partager", "interet", "why",
             "why share it", "why share", "reason"),
            _("One line for ambassadors, at most 140 characters. Required."),
            140,
            required=True,
        ),
        Column(
            "language",
            _("Language"),
            ("langue", "langue de la page", "language", "language of the page", "lang"),
            _("Of the page: fr or en. Left empty, the one chosen with the file."),
        ),
        Column(
            "campaign",
            _("Campaign"),
            ("campagne", "campaign"),
            _("Its name in French or in English. Left empty, the one chosen with the file."),
        ),
        Column(
            "topics",
            _("Topics"),
            ("sujets", "sujet", "themes", "theme", "topics", "topic", "tags"),
            _("At most three, set apart by commas."),
        ),
        Column(
            "expires",
            _("Last day"),
            ("dernier jour", "expire", "expire le", "expiration", "echeance", "date de fin",
             "jusqu au", "last day", "expires", "expiry", "end date", "until"),
            _("Year-month-day, or “evergreen”. Left empty, sixty days from now."),
        ),
        Column(
            "image_alt",
            _("What the image shows"),
            ("ce que montre l image", "texte de remplacement", "texte alternatif", "alt",
             "image alt", "alt text", "what the image shows"),
            _("One sentence, for the picture that is added afterwards."),
            250,
        ),
        Column(
            "disclosure_fr",
            _("Disclosure in French"),
            ("mention en francais", "mention fr", "disclosure in french", "disclosure fr"),
            _("The line that opens a post. Left empty, the campaign’s own."),
            120,
        ),
        Column(
            "disclosure_en",
            _("Disclosure in English"),
            ("mention en anglais", "mention en", "disclosure in english", "disclosure en"),
            _("The line that opens a post. Left empty, the campaign’s own."),
            120,
        ),
        Column(
            "note",
            _("Internal note"),
            ("note interne", "note", "internal note", "notes"),
            _("For colleagues who approve; ambassadors never see it."),
            5000,
        ),
    ]
}  # fmt: skip
LANGUAGES = {"fr": pgettext_lazy("column", "French"), "en": pgettext_lazy("column", "English")}
LONGEST_TEXT = 3000
_BY_WORDS = {words: column.name for column in COLUMNS.values() for words in column.words}
_TONGUE = r"(?P<tongue>fr|francais|french|en|anglais|english)"
_LEAD = r"(?:(?:texte|texte propose|caption|text|post|publication)\s+(?:pour\s+|for\s+)?)?"


@dataclass(frozen=True)
class Place:
    """Where a suggested text goes: `LinkedIn (French) 2` is the second one of two."""

    network: Network
    language: str

    def header(self, number: int) -> str:
        name = f"{self.network} ({LANGUAGES[self.language]})"
        return f"{name} {number}" if number > 1 else name


class Headers:
    """Reads the names of columns; knows the networks that texts may be for."""

    def __init__(self, networks: Iterable[Network]):
        self.networks = list(networks)

    @cached_property
    def _by_network(self):
        names = {}
        for network in self.networks:
            for name in (network.slug, network.name, network.name_en):
                names.setdefault(folded(name), network)
        names.pop("", None)
        return names

    @cached_property
    def _texts(self):
        names = "|".join(map(re.escape, sorted(self._by_network, key=len, reverse=True)))
        either = rf"(?P<network>{names})"
        return [
            re.compile(rf"{_LEAD}{either} (?:en |in )?{_TONGUE}(?: \d+)?"),
            re.compile(rf"{_LEAD}{_TONGUE} {either}(?: \d+)?"),
        ]

    def column(self, header: str) -> str | Place | None:
        """What a column is about: a name of COLUMNS, the place of a text, or nothing we know."""
        words = folded(header.rstrip(" *"))
        if words in _BY_WORDS:
            return _BY_WORDS[words]
        for pattern in self._texts if self._by_network else []:
            if found := pattern.fullmatch(words):
                language = "fr" if found["tongue"].startswith("fr") else "en"
                return Place(self._by_network[found["network"]], language)
        return None

    def mapping(self, headers: list[str]) -> list[str | Place | None]:
        """One for each column; of two that say the same of the item, the first counts."""
        mapping: list[str | Place | None] = []
        for header in headers:
            column = self.column(header)
            twice = isinstance(column, str) and column in mapping
            mapping.append(None if twice else column)
        return mapping

    def recognised(self, cells: list[str]) -> int:
        found = [column for column in self.mapping(cells) if column]
        return len(found) + 5 * ("url" in found)

    @property
    def matter(self) -> Matter:
        return Matter(self.recognised, lambda cell: "://" in cell or cell.startswith("www."))
