"""From bytes to a table: whatever HR's systems write is read, whatever is no list is refused."""

import contextlib
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ambassadors.directory.imports import table as t
from ambassadors.directory.imports.reading import read, read_pasted

DATA = Path(__file__).parents[1] / "data"
PEOPLE = "Courriel;Prénom;Nom\r\nmaelle@orvaly.example;Maëlle;Côté\r\n"


def cells(data, name="liste.csv"):
    return [row.cells for row in read(data, name).rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_the_usual_encodings_are_told_apart(encoding):
    assert cells(PEOPLE.encode(encoding)) == [["maelle@orvaly.example", "Maëlle", "Côté"]]


def test_one_line_pasted_from_elsewhere_does_not_spoil_the_others():
    lines = [f"a{n}@orvaly.example;Zoé;Côté".encode() for n in range(9)]
    lines.append("b@orvaly.example;Zoé;Côté".encode("windows-1252"))
    rows = cells("Courriel;Prénom;Nom\n".encode() + b"\n".join(lines))
    assert {(row[1], row[2]) for row in rows} == {("Zoé", "Côté")}


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_usual_delimiters_are_told_apart(delimiter):
    data = PEOPLE.replace(";", delimiter).encode()
    assert cells(data) == [["maelle@orvaly.example", "Maëlle", "Côté"]]


def test_the_line_that_excel_writes_about_its_delimiter_is_obeyed():
    assert read(b"sep=,\r\nid;x,email\r\n1;2,a@b.example\r\n", "a.csv").delimiter == ","


def test_the_header_is_found_under_title_lines_and_totals_are_not_people():
    data = f"Liste du personnel\r\n;;\r\n{PEOPLE}\r\nTotal : 1;;\r\n".encode()
    table = read(data, "liste.csv")
    assert (table.header_line, len(table.rows)) == (3, 1)
    assert [piece.what for piece in table.furniture] == ["title", "header", "totals"]


def test_a_header_of_unknown_words_leaves_the_mapping_to_the_person():
    table = read(b"Boite;Quidam\r\na@b.example;Luc\r\n", "a.csv")
    assert table.headers == ["Boite", "Quidam"]


def test_a_list_without_a_header_gets_letters():
    table = read(b"Luc;luc@b.example\r\nMia;mia@b.example\r\n", "a.csv")
    assert (table.headers, len(table.rows), table.header_line) == (["A", "B"], 2, 0)


def test_a_quote_that_never_closes_swallows_nobody():
    lines = [f'{n}@b.example;"Luc;Roy' if n == 3 else f"{n}@b.example;Mia;Roy" for n in range(9)]
    lines[7] = '7@b.example;"Mia";Roy'
    table = read(("Email;First name;Last name\n" + "\n".join(lines)).encode(), "a.csv")
    assert [row.cells[0] for row in table.rows] == [f"{n}@b.example" for n in range(9)]
    assert [row.line for row in table.rows if row.mended is not None] == [5]


def test_two_slips_that_seem_to_belong_together_swallow_nobody():
    lines = ['a@b.example;Mia;Roy;"x', "b@b.example;Mia;Roy;y", 'c@b.example;Mia;Roy;z"']
    rows = cells(("Email;First name;Last name;Tags\n" + "\n".join(lines)).encode())
    assert [row[0] for row in rows] == ["a@b.example", "b@b.example", "c@b.example"]
    assert [row[3] for row in rows] == ["x", "y", "z"]


def test_a_cell_with_line_breaks_is_one_cell_and_lines_stay_physical():
    data = b'Email;Team;Nom\r\na@b.example;"one\r\ntwo\nthree";X\r\nb@b.example;;Y\r\n'
    rows = read(data, "a.csv").rows
    assert rows[0].cells[1] == "one\ntwo\nthree"
    assert [(row.line, row.line_end) for row in rows] == [(2, 4), (5, 5)]


def test_a_vertical_tab_or_a_nul_ends_no_line():
    data = "Email;Nom\r\na@b.example;R\x00o\x0by\x85\u2028\r\n".encode()
    assert len(read(data, "a.csv").rows) == 1


def test_a_system_that_leaves_out_empty_cells_at_the_end_cuts_nobody():
    lines = [f"{n}@b.example;Mia" for n in range(40)] + ["x@b.example;Luc;Roy;note"]
    rows = cells(("Email;First name;Last name;Tags\n" + "\n".join(lines)).encode())
    assert {len(row) for row in rows} == {4}


def test_pay_is_not_read_even_from_a_line_whose_cells_have_moved():
    data = (
        b"Email;Salaire de base;Nom\r\na@b.example;49668,38;Roy\r\nb@b.example;x;54266,62;Roy\r\n"
    )
    table = read(data, "a.csv")
    assert table.withheld == ["Salaire de base"]
    assert "49668" not in str(table)
    assert "54266" not in str(table)


def test_pasted_addresses_are_a_table_of_one_column():
    table = read_pasted("a@b.example, b@b.example;\n\nMia <c@b.example>")
    assert [(row.line, row.cells[0]) for row in table.rows] == [
        (1, "a@b.example"),
        (1, "b@b.example"),
        (3, "Mia <c@b.example>"),
    ]


# --- Refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"", "a.csv", t.EmptyFile),
        (b"\r\n \r\n", "a.csv", t.EmptyFile),
        (b"Email;Nom\r\n", "a.csv", t.NoRows),
        (b"one\r\ntwo\r\n", "a.csv", t.NoHeader),
        (b"%PDF-1.7 ...", "a.csv", t.NotATable),
        (bytes(range(32)) * 200, "a.csv", t.NotATable),
        (b"Email\r\na@b.example", "a.docx", t.UnknownForm),
        (b"Email\r\na@b.example", "a.xlsx", t.FormMismatch),
        (b"PK\x03\x04 and so on", "a.csv", t.FormMismatch),
        (b"PK\x03\x04 and so on", "a.xlsx", t.BrokenWorkbook),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", t.OldWorkbook),
        (b"Email;" + b"x;" * 200 + b"\r\na@b.example", "a.csv", t.TooManyColumns),
        (b"Email;Nom\r\na@b.example;" + b"x" * 40_000, "a.csv", t.CellTooLong),
    ],
)
def test_what_is_no_list_of_people_is_refused_by_name(data, name, refusal):
    with pytest.raises(refusal) as caught:
        read(data, name)
    assert str(caught.value)
    again = t.Refused.from_code(caught.value.code, caught.value.params)
    assert str(again) == str(caught.value)


