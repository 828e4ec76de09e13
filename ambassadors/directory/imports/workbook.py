"""Excel workbooks, opened with care: checked before unpacking, hidden columns never looked at."""

import datetime as dt
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import BinaryIO
from xml.etree.ElementTree import iterparse

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import COL_TAG, FORMULA_TAG, ROW_TAG, WorkSheetParser

from ambassadors.directory.imports.table import (
    COVERED,
    DATE,
    DAY_ZERO,
    FAILED,
    NUMBER,
    PADDED,
    UNCOMPUTED,
    BrokenWorkbook,
    CellTooLong,
    Limits,
    Row,
    SwollenWorkbook,
    TooManyRows,
    column_letter,
)

# All that openpyxl and the parsers beneath it were seen to raise on a damaged workbook. Its code
# trusts the file, so nothing narrower would hold.
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    DefusedXmlException,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
GHOSTS = 1000  # formatted empty rows in one run that are worth remembering
HEAD = 40
_ZEROS = re.compile(r"0+")


@dataclass
class Sheet:
    """A sheet, without its hidden columns (their letters are known after the last row)."""

    name: str
    head: list[Row]
    rows: Iterator[Row]
    hidden_columns: list[str]


def open_sheet(data: bytes, limits: Limits, score: Callable[[list[Row]], int]) -> Sheet:
    """The sheet whose first rows have the best `score`; the first visible one when none has any.

    Raises SwollenWorkbook, BrokenWorkbook, TooManyRows or CellTooLong, here or while its rows are
    read: no more than one of them is in memory.
    """
    unpacked_size(BytesIO(data), len(data), limits)
    with _damage_told():
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        # A sheet "very hidden" is hidden too. Chart sheets have no rows.
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        heads = [list(islice(_read(sheet, limits), HEAD)) for sheet in sheets]
        head, sheet = max(zip(heads, sheets, strict=True), key=lambda pair: score(pair[0]))
    hidden = []
    return Sheet(sheet.title, head, _guarded(_read(sheet, limits, hidden)), hidden)


@contextmanager
def _damage_told():
    try:
        with warnings.catch_warnings():
            # openpyxl's warnings quote cells, hidden ones too, and would end in a log.
            warnings.simplefilter("ignore")
            yield
    except _DAMAGE as error:
        raise BrokenWorkbook from error


def _guarded(rows):
    """Whoever uses the rows keeps their own errors: only the reading of each is guarded."""
    while True:
        with _damage_told():
            row = next(rows, None)
        if row is None:
            return
        yield row


