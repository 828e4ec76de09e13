"""Excel workbooks, opened with care: checked before unpacking, hidden columns never looked at."""

import datetime as dt
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

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
    """A sheet's rows, without its hidden columns."""

    name: str
    rows: list[Row]
    hidden_columns: list[str]


def read_sheet(data: bytes, limits: Limits, score: Callable[[list[Row]], int]) -> Sheet:
    """The sheet whose first rows have the best `score`; the first visible one when none has any.

    Raises SwollenWorkbook, BrokenWorkbook, TooManyRows or CellTooLong.
    """
    unpacked_size(BytesIO(data), len(data), limits)
    try:
        with warnings.catch_warnings():
            # openpyxl's warnings quote cells, hidden ones too, and would end in a log.
            warnings.simplefilter("ignore")
            return _best_sheet(data, limits, score)
    except _DAMAGE as error:
        raise BrokenWorkbook from error


def _best_sheet(data, limits, score):
    book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    # A sheet "very hidden" is hidden too. Chart sheets have no rows.
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    best = max(sheets, key=lambda sheet: score(_read(sheet, limits, head=HEAD).rows))
    return _read(best, limits)


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


class _Parser(WorkSheetParser):
    """Also tells a formula that was never computed from an empty cell."""

    def parse_cell(self, element):
        cell = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = UNCOMPUTED
        return cell


def _read(sheet, limits, head=0):
    """The rows of `sheet`, or its first `head` rows."""
    book, rows, blanks, hidden_used = sheet.parent, [], [], set()
    with book._archive.open(sheet._worksheet_path) as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        hidden = None
        for number, cells in parser.parse():
            if hidden is None:
                hidden = _hidden_columns(parser, limits)
            hidden_used.update(c["column"] for c in cells if c["value"] is not None)
            row = _row(number, cells, hidden, sheet, limits)
            row.hidden = _is_hidden(parser.row_dimensions.pop(str(number), {}))
            if row.blank:
                if len(blanks) < GHOSTS:
                    blanks.append(row)
                continue
            rows += [*blanks, row]
            blanks = []
            if head and len(rows) >= head:
                break
            if len(rows) > limits.rows + 1000:
                raise TooManyRows(rows=limits.rows)
    _cover(rows, parser.merged_cells)
    letters = [column_letter(at - 1) for at in sorted((hidden or set()) & hidden_used)]
    return Sheet(sheet.title, rows, letters)


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


def _cover(rows, merged):
    """Marks the cells that a merged cell above hides: they are empty, and not by intention."""
    by_number = {row.line: row for row in rows}
    for area in merged.mergeCell if merged else []:
        left, top, right, bottom = area.bounds
        anchor = by_number.get(top)
        if anchor is None or len(anchor.cells) < left or not anchor.cells[left - 1]:
            continue
        for number in range(top + 1, min(bottom, rows[-1].line) + 1):
            row = by_number.get(number)
            for at in range(left - 1, min(right, 100)):
                if row and not (at < len(row.cells) and row.cells[at]):
                    row.marks[at] = COVERED
