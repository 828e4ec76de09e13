"""What each line of a file of items would become. Nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from ambassadors.directory.imports.table import UNCOMPUTED, folded
from ambassadors.directory.imports.values import (
    clean,
    date_of,
    day_first_evidence,
    is_error_value,
    is_formula,
    language_of,
    mended,
    tags_of,
)
from ambassadors.enrolment.models import Topic
from campaigns.content.addresses import WEB_ONLY, page_key, validate_public
from campaigns.content.forms import MOST_TOPICS
from campaigns.content.models import Caption, Content, in_sixty_days
from campaigns.library.columns import COLUMNS, LONGEST_TEXT, Headers, Place
from campaigns.planning.models import Campaign

NEW, KNOWN, AGAIN, WRONG = "new", "known", "again", "wrong"
FOREVER = {
    *("evergreen", "permanent", "permanente", "sans fin", "toujours", "jamais", "never"),
    # As the export says it in French.
    "sans echeance",
}


@dataclass
class Problem:
    """Something wrong with a cell; `at` is its column from 0, or None for the line as a whole."""

    at: int | None
    text: str
    grave: bool = True


@dataclass
class Verdict:
    """What becomes of a line: outcome is NEW, KNOWN (in the library), AGAIN (above) or WRONG."""

    line: int
    cells: list[str]
    outcome: str = NEW
    problems: list[Problem] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    texts: list[tuple[Place, str]] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    key: str = ""
    twin: Content | None = None
    first_line: int = 0

    @property
    def name(self):
        return self.values.get("title") or self.values.get("url") or ""

    def say(self, at, text, *, grave=True):
        self.problems.append(Problem(at, text, grave))
        if grave:
            self.outcome = WRONG


@dataclass(frozen=True)
class World:
    """What judging needs to know: plain data, read in a few queries."""

    headers: Headers
    campaigns: Mapping[str, Campaign]
    topics: Mapping[str, Topic]
    campaign: Campaign | None
    language: str

    @classmethod
    def of(cls, headers, campaign, language, by):
        """by: who brings the file, and so for which campaigns it may be."""
        campaigns = {}
        for each in Campaign.objects.visible_to(by).open().order_by("-pk"):
            for name in (each.slug, each.name_en, each.name_fr):
                campaigns[folded(name)] = each
        topics = {}
        for topic in Topic.objects.all():
            for name in (topic.slug, topic.name_en, topic.name):
                topics[folded(name)] = topic
        campaigns.pop("", None)
        topics.pop("", None)
        return cls(headers, campaigns, topics, campaign, language)


def judge(headers: Sequence[str], rows: Sequence[dict], world: World) -> list[Verdict]:
    """A verdict for each row. rows: dicts of line, cells and marks (see table.Row)."""
    mapping = world.headers.mapping(list(headers))
    day_first = _day_first(mapping, rows)
    verdicts = [_Judge(mapping, world, day_first).of(row) for row in rows]
    _recognise(verdicts)
    return verdicts


def _day_first(mapping, rows):
    if "expires" not in mapping:
        return None
    at = mapping.index("expires")
    return day_first_evidence(row["cells"][at] for row in rows if at < len(row["cells"]))


def _recognise(verdicts):
    """Pages that are in the library, or further up in the file, come in once."""
    keys = {verdict.key for verdict in verdicts if verdict.key}
    twins = {twin.page_key: twin for twin in Content.objects.filter(page_key__in=keys)}
    lines: dict[str, int] = {}
    for verdict in verdicts:
        if not verdict.key:
            continue
        if twin := twins.get(verdict.key):
            verdict.outcome, verdict.twin = KNOWN, twin
        elif first := lines.get(verdict.key):
            verdict.outcome, verdict.first_line = AGAIN, first
        elif verdict.outcome == NEW:
            lines[verdict.key] = verdict.line


class _Judge:
    """Judges the lines of one file."""

    def __init__(self, mapping, world, day_first):
        self.mapping, self.world, self.day_first = mapping, world, day_first

    def of(self, row):
        self.row, self.verdict = row, Verdict(row["line"], row["cells"])
        if len(row["cells"]) > len(self.mapping):
            text = _("%(cells)s cells where %(columns)s are expected: something has moved.")
            sizes = {"cells": len(row["cells"]), "columns": len(self.mapping)}
            self.verdict.say(None, text % sizes)
            return self.verdict
        self.cells = {}
        for at, column in enumerate(self.mapping):
            text = self._text(at)
            if isinstance(column, str):
                self.cells[column] = (at, text)
            elif column and text:
                self._caption(at, column, text)
        self._item()
        return self.verdict

    def _text(self, at):
        """A cell as plain text; a text of several paragraphs keeps them."""
        cell = self.row["cells"][at] if at < len(self.row["cells"]) else ""
        mark = self.row.get("marks", {}).get(str(at), "")
        if mark == UNCOMPUTED:
            self.verdict.say(
                at, _("A formula that was never computed: open the file in Excel and save it.")
            )
            return ""
        if is_error_value(cell.strip(), mark):
            self.verdict.say(at, _("The workbook shows an error here: left empty."), grave=False)
            return ""
        lines = [clean(mended(line)) for line in cell.replace("\r\n", "\n").split("\n")]
        text = "\n".join(lines).strip()
        if is_formula(text) and isinstance(self.mapping[at], str):
            said = _("It looks like a formula: kept as plain text, never computed.")
            self.verdict.say(at, said, grave=False)
        return text

    def _caption(self, at, place, text):
        if len(text) > LONGEST_TEXT:
            self._too_long(at, text, LONGEST_TEXT)
        of_place = [one for one, _text in self.verdict.texts if one == place]
        if len(of_place) >= Caption.MAX_VARIANTS:
            said = _("More than five texts for one network and language.")
            self.verdict.say(at, said)
        self.verdict.texts.append((place, text))

    def _too_long(self, at, text, limit):
        said = _("Too long: %(is_)s characters, %(limit)s at most. Nothing is cut in silence.")
        self.verdict.say(at, said % {"is_": len(text), "limit": limit})

    def _item(self):
        values = self.verdict.values
        values["url"] = self._url()
        for name in ("title", "why", "image_alt", "disclosure_fr", "disclosure_en", "note"):
            values[name] = self._line(name)
        if not values["title"] and values["url"]:
            values["title"] = values["url"][: COLUMNS["title"].limit]
            said = _("No title: the address stands in until somebody writes one.")
            self.verdict.say(self._at("title"), said, grave=False)
        if not values["why"]:
            self.verdict.say(self._at("why"), _("Say in one line why it is worth sharing."))
        values["language"] = self._language()
        values["campaign"] = self._campaign()
        values["expires_at"] = self._end()
        self._topics()

    def _at(self, name):
        return self.cells[name][0] if name in self.cells else None

    def _cell(self, name):
        return self.cells.get(name, (None, ""))[1]

    def _line(self, name):
        text, limit = self._cell(name), COLUMNS[name].limit
        if len(text) > limit:
            self._too_long(self._at(name), text, limit)
        return text if name == "note" else " ".join(text.split())

    def _url(self):
        url = self._cell("url")
        if not url:
            self.verdict.say(self._at("url"), _("The link is required."))
            return ""
        if url.lower().startswith("www."):
            url = f"https://{url}"
        try:
            if len(url) > COLUMNS["url"].limit:
                raise ValidationError(_("This is not a web address."))
            WEB_ONLY(url)
            validate_public(url)
        except ValidationError as refusal:
            self.verdict.say(self._at("url"), " ".join(refusal.messages))
            return url
        self.verdict.key = page_key(url)
        return url

    def _language(self):
        said = self._cell("language")
        language = language_of(said) if said else self.world.language
        if language is None:
            self.verdict.say(self._at("language"), _("Neither French nor English."))
        return language

    def _campaign(self):
        name = self._cell("campaign")
        campaign = self.world.campaigns.get(folded(name)) if name else self.world.campaign
        if campaign is None:
            said = _("No campaign is called this, or it is over.") if name else _("Which campaign?")
            self.verdict.say(self._at("campaign"), said)
        return campaign

    def _end(self):
        said = self._cell("expires")
        if not said:
            return in_sixty_days()
        if folded(said) in FOREVER:
            return None
        at = self._at("expires")
        mark = self.row.get("marks", {}).get(str(at), "")
        # Where nothing tells, the day is first, as both languages write it here.
        read = date_of(said, mark, self.day_first if self.day_first is not None else True)[0]
        if read is None:
            self.verdict.say(at, _("Not a date: write it year-month-day, such as 2027-03-31."))
            return None
        day = date.fromisoformat(read)
        if day < timezone.localdate():
            self.verdict.say(at, _("That day is over: choose a later one."))
        return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))

    def _topics(self):
        at = self._at("topics")
        for name in tags_of(self._cell("topics")):
            if topic := self.world.topics.get(folded(name)):
                self.verdict.topics.append(topic)
            else:
                said = _("No topic is called “%(name)s”: left out.") % {"name": name}
                self.verdict.say(at, said, grave=False)
        if len(self.verdict.topics) > MOST_TOPICS:
            self.verdict.say(at, _("At most three topics: choose the closest ones."))
