"""From the bytes of a file to a Table, or a Refused that says why not."""

import re
from pathlib import PurePath
from typing import BinaryIO

from ambassadors.directory.imports import delimited, workbook
from ambassadors.directory.imports.delimited import split
from ambassadors.directory.imports.headers import PEOPLE
from ambassadors.directory.imports.table import (
    EmptyFile,
    FormMismatch,
    Furniture,
    Limits,
    Matter,
    NoHeader,
    NoRows,
    NotATable,
    OldWorkbook,
    Row,
    Table,
    TooLarge,
    TooManyColumns,
    TooManyRows,
    UnknownForm,
    column_letter,
)

TEXT_FORMS = {".csv", ".txt", ".tsv"}
WORKBOOK_FORMS = {".xlsx", ".xlsm"}
HEADER_WITHIN = 40  # lines
# Some systems leave out the empty cells at the end of a line. When more lines than this are
# short it is a habit, and nothing was cut.
SHORT_IS_A_HABIT = 0.1
FOOTERS = 10
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_NOT_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x7fELF", b"MZ\x90")
_TOTALS = re.compile(
    r"\W*(sous[- ]?total|sub-?total|total|totaux|totals|grand total|somme|fin d[eu]|end of"
    r"|nombre (d|total)|number of|count|printed|imprim|généré|generated|effectif)",
    re.IGNORECASE,
)


def read(data: bytes, name: str, limits: Limits | None = None, matter: Matter = PEOPLE) -> Table:
    """Reads a CSV or an Excel workbook.

    data: the file. name: as uploaded; its extension must agree with the content. matter: what the
    list is about.
    Raises a Refused, never anything else, whatever the bytes are.
    """
    table = stream(data, name, limits, matter)
    table.rows = list(table.rows)
    return table


def stream(data: bytes, name: str, limits: Limits | None = None, matter: Matter = PEOPLE) -> Table:
    """As read(), but `rows` yields them one by one, and may raise a Refused on the way.

    What stands under the list (furniture) and its hidden columns are complete after the last row.
    """
    limits = limits or Limits()
    check_size(len(data), limits)
    make = _workbook if _form(data, name) == "xlsx" else _text
    table = make(data, limits, matter)
    if len(table.headers) > limits.columns:
        raise TooManyColumns(columns=limits.columns)
    table.withheld = [header for header in table.headers if matter.is_never_imported(header)]
    table.rows = _finished(table.rows, table, limits, matter)
    return table


def read_pasted(text: str, limits: Limits | None = None) -> Table:
    """Reads addresses typed or pasted into a box, one a line or set apart by `,` `;` or tabs."""
    limits = limits or Limits()
    pieces = [
        (line, piece.strip())
        for line, content in enumerate(text.splitlines(), 1)
        for piece in re.split(r"[,;\t]", content)
        if piece.strip()
    ]
    if len(pieces) > limits.rows:
        raise TooManyRows(rows=limits.rows)
    if not pieces:
        raise EmptyFile
    return Table("pasted", ["Email"], [Row(line, [piece]) for line, piece in pieces])


