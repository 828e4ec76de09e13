"""The one way out of the product into a spreadsheet: tables to CSV and XLSX, nothing that runs.

Every file that a person opens in Excel or LibreOffice is written here: reports, lists of errors,
exports of any kind. A cell a stranger typed must stay text: in CSV it gets an apostrophe when a
spreadsheet would read it as a formula (OWASP ASVS 1.2.10); in XLSX it is stored as a string.

    Sheet(title="Réseaux", header=["Réseau", "Visites"], rows=[["LinkedIn", 812]])
    csv_response(sheet, "portee-2026-11-22")      xlsx_response([sheet, …], "portee-2026-11-22")

A file of ours that comes back (a list of errors, corrected) is read with `unguarded()`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import formats, timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

BOM = "\ufeff"  # without it Excel reads UTF-8 as Windows-1252
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What opens a formula, also in full width, and what hides one from the eye before it.
_RISKY = re.compile(r"'*[\s\0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n\0]")
# XML cannot carry these at all.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_CELL = 32_767

Row = Sequence[Any]


@dataclass(frozen=True)
class Sheet:
    """A table: `header` in the reader's language, `rows` of str, int, float, date or None.

    `title` names the sheet in a workbook. A float is a figure; what is an identifier (an employee
    number, a telephone) must come as str.
    """

    title: str
    header: Sequence[Any]
    rows: Iterable[Row]


def guarded(text: str) -> str:
    """`text`, with an apostrophe before it when a spreadsheet could take it for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """What guarded() was given. Text that it would not have written comes back as it is."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """The lines of a CSV in the reader's language, BOM first.

    Semicolons and decimal commas in French, as Excel expects there. Every cell is quoted, so that
    a comma inside one never becomes a border under another country's settings.
    """
    comma = formats.get_format("DECIMAL_SEPARATOR") == ","
    yield BOM
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";" if comma else ",", quoting=csv.QUOTE_ALL)
    for row in (sheet.header, *sheet.rows):
        writer.writerow([_csv_cell(value, comma) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def csv_response(sheet: Sheet, name: str) -> HttpResponse:
    """The sheet as a download called `name`.csv (ASCII, without extension)."""
    body = "".join(csv_lines(sheet)).encode("utf-8", "replace")
    return _download(body, "text/csv; charset=utf-8", f"{name}.csv")


def xlsx_response(sheets: Iterable[Sheet], name: str) -> HttpResponse:
    """The sheets as a workbook called `name`.xlsx (ASCII, without extension)."""
    return _download(workbook(sheets), XLSX, f"{name}.xlsx")


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """An XLSX of the sheets, with a frozen header row and no formula in it."""
    book = Workbook(write_only=True)
    names: set[str] = set()
    for sheet in sheets:
        _write(book.create_sheet(_free_name(sheet.title, names)), sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page, sheet):
    rows = [list(row) for row in sheet.rows]
    for column, width in enumerate(_widths([sheet.header, *rows]), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A2"
    page.append([_header_cell(page, value) for value in sheet.header])
    for row in rows:
        page.append([_xlsx_cell(page, value) for value in row])


def _widths(rows):
    """Of each column, in characters: what its longest cell needs, within reason."""
    columns = zip(*([str(v) if v is not None else "" for v in row] for row in rows), strict=False)
    return [min(60, max(10, *map(len, column)) + 2) for column in columns]


def _csv_cell(value, comma):
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(value).replace(".", ",") if comma else str(value)
    if isinstance(value, date):
        return _local(value).isoformat(*(" ", "minutes") if isinstance(value, datetime) else ())
    return guarded(str(value).encode("utf-8", "replace").decode())


def _xlsx_cell(page, value):
    if value is None:
        return None
    if isinstance(value, int | float | Decimal | date) and not isinstance(value, bool):
        return WriteOnlyCell(page, _local(value))
    text = _UNWRITABLE.sub("\ufffd", str(value))[:_LONGEST_CELL]
    cell = WriteOnlyCell(page, text)
    # openpyxl reads "=…" as a formula and "#N/A" as an error: both are words here.
    cell.data_type = "s"
    cell.quotePrefix = bool(_RISKY.match(str(value)))
    return cell


def _header_cell(page, value):
    cell = _xlsx_cell(page, str(value))
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _local(value):
    """Spreadsheets know no time zones: the reader's own wall clock is written."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    return value


def _free_name(title, taken):
    """A name Excel accepts: 31 characters, none of []:*?/\\, once per workbook."""
    stem = _SHEET_NAME.sub(" ", title).strip("' ")[:31] or "1"
    name, n = stem, 1
    while name.casefold() in taken:
        n += 1
        name = f"{stem[:27]} {n}"
    taken.add(name.casefold())
    return name


def _download(body, content_type, name):
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
