"""The three screens: choose a file, check it, invite."""

import datetime as dt
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ambassadors.accounts.models import User
from ambassadors.directory.imports.models import Import
from ambassadors.directory.models import Department, Person
from tests.factories import (
    confirm,
    make_admin,
    make_department,
    make_location,
    make_manager,
    make_user,
)

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def manager():
    return make_manager(language="en")


@pytest.fixture
def hr(as_user, manager):
    return as_user(manager)


def page(name, *args):
    return reverse(f"ambassadors:{name}", args=args)


def upload(client, name="people.csv", data=None):
    data = (DATA / name).read_bytes() if data is None else data
    return client.post(page("import-new"), {"file": SimpleUploadedFile(name, data)})


def csv(*lines, header="email,first_name,last_name,department,location,tags"):
    return "\n".join([header, *lines]).encode()


GOOD = "luc@orvaly.example,Luc,Roy,,,"


def checked(client, *lines, **kwargs):
    response = upload(client, data=csv(*lines, **kwargs))
    assert response.status_code == 302, response.content.decode()
    return Import.objects.latest("pk")


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_french_file_goes_from_upload_to_check(hr):
    response = upload(hr, "people-fr.csv")
    source = Import.objects.get()
    assert response["Location"] == page("import-check", source.pk)
    text = text_of(hr.get(response["Location"]))
    assert "people-fr.csv, 2,502 lines" in text
    assert 'id="line-1066"' in text
    assert "This number is on line 1057 already, for another person." in text
    assert "Continue with 2,481 people" in text
    assert not Person.objects.exists()


def test_every_count_opens_its_lines(hr):
    upload(hr, "people-fr.csv")
    address = page("import-check", Import.objects.get().pk)
    lines = {
        "new": "Savard-Prélier",
        "known": "No line here",
        "errors": "ines.st-corval.orvaly.example",
        "remarks": "Espagnol",
        "passed_over": "Left the company",
        "nonsense": "ines.st-corval.orvaly.example",
    }
    for shown, words in lines.items():
        assert words in text_of(hr.get(address, {"rows": shown})), shown


def test_the_person_goes_on_to_invite_and_sees_what_happened(hr, manager):
    source = checked(hr, GOOD)
    text = text_of(hr.get(page("import-invite", source.pk)))
    assert "Enrol 1 person" in text
    response = hr.post(page("import-invite", source.pk), {"how": "no_mail"})
    assert response["Location"] == page("import-done", source.pk)
    assert Person.objects.get().user.email == "luc@orvaly.example"
    assert 'id="done-new">1<' in text_of(hr.get(response["Location"]))
    source.refresh_from_db()
    assert source.committed_by == manager


def test_the_same_file_again_says_that_there_is_nothing_to_change(hr):
    source = checked(hr, GOOD)
    hr.post(page("import-invite", source.pk), {"how": "no_mail"})
    again = checked(hr, GOOD)
    assert "The directory already says what this file says." in text_of(
        hr.get(page("import-check", again.pk))
    )


def test_a_second_press_on_enrol_changes_nothing(hr):
    source = checked(hr, GOOD)
    for _ in range(2):
        response = hr.post(page("import-invite", source.pk), {"how": "no_mail"})
        assert response.status_code == 302
    assert Person.objects.count() == 1


def test_pasted_addresses_are_checked_like_a_file(hr):
    hr.post(page("import-paste"), {"addresses": "mia@orvaly.example, not an address"})
    source = Import.objects.get()
    assert source.counts == {"clean": 1, "error": 1, "create": 1}


def test_a_cell_is_corrected_on_the_page(hr):
    source = checked(hr, "luc@orvaly,Luc,Roy,,,", GOOD)
    row = source.rows.errors().get()
    hr.post(page("import-correct", source.pk), {f"cell-{row.pk}-0": "luc.roy@orvaly.example"})
    source.refresh_from_db()
    assert source.counts["create"] == 2
    hr.post(page("import-invite", source.pk), {"how": "no_mail"})
    assert User.objects.filter(email="luc.roy@orvaly.example").exists()


def test_a_line_is_left_out_on_the_page(hr):
    header = "email,employee_id"
    source = checked(hr, "a@orvaly.example,1", "b@orvaly.example,1", header=header)
    row = source.rows.errors().get()
    form = {f"cell-{row.pk}-1": "1", f"skip-{row.pk}": "on"}
    hr.post(page("import-correct", source.pk), form)
    source.refresh_from_db()
    assert source.counts == {"clean": 1, "ignore": 1, "create": 1}


