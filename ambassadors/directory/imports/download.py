"""The lines to put right, as a file like the one that came, each with what is wrong."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from activity.spreadsheet import Sheet, csv_response, xlsx_response
from ambassadors.directory.imports import showing
from ambassadors.directory.imports.table import column_letter


def rows_response(source, rows):
    """The `rows` of `source` as CSV or XLSX, whichever it was, each with what is told about it.

    Columns that were hidden or about pay are not in it. What the person corrected is.
    """
    sheet = Sheet(_("To put right"), _header(source), (_line(source, row) for row in rows))
    name = f"import-{source.pk}"
    return xlsx_response([sheet], name) if source.form == "xlsx" else csv_response(sheet, name)


def _shown(source):
    hidden = {*source.aside.get("hidden_columns", [])}
    withheld = {*source.aside.get("withheld", [])}
    return [
        at
        for at, header in enumerate(source.headers)
        if column_letter(at) not in hidden and header not in withheld
    ]


def _header(source):
    # First, because a line with too many cells would run into it at the end.
    first = [pgettext("column", "error"), pgettext("column", "line")]
    return first + [source.headers[at].strip() for at in _shown(source)]


def _line(source, row):
    colon = pgettext("between a name and what follows", ":")
    told = [
        f"{message['column']}{colon} {message['text']}" if message["column"] else message["text"]
        for message in showing.told(row, source)
    ]
    cells = [row.corrections.get(str(at), cell) for at, cell in enumerate(row.cells)]
    shown = [cells[at] for at in _shown(source) if at < len(cells)]
    return [" ".join(told), str(row.line), *shown, *cells[len(source.headers) :]]