def check_size(size: int, limits: Limits) -> None:
    """Raises EmptyFile or TooLarge. size: bytes."""
    if not size:
        raise EmptyFile
    if size > limits.size:
        raise TooLarge(megabytes=max(1, limits.size // 2**20))


def weight(file: BinaryIO, size: int, limits: Limits) -> int:
    """How many bytes there are to go through: of the text, or of the workbook once unpacked.

    Raises a Refused for a size or a swelling that is not taken. Leaves the file at its start.
    """
    check_size(size, limits)
    is_zip = file.read(len(_ZIP)) == _ZIP
    unpacked = workbook.unpacked_size(file, size, limits) if is_zip else size
    file.seek(0)
    return unpacked


def _form(data, name):
    extension = PurePath(name).suffix.lower()
    if extension not in TEXT_FORMS | WORKBOOK_FORMS | {".xls"}:
        raise UnknownForm
    if data.startswith(_OLD_WORKBOOK):
        raise OldWorkbook
    is_zip = data.startswith(_ZIP)
    if is_zip != (extension in WORKBOOK_FORMS) or extension == ".xls":
        raise FormMismatch(extension=extension)
    if data.startswith(_NOT_TABLES):
        raise NotATable
    return "xlsx" if is_zip else "csv"


def _text(data, limits, matter):
    text, encoding = delimited.decode(data)
    lines = delimited.lines_of(text)
    if not any(line.strip() for line in lines):
        raise EmptyFile
    # Counted before any line is cut, so that a huge file costs little.
    if len(lines) > limits.rows * 2:
        raise TooManyRows(rows=limits.rows)
    delimiter = delimited.find_delimiter(lines, matter)
    head = list(delimited.records(lines[:HEADER_WITHIN], delimiter, limits, matter))
    table = _headed(head, Table("csv", [], [], encoding=encoding, delimiter=delimiter), matter)
    start = next((row.line_end for row in head if row.line == table.header_line), 0)
    width = len(table.headers)
    rows = delimited.records(lines, delimiter, limits, matter, start=start, width=width)
    if _is_short_by_habit(lines[start:], delimiter, width):
        rows = _filled_up(rows, width)
    table.rows = rows
    return table


def _workbook(data, limits, matter):
    sheet = workbook.open_sheet(data, limits, score=lambda rows: _best_score(rows, matter))
    table = Table("xlsx", [], [], sheet=sheet.name, hidden_columns=sheet.hidden_columns)
    table = _headed(sheet.head[:HEADER_WITHIN], table, matter)
    width = len(table.headers)
    # What stands to the right of the header is a remark beside the list, and moves nothing.
    table.rows = (
        Row(
            row.line,
            (row.cells + [""] * (width - len(row.cells)))[:width],
            marks={at: mark for at, mark in row.marks.items() if at < width},
            hidden=row.hidden,
        )
        for row in sheet.rows
        if row.line > table.header_line
    )
    return table


def _best_score(rows, matter):
    return max((matter.recognised(row.cells) for row in rows[:HEADER_WITHIN]), default=0)


def _headed(head, table, matter):
    """Finds the header among the first rows, and what stands above it."""
    header = _header_row(head, matter)
    if header is None:
        table.headers = _letters(head, matter)
        return table
    table.header_line = header.line
    table.headers = [cell.strip("\ufeff") for cell in header.cells]
    while table.headers and not table.headers[-1].strip():
        table.headers.pop()
    above = [row for row in head if row.line < header.line and not row.blank]
    table.furniture = [Furniture(row.line, "title") for row in above]
    table.furniture.append(Furniture(header.line, "header"))
    return table


def _header_row(head, matter):
    best = max(head, key=lambda row: matter.recognised(row.cells), default=None)
    if best is None:
        raise EmptyFile
    if matter.recognised(best.cells) >= 2:
        return best
    return next((row for row in head if _names_columns(row.cells, matter)), None)


def _names_columns(cells, matter):
    """Words only, at least two of them: a header in words unknown here."""
    named = [cell.strip() for cell in cells if cell.strip()]
    return len(named) > 1 and not any(matter.is_entry(cell) or cell[:1].isdigit() for cell in named)


def _letters(head, matter):
    """Names for the columns of a list without a header, which must then show addresses."""
    if not any(matter.is_entry(cell) for row in head for cell in row.cells):
        raise NoHeader
    return [column_letter(at) for at in range(max(len(row.cells) for row in head))]


def _finished(rows, table, limits, matter):
    """The rows as they stay, without blank lines, totals and remarks under the list."""
    never = [at for at, header in enumerate(table.headers) if matter.is_never_imported(header)]
    held, taken = [], 0
    for row in rows:
        _tidy(row, never, len(table.headers))
        held.append(row)
        if row.blank or is_footer(row, len(table.headers), matter):
            continue
        taken += len(held)
        if taken > limits.rows:
            raise TooManyRows(rows=limits.rows)
        yield from held
        held = []
    if not taken:
        raise NoRows
    yield from _without_the_end(held, table)


def _tidy(row, never, width):
    """Empty cells too many move nothing; what must never come in is gone before anybody looks."""
    if len(row.cells) > width and not any(cell.strip() for cell in row.cells[width:]):
        del row.cells[width:]
    if not never:
        return
    # In a line whose cells have moved, pay may stand anywhere from there on.
    moved = len(row.cells) != width
    for at in range(min(never), len(row.cells)) if moved else never:
        row.cells[at] = ""
        row.marks.pop(at, None)


def _without_the_end(held, table):
    """Of the lines after the last good one, those that are too many to be a list's end."""
    footers = 0
    while held and footers < FOOTERS:
        last = held.pop()
        if not last.blank:
            table.furniture.append(Furniture(last.line, "totals"))
            footers += 1
    return held


def _is_short_by_habit(lines, delimiter, width):
    """Whether so many lines lack cells at their end that nothing was cut."""
    short = total = 0
    for line in lines:
        cells = split(line, delimiter).cells if '"' in line else None
        total += 1
        count = len(cells) if cells else line.count(delimiter) + 1
        short += count < width and bool(line.strip(delimiter + " \t"))
    return short > SHORT_IS_A_HABIT * total and short > FOOTERS


def _filled_up(rows, width):
    for row in rows:
        if not row.blank:
            row.cells.extend([""] * (width - len(row.cells)))
        yield row


def is_footer(row: Row, width: int, matter: Matter = PEOPLE) -> bool:
    """True for a line that is about the list: a total, a count, "End of report"."""
    filled = [cell for cell in row.cells if cell.strip()]
    if len(filled) > 2 or any(matter.is_entry(cell) for cell in filled):
        return False
    return bool(_TOTALS.match(filled[0])) or (len(filled) == 1 and width > 3)