def test_a_correction_of_another_import_is_not_taken(hr, as_user):
    source = checked(hr, "luc@orvaly,Luc,Roy,,,")
    other = checked(hr, "mia@orvaly,Mia,Roy,,,")
    row = other.rows.get()
    hr.post(page("import-correct", source.pk), {f"cell-{row.pk}-0": "x@orvaly.example"})
    row.refresh_from_db()
    assert row.corrections == {}


def test_departments_are_created_in_one_go(hr):
    make_department(name="Ventes")
    make_location(name="Laval")
    lines = [f"p{n}@orvaly.example,P,P{n},Données,Laval," for n in range(3)]
    source = checked(hr, *lines)
    assert source.counts == {"clean": 3, "create": 3}
    assert "Données (3)" in text_of(hr.get(page("import-check", source.pk)))
    hr.post(page("import-units-create", source.pk))
    assert not Department.objects.filter(name="Données").exists()
    hr.post(page("import-invite", source.pk), {"how": "no_mail"})
    assert Department.objects.get(name="Données").people.count() == 3


def test_a_department_of_another_name_is_said_to_be_one_of_ours(hr):
    sales = make_department(name="Ventes")
    source = checked(hr, "a@orvaly.example,A,A,Équipe commerciale,,")
    text = text_of(hr.get(page("import-units", source.pk)))
    assert "Équipe commerciale" in text
    hr.post(page("import-units", source.pk), {"unit-0": "Ventes"})
    hr.post(page("import-invite", source.pk), {"how": "no_mail"})
    assert Person.objects.get().department == sales
    assert Department.objects.count() == 1


def test_a_column_is_given_another_meaning(hr):
    source = checked(hr, "a@orvaly.example,Soudeuse", header="email,Étiquette RH")
    assert source.mapping == ["email", None]
    assert "Soudeuse" in text_of(hr.get(page("import-columns", source.pk)))
    hr.post(page("import-columns", source.pk), {"column-0": "email", "column-1": "job_title"})
    source.refresh_from_db()
    assert source.mapping == ["email", "job_title"]
    assert source.rows.get().fields["job_title"] == "Soudeuse"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"column-0": "", "column-1": "tags"}, "Say which column holds"),
        ({"column-0": "email", "column-1": "email"}, "Two columns are"),
    ],
)
def test_columns_that_make_no_sense_are_refused(hr, columns, words):
    source = checked(hr, "a@orvaly.example,x", header="email,note")
    response = hr.post(page("import-columns", source.pk), columns)
    assert response.status_code == 422
    assert words in text_of(response)


def test_cancelling_forgets_the_file(hr):
    source = checked(hr, GOOD)
    hr.post(page("import-cancel", source.pk))
    source.refresh_from_db()
    assert (source.status, source.rows.count()) == ("cancelled", 0)


# --- Bad files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("broken.csv", b"\x00\x01\x02\x03" * 500, "holds no table"),
        ("empty.csv", b"", "The file is empty."),
        ("letter.docx", b"{}", "Only CSV and Excel"),
        ("people.xlsx", b"PK\x03\x04 nothing", "damaged"),
        ("people.csv", b"one\ntwo\n", "No line with column names"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(hr, name, data, words):
    response = upload(hr, name, data)
    assert response.status_code == 422
    assert words in text_of(response)
    assert not Import.objects.exists()


def test_a_zip_bomb_is_refused_in_words(hr):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 300 * 2**20)
    response = upload(hr, "people.xlsx", file.getvalue())
    assert "unpacks to far more than its size" in text_of(response)


class Endless:
    """A body of zeros that counts how much is asked for at once."""

    def __init__(self, size):
        self.left, self.greatest = size, 0

    def read(self, size=-1):
        assert size >= 0, "all of it was asked for"
        self.greatest = max(self.greatest, size)
        size = min(size, self.left)
        self.left -= size
        return b"0" * size

    readline = read


def test_200_mb_are_refused_without_being_kept(hr, monkeypatch):
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.__init__", None)
    body = Endless(200 * 2**20)
    response = hr.generic(
        "POST",
        page("import-new"),
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(body.left)},
    )
    assert response.status_code == 413
    assert "larger than 20 MB" in text_of(response)
    assert (body.left, body.greatest) == (0, 65_536)


def test_the_upload_asks_for_its_token(manager):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(manager, backend="allauth.account.auth_backends.AuthenticationBackend")
    confirm(client, manager)
    assert upload(client, data=csv(GOOD)).status_code == 403
    assert not Import.objects.exists()


