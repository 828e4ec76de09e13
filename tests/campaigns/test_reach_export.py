"""The report as files: the same figures, in the reader's language, and nothing that runs."""

import csv
import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.utils.translation import trans_real

from activity.models import Entry
from campaigns.reach.headcount import count_days
from tests.factories import (
    make_content,
    make_link,
    make_manager,
    make_member,
    make_share,
    make_tally,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("America/Montreal"))
NOON = datetime(2026, 11, 22, 12, tzinfo=NOW.tzinfo)
YESTERDAY = NOON.date()


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader(as_user):
    return lambda language: as_user(make_manager(language=language))


@pytest.fixture
def french(monkeypatch):
    """Words of our own, so that the test says what is translated and not how."""
    words = trans_real.translation("fr")._catalog._catalogs[0]
    for english, translated in {
        "Network": "Réseau-x",
        "Visits": "Visites-x",
        "Reach": "Portée-x",
    }.items():
        monkeypatch.setitem(words, english, translated)


def make_history(title="École passive", clicks=9):
    content = make_content(title=title)
    for _ in range(6):
        link = make_link(make_member(), content)
        make_share(link, opened_at=NOON, declared_at=NOON)
        make_tally(link, day=YESTERDAY, clicks=clicks)
    count_days([date(2026, 10, 25), YESTERDAY])
    return content


def text_of(client, query=""):
    response = client.get(f"/reach/reach.csv{query}")
    assert response.status_code == 200
    return response


def lines(response, delimiter=","):
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def book(client, query=""):
    response = client.get(f"/reach/reach.xlsx{query}")
    return openpyxl.load_workbook(io.BytesIO(response.content))


def test_a_table_is_written_as_the_page_shows_it(reader):
    make_history()
    rows = lines(text_of(reader("en"), "?table=networks"))
    assert rows == [
        ["Network", "Shares", "Visits", "Part", "Note"],
        ["LinkedIn", "6", "54", "1.0", ""],
    ]


def test_in_french_the_headers_are_french_and_semicolons_part_the_cells(reader, french):
    make_history()
    response = text_of(reader("fr"), "?table=networks")
    assert response.content.startswith(b"\xef\xbb\xbf")
    header, line = lines(response, ";")
    assert (header[0], header[2]) == ("Réseau-x", "Visites-x")
    assert line[:4] == ["LinkedIn", "6", "54", "1,0"]


def test_a_workbook_has_a_sheet_per_table_and_one_that_says_what_was_asked(reader):
    make_history()
    pages = book(reader("en"))
    assert pages.sheetnames[:2] == ["About", "Active people per week"]
    assert len(pages.sheetnames) == 7
    about = {row[0]: row[1] for row in pages["About"].iter_rows(values_only=True)}
    assert (about["From"].date(), about["To"].date()) == (date(2026, 10, 26), YESTERDAY)
    assert (about["Measured: visits"], about["Declared: shares"]) == (54, 6)


def test_figures_are_numbers_and_names_are_text(reader):
    make_history(title="2026")
    page = book(reader("en"))["Items shared"]
    assert [(cell.value, cell.data_type) for cell in page[2][:3]] == [
        ("2026", "s"),
        (6, "n"),
        (54, "n"),
    ]


def test_every_figure_of_the_list_says_how_sure_it_is(reader):
    make_history()
    rows = lines(text_of(reader("en")))
    assert rows[0] == ["Table", "Line", "Figure", "Certainty", "Value", "Note"]
    sure = {(row[1], row[2]): row[3] for row in rows[1:]}
    assert sure["Declared shares", "Number"] == "Declared"
    assert sure["Measured visits", "Number"] == "Measured"
    assert sure["People enrolled", "Number"] == "Counted"
    assert sure["LinkedIn", "Visits"] == "Measured"


@pytest.mark.parametrize(
    "title", ['=HYPERLINK("http://evil.example")', "+1+1", "@SUM(A1)", "-2+3", "\t=1"]
)
def test_a_title_never_becomes_a_formula(reader, title):
    make_history(title=title)
    client = reader("en")
    assert lines(text_of(client, "?table=contents"))[1][0] == f"'{title}"
    cell = book(client)["Items shared"]["A2"]
    assert cell.data_type == "s"


def test_the_file_answers_the_question_the_page_was_asked(reader):
    make_history()
    other = make_history(title="Douze postes", clicks=1)
    rows = lines(text_of(reader("en"), f"?campaign={other.campaign.slug}&table=contents"))
    assert [row[0] for row in rows[1:]] == ["Douze postes", "Total"]


def test_all_items_are_in_the_file_however_many_the_page_shows(reader):
    make_history()
    member = make_member()
    for n in range(20):
        make_share(
            make_link(member, make_content(title=f"Contenu {n}")), opened_at=NOON, declared_at=NOON
        )
    assert len(lines(text_of(reader("en"), "?table=contents"))) == 23


def test_each_file_is_in_the_audit_trail_with_what_was_asked(reader):
    make_history()
    client = reader("en")
    text_of(client, "?network=linkedin")
    entry = Entry.objects.get(verb="reach.exported")
    assert entry.data == {
        "format": "csv",
        "filters": {"from": "2026-10-26", "to": "2026-11-22", "network": "linkedin"},
    }
    assert str(entry.actor_id) == client.session["_auth_user_id"]


def test_looking_at_the_page_leaves_no_trace_in_the_trail(reader):
    make_history()
    reader("en").get("/reach/")
    assert not Entry.objects.filter(verb__startswith="reach").exists()


def test_a_question_that_makes_no_sense_leads_back_to_the_page_that_says_why(reader):
    make_history()
    response = reader("en").get("/reach/reach.csv?period=custom&first=2026-12-24&last=2026-12-25")
    assert response.status_code == 302
    assert response.url.startswith("/reach/?period=custom")


@pytest.mark.parametrize("path", ["/reach/reach.csv?table=people", "/reach/reach.pdf"])
def test_a_file_that_does_not_exist_is_not_found(reader, path):
    make_history()
    assert reader("en").get(path).status_code == 404
