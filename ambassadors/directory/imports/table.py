"""What a file becomes once it is read, whatever it was: rows of text with their line numbers."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Limits:
    """How much of a file is accepted. Checked before anything is unpacked, then while reading."""

    size: int = 20 * 2**20  # bytes, as uploaded
    unpacked: int = 200 * 2**20  # bytes, all parts of a workbook together
    ratio: int = 100  # unpacked size over packed size, for a workbook's parts together
    parts: int = 500  # files inside a workbook
    rows: int = 100_000
    columns: int = 100
    cell: int = 32_767  # characters, which is also what Excel allows


@dataclass(frozen=True)
class Matter:
    """What a list is about: how its header and its rows are told from everything else in a file.

    recognised: how much a line looks like a header, 0 for not at all. is_entry: whether a cell is
    one that only a row has (an address). is_never_imported: whether a column, by its header, must
    not even be looked at.
    """

    recognised: Callable[[list[str]], int]
    is_entry: Callable[[str], bool]
    is_never_imported: Callable[[str], bool] = lambda header: False


class Refused(Exception):
    """The whole file is refused. `message` says why, in the reader's language.

    Kept as `code` and `params`, so that it can be stored and translated at display.
    """

    message = _("This file cannot be read.")
    known: dict[str, type["Refused"]] = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Refused.known[cls.__name__] = cls

    def __init__(self, **params):
        super().__init__(type(self).__name__)
        self.params = params

    def __str__(self):
        return str(self.message) % self.params

    @property
    def code(self):
        return type(self).__name__

    @classmethod
    def from_code(cls, code, params):
        """The refusal behind a stored code; an unknown code gives the general one."""
        return cls.known.get(code, Refused)(**params)


class EmptyFile(Refused):
    message = _("The file is empty.")


class TooLarge(Refused):
    message = _("The file is larger than %(megabytes)s MB. Split it, or ask for a shorter export.")


class UnknownForm(Refused):
    message = _("Only CSV and Excel (.xlsx) files can be imported.")


class FormMismatch(Refused):
    message = _(
        "The name ends in “%(extension)s”, and the content is something else. "
        "Save it again as CSV or as an Excel workbook (.xlsx)."
    )


class OldWorkbook(Refused):
    message = _(
        "This is an old Excel file (.xls), or one protected by a password. "
        "Save it as .xlsx without a password."
    )


class BrokenWorkbook(Refused):
    message = _("This Excel file is damaged. Open it in Excel and save it again.")


class SwollenWorkbook(Refused):
    message = _(
        "This Excel file unpacks to far more than its size: for safety it was not opened. "
        "Copy the list into a new workbook."
    )


class NotATable(Refused):
    message = _("This file holds no table: it seems to be a document, an image or a program.")


class NoHeader(Refused):
    message = _("No line with column names was found. One column at least must be called “Email”.")


class NoRows(Refused):
    message = _("The file has column names and nobody under them.")


class TooManyRows(Refused):
    message = _("The file has more than %(rows)s lines. Split it.")


class TooManyColumns(Refused):
    message = _("The file has more than %(columns)s columns. Keep those about people.")


class CellTooLong(Refused):
    message = _("Line %(line)s holds a cell of more than %(characters)s characters.")


class Collided(Refused):
    message = _(
        "Somebody changed the directory at the same moment, and nothing was written. "
        "The file was checked again: look once more, then go ahead."
    )


# What a cell was, where its text alone does not say so.
DATE = "date"  # a real date; the text is ISO 8601
NUMBER = "number"  # a bare number
PADDED = "padded"  # a number that its format shows with leading zeros; the text has them
DAY_ZERO = "day_zero"  # Excel's day 0, shown as 00-Jan-1900
FAILED = "failed"  # #N/A and its kind
UNCOMPUTED = "uncomputed"  # a formula without a stored result
COVERED = "covered"  # under a merged cell, so empty by itself


@dataclass(slots=True)
class Row:
    """One record: its cells as text, and its line numbers as the person sees them."""

    line: int
    cells: list[str]
    line_end: int = 0
    marks: dict[int, str] = field(default_factory=dict)  # column -> what the cell was
    skipped: bool = False  # somebody said to leave it out
    hidden: bool = False  # by a filter that was left on
    mended: int | None = None  # column of a quote that never closed; the line was read by itself

    def __post_init__(self):
        self.line_end = self.line_end or self.line

    @property
    def blank(self):
        return not any(cell.strip() for cell in self.cells)


class Furniture(NamedTuple):
    """A line that is about the list and not in it: title, header, totals."""

    line: int
    what: str


@dataclass
class Table:
    """What a file holds about people. Hidden columns and pay are not in it, not even as text."""

    form: str  # csv, xlsx or pasted
    headers: list[str]  # "" where the column was withheld or hidden
    rows: list[Row]
    header_line: int = 0  # 0 when the file has no header
    furniture: list[Furniture] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)  # names of visible columns never imported
    hidden_columns: list[str] = field(default_factory=list)  # letters, never names
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    def column(self, at: int) -> list[str]:
        """What stands in a column, empty cells left out. at: from 0."""
        cells = (row.cells[at].strip() for row in self.rows if at < len(row.cells))
        return [cell for cell in cells if cell]


_ASCII_WORDS = re.compile("[a-z0-9]+")


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Lower case, without accents, punctuation or odd spaces: for comparing names and headers."""
    # Nearly all that is compared is ASCII, and a hundred thousand lines ask a million times.
    if text.isascii():
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("\u00ad", "")
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare.casefold()).split())


def column_letter(at: int) -> str:
    """The letter of a column, as a spreadsheet shows it. at: from 0."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