EVIL_HTML = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("shown", ["errors", "new", "remarks"])
def test_what_a_file_says_is_shown_and_never_run(hr, shown):
    lines = [f"a@orvaly.example,{EVIL_HTML},Roy,{EVIL_HTML},,=x", f"{EVIL_HTML},Luc,Roy,,,"]
    data = csv(*lines, header=f"email,first_name,last_name,department,location,tags,{EVIL_HTML}")
    upload(hr, f"{EVIL_HTML}.csv", data)
    source = Import.objects.latest("pk")
    for name in ("import-check", "import-columns", "import-units", "import-invite"):
        response = hr.get(page(name, source.pk), {"rows": shown})
        assert response.status_code == 200
        assert EVIL_HTML not in response.content.decode()
        assert "&lt;img src=x" in response.content.decode()


# --- The file of errors --------------------------------------------------------------------------

EVIL = "=cmd|'/C calc'!A0"


def test_the_lines_to_put_right_come_back_as_a_file(hr):
    source = checked(hr, f'broken,"{EVIL}",Roy,,,"@SUM(1+1)"', GOOD)
    response = hr.get(page("import-download", source.pk))
    text = response.content.decode("utf-8-sig")
    assert "email: Not an address: the @ is missing." in text
    assert f'"\'{EVIL}"' in text
    assert "\"'@SUM" in text
    assert "luc@orvaly.example" not in text


def test_a_corrected_file_of_errors_reads_as_the_first_one_did(hr):
    source = checked(hr, f'broken,"{EVIL}",Roy,,,"+1 514 555-0142"')
    response = hr.get(page("import-download", source.pk))
    corrected = response.content.replace(b'"broken"', b'"right@orvaly.example"')
    upload(hr, data=corrected)
    again = Import.objects.latest("pk")
    row = again.rows.get()
    assert again.counts["create"] == 1
    assert (row.fields["first_name"], row.fields["tags"]) == (EVIL, "+1 514 555-0142")


def test_a_workbook_gives_a_workbook_without_formulas(hr):
    from openpyxl import load_workbook

    upload(hr, "people-en.xlsx")
    response = hr.get(page("import-download", Import.objects.get().pk))
    sheet = load_workbook(BytesIO(response.content)).active
    assert sheet.max_row == 1 + 3
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    header = [cell.value for cell in sheet[1]]
    assert header[2:5] == ["Employee ID", "Legal First Name", "Preferred Name"]
    assert len(header) == 2 + 17


# --- Who may -------------------------------------------------------------------------------------

GETS = [
    "import-check",
    "import-columns",
    "import-units",
    "import-download",
    "import-invite",
    "import-done",
]
POSTS = [
    "import-correct",
    "import-units-create",
    "import-cancel",
    "import-columns",
    "import-units",
    "import-invite",
]
EACH = [("get", name) for name in GETS] + [("post", name) for name in POSTS]


@pytest.mark.parametrize(("method", "name"), EACH)
def test_another_manager_finds_no_such_import(hr, as_user, method, name):
    source = checked(hr, "broken,Luc,Roy,,,")
    stranger = as_user(make_manager())
    assert getattr(stranger, method)(page(name, source.pk)).status_code == 404


@pytest.mark.parametrize(
    ("method", "name"),
    [*EACH, ("get", "import-new"), ("post", "import-new"), ("post", "import-paste")],
)
def test_an_ambassador_may_not_import(as_user, method, name):
    source = Import.objects.create(name="x")
    args = [] if name in {"import-new", "import-paste"} else [source.pk]
    client = as_user(make_user())
    assert getattr(client, method)(page(name, *args)).status_code == 403


def test_whoever_is_not_logged_in_is_sent_to_log_in(client):
    response = client.get(page("import-new"))
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_an_administrator_sees_every_import(hr, as_user):
    source = checked(hr, GOOD)
    client = as_user(make_admin())
    assert client.get(page("import-check", source.pk)).status_code == 200
    assert "people.csv" in text_of(client.get(page("import-new")))


def test_the_list_of_earlier_imports_shows_ones_own(hr, as_user):
    checked(hr, GOOD)
    assert "people.csv" in text_of(hr.get(page("import-new")))
    assert "people.csv" not in text_of(as_user(make_manager()).get(page("import-new")))


@pytest.mark.parametrize("shown", ["errors", "new", "remarks"])
def test_three_lines_ask_the_database_as_little_as_one(hr, queries_of, shown):
    lines = [
        f"{name},Luc,Roy,,,=x" for n in range(3) for name in (f"p{n}@orvaly.example", f"bad{n}")
    ]
    pages = [page("import-check", checked(hr, *some).pk) for some in (lines[:2], lines)]
    few, many = (queries_of(lambda p=p: hr.get(p, {"rows": shown})) for p in pages)
    assert few == many