def unpacked_size(file: BinaryIO, size: int, limits: Limits) -> int:
    """Adds up what the parts say they unpack to, without unpacking any.

    zipfile never yields more of a part than its entry announces, so a lie is no way around.
    size: of the file, in bytes. Raises SwollenWorkbook or BrokenWorkbook.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except _DAMAGE as error:
        raise BrokenWorkbook from error
    unpacked = sum(part.file_size for part in parts)
    most = min(limits.unpacked, max(size * limits.ratio, 2**20))
    if len(parts) > limits.parts or unpacked > most:
        raise SwollenWorkbook
    return unpacked


class _Plain:
    """A part of a workbook that declares nothing: no document type, so no entity either.

    It makes the fast parser as safe as the careful one, which takes four times as long.
    """

    def __init__(self, source):
        self.source, self.tail = source, b""

    def read(self, size=-1):
        data = self.source.read(size)
        seen = self.tail + data
        # Every declaration begins so; in UTF-16 or UTF-32 a NUL comes between the letters.
        if b"<!D" in seen or b"<!E" in seen or b"\0" in data:
            raise BrokenWorkbook
        self.tail = seen[-2:]
        return data


class _Parser(WorkSheetParser):
    """Also tells a formula that was never computed from an empty cell."""

    def parse(self):
        for _event, element in iterparse(self.source):  # noqa: S314 (it is _Plain)
            if element.tag == ROW_TAG:
                row = self.parse_row(element)
                element.clear()
                yield row
            elif element.tag == COL_TAG:
                self.parse_column_dimensions(element)

    def parse_cell(self, element):
        cell = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = UNCOMPUTED
        return cell


def _read(sheet, limits, hidden_columns=None):
    """The rows of `sheet`, one by one. hidden_columns: a list to put their letters in."""
    book, blanks, hidden, hidden_used, taken = sheet.parent, [], None, set(), 0
    merged = _Merged(book, sheet)
    with book._archive.open(sheet._worksheet_path) as source:
        parser = _Parser(
            _Plain(source),
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if hidden is None:
                hidden = _hidden_columns(parser, limits)
            if hidden:
                hidden_used.update(c["column"] for c in cells if c["value"] is not None)
            row = _row(number, cells, hidden, sheet, limits)
            row.hidden = _is_hidden(parser.row_dimensions.pop(str(number), {}))
            merged.cover(row)
            if row.blank:
                if len(blanks) < GHOSTS:
                    blanks.append(row)
                continue
            taken += len(blanks) + 1
            if taken > limits.rows + 1000:
                raise TooManyRows(rows=limits.rows)
            yield from blanks
            blanks = []
            yield row
    if hidden_columns is not None:
        used = sorted((hidden or set()) & hidden_used)
        hidden_columns += [column_letter(at - 1) for at in used]


def _hidden_columns(parser, limits):
    """Numbers, from 1, of the columns that are hidden or have no width."""
    return {
        number
        for column in parser.column_dimensions.values()
        if _is_hidden(column) or float(column.get("width", 1)) == 0
        for number in range(int(column["min"]), min(int(column["max"]), limits.columns) + 1)
    }


def _is_hidden(attributes):
    return attributes.get("hidden") in {"1", "true"}


def _row(number, cells, hidden, sheet, limits):
    row = Row(number, [])
    for cell in cells:
        at = cell["column"] - 1
        if at >= limits.columns or cell["column"] in hidden:
            continue
        text, mark = _text_of(cell, sheet)
        if len(text) > limits.cell:
            raise CellTooLong(line=number, characters=limits.cell)
        if not text and not mark:
            continue
        row.cells.extend([""] * (at + 1 - len(row.cells)))
        row.cells[at] = text
        if mark:
            row.marks[at] = mark
    return row


def _text_of(cell, sheet):
    """A cell as text, and the mark that says what it was."""
    value, kind = cell["value"], cell["data_type"]
    if kind == UNCOMPUTED:
        return "", UNCOMPUTED
    if kind == "e":
        return str(value or ""), FAILED
    if value is None:
        return "", ""
    if isinstance(value, str):
        return (unescape(value) if "_x" in value else value), ""
    return _text_of_value(value, lambda: ReadOnlyCell(sheet, **cell).number_format)


def _text_of_value(value, number_format):
    if isinstance(value, bool):
        return str(value).upper(), ""
    if isinstance(value, dt.datetime | dt.date):
        return value.strftime("%Y-%m-%d") if value.year > 999 else str(value), DATE
    if isinstance(value, dt.time):
        return value.isoformat(), DAY_ZERO
    if isinstance(value, int | float):
        return _number(value, number_format())
    return str(value), NUMBER


def _number(value, number_format):
    text = str(int(value)) if value == int(value) else repr(value)
    if _ZEROS.fullmatch(number_format or "") and len(number_format) > len(text):
        return text.zfill(len(number_format)), PADDED
    return text, NUMBER


_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")


class _Merged:
    """The merged areas of a sheet: what they hide is empty, and not by intention.

    They stand at the end of the part, and are needed while its rows are read.
    """

    def __init__(self, book, sheet):
        self.to_come, self.open = {}, []
        tail = b""
        with book._archive.open(sheet._worksheet_path) as source:
            while data := source.read(2**18):
                seen = tail + data
                for found in _MERGE.finditer(seen):
                    self._add(found)
                tail = seen[-200:]

    def _add(self, found):
        left, top, right, bottom = found.groups()
        area = column_index(left), int(top), column_index(right), int(bottom)
        self.to_come.setdefault(int(top), set()).add(area)

    def cover(self, row):
        """Marks the cells of `row` that lie under an area which begins above and says something."""
        self.open = [area for area in self.open if area[3] >= row.line]
        for left, _top, right, _bottom in self.open:
            for at in range(left - 1, min(right, 100)):
                if not (at < len(row.cells) and row.cells[at]):
                    row.marks[at] = COVERED
        for area in self.to_come.pop(row.line, ()):
            if len(row.cells) >= area[0] and row.cells[area[0] - 1]:
                self.open.append(area)


def column_index(letters):
    """The number of a column, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