def test_a_file_over_the_limit_is_refused():
    with pytest.raises(t.TooLarge, match="1 M"):
        read(b"x" * 1001, "a.csv", t.Limits(size=1000))


def test_too_many_lines_are_refused():
    data = b"Email\r\n" + b"a@b.example\r\n" * 12
    with pytest.raises(t.TooManyRows):
        read(data, "a.csv", t.Limits(rows=10))


# --- Workbooks ---------------------------------------------------------------------------------


def workbook(*sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def saved(book):
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data, name, change):
    """The workbook `data`, the part whose path ends in `name` put through `change`."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part.endswith(name) else content)
    return out.getvalue()


def without_width(xml):
    return re.sub(rb'width="[^"]*"', b"", xml).replace(b'hidden="1"', b'width="0"')


HEADER = ["Work Email", "Last Name", "Base Salary", "Hire Date"]


def test_the_sheet_with_people_is_found_and_a_hidden_sheet_is_not_looked_at():
    book = workbook(
        ("Read me", [["How to read this"]]),
        ("Old", [HEADER, ["old@b.example", "Old", 1, None]]),
        ("People", [["Title"], HEADER, ["a@b.example", "Roy", 1, None]]),
    )
    book["Old"].sheet_state = "hidden"
    table = read(saved(book), "a.xlsx")
    assert (table.sheet, table.header_line, len(table.rows)) == ("People", 2, 1)


@pytest.mark.parametrize("how", ["hidden", "no_width", "grouped", "visible"])
def test_pay_is_never_read_however_its_column_is_shown(how):
    book = workbook(("People", [["", "", 97987.86], HEADER, ["a@b.example", "Roy", 49668.38]]))
    column = book["People"].column_dimensions["C"]
    column.hidden = how in {"hidden", "no_width"}
    if how == "grouped":
        book["People"].column_dimensions.group("B", "D", hidden=True)
    data = saved(book)
    if how == "no_width":
        data = with_part(data, "sheet1.xml", without_width)
    table = read(data, "a.xlsx")
    assert "49668" not in str(table)
    assert "97987" not in str(table)
    assert ("Base Salary" in str(table)) == (how == "visible")


def test_a_column_hidden_for_another_reason_is_dropped_too():
    book = workbook(("People", [["Work Email", "Remarks"], ["a@b.example", "private"]]))
    book["People"].column_dimensions["B"].hidden = True
    table = read(saved(book), "a.xlsx")
    assert table.hidden_columns == ["B"]
    assert "private" not in str(table)
    assert "Remarks" not in str(table)


def bomb(part="xl/worksheets/sheet1.xml", size=300 * 2**20):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(part, "w", force_zip64=True) as entry:
            for _ in range(size // 2**20):
                entry.write(b" " * 2**20)
    return file.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    data = bomb()
    assert len(data) < 2**20
    with pytest.raises(t.SwollenWorkbook):
        read(data, "people.xlsx")


def test_a_thousand_parts_are_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1000):
            archive.writestr(f"xl/{number}.xml", "")
    with pytest.raises(t.SwollenWorkbook):
        read(file.getvalue(), "people.xlsx")


def test_a_billion_laughs_is_refused():
    book = saved(workbook(("People", [HEADER, ["a@b.example", "Roy", 1, None]])))
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(t.BrokenWorkbook):
        read(with_part(book, "sheet1.xml", lambda xml: laughs + xml), "people.xlsx")


# --- Whatever the bytes --------------------------------------------------------------------------

SMALL = t.Limits(size=2**20, unpacked=2**21, rows=500)
SEEDS = [
    (DATA / "people-small.csv").read_bytes(),
    PEOPLE.encode("utf-16"),
    saved(workbook(("People", [HEADER, ["a@b.example", "Roy", 1, None]]))),
]
PARTS = zipfile.ZipFile(BytesIO(SEEDS[2])).namelist()


def read_or_refuse(data, name):
    with contextlib.suppress(t.Refused):
        read(data, name, SMALL)


quietly = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@quietly
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.txt", "a"]))
def test_arbitrary_bytes_are_read_or_refused(data, name):
    read_or_refuse(data, name)


@quietly
@given(text=st.text(alphabet='";,\t\r\n\0@ aéÃ©\x0b', max_size=200))
def test_arbitrary_text_is_read_or_refused(text):
    read_or_refuse(text.encode(), "a.csv")
    read_or_refuse(("Email;Nom;Tags\n" + text).encode(), "a.csv")


@quietly
@given(
    seed=st.sampled_from(SEEDS),
    cuts=st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=6)), max_size=6),
)
def test_a_wounded_file_is_read_or_refused(seed, cuts):
    data = bytearray(seed)
    for at, bytes_ in cuts:
        at %= len(data)
        data[at : at + len(bytes_)] = bytes_
    read_or_refuse(bytes(data), "a.xlsx" if seed[:2] == b"PK" else "a.csv")


@quietly
@given(data=st.data())
def test_a_workbook_with_wounded_parts_is_read_or_refused(data):
    """The archive is whole, so that what is damaged reaches the parser."""

    def wound(content):
        content = bytearray(content)
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            slip = data.draw(st.sampled_from([b"", b"9999999999", b"-1", b"<", b'"', b"x", b"&a;"]))
            content[at : at + data.draw(st.integers(0, 30))] = slip
        return bytes(content)

    victim = data.draw(st.sampled_from(PARTS))
    read_or_refuse(with_part(SEEDS[2], victim, wound), "a.xlsx")
