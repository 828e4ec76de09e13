"""Items as a file: out, in again, and nothing written before somebody has looked."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from activity.models import Entry
from campaigns.library.columns import Headers, Place
from campaigns.models import Content, ContentImport, Network
from tests.factories import (
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_network,
    make_topic,
)

pytestmark = pytest.mark.django_db
IMPORT = reverse("campaigns:content-import")
GOOD = "https://orvaly.example/un"
HEAD = "Lien;Titre;Pourquoi;Langue;Campagne;Sujets;Dernier jour;LinkedIn (français);X (anglais)\n"


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


@pytest.fixture
def campaign():
    return make_campaign(name_fr="Bâtir sobre", name_en="Sober buildings")


def send(manager, text, name="liste.csv", **data):
    data = {"file": SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())}
    return manager.post(IMPORT, data | {"language": "fr"})


def checked(manager, text, **data):
    answer = send(manager, text)
    assert answer.status_code == 302, answer.context["form"].errors
    return manager.get(answer.headers["Location"])


def problems(page, kind="shown_wrong"):
    return [p["text"] for told in page.context[kind] for p in told["problems"]]


def carry_out(manager, page):
    source = page.context["source"]
    return manager.post(reverse("campaigns:content-import-check", args=[source.pk]), follow=True)


def test_a_file_becomes_drafts_once_somebody_has_looked(manager, campaign):
    topic = make_topic(name="Énergie")
    line = f"{GOOD};Une école;Des chiffres.;fr;sober BUILDINGS;energie;2027-03-31;Bonjour.;Hello."
    page = checked(manager, HEAD + line)
    assert len(page.context["new"]) == 1
    assert not Content.objects.exists()
    assert "1 draft made." in carry_out(manager, page).text
    draft = Content.objects.get()
    assert (draft.url, draft.title, draft.campaign, draft.status) == (
        GOOD,
        "Une école",
        campaign,
        "draft",
    )
    assert list(draft.topics.all()) == [topic]
    assert timezone.localdate(draft.expires_at).isoformat() == "2027-03-31"
    texts = draft.captions.values_list("network__slug", "language", "text")
    assert set(texts) == {("linkedin", "fr", "Bonjour."), ("x", "en", "Hello.")}
    assert Entry.objects.filter(verb="library.imported").exists()


def test_the_same_file_twice_changes_nothing(manager, campaign):
    text = f"{HEAD}{GOOD};Une école;Des chiffres.;fr;Bâtir sobre;;;;"
    carry_out(manager, checked(manager, text))
    page = checked(manager, text.replace("/un;", "/un/?utm_source=x;"))
    assert (len(page.context["new"]), len(page.context["known"])) == (0, 1)
    carry_out(manager, page)
    assert Content.objects.count() == 1


def test_two_who_go_on_at_once_make_the_drafts_once(manager, campaign):
    page = checked(manager, f"{HEAD}{GOOD};Une école;Des chiffres.;fr;Bâtir sobre;;;;")
    carry_out(manager, page)
    assert "taken in already" in carry_out(manager, page).text
    assert Content.objects.count() == 1


def test_one_page_on_two_lines_comes_in_once(manager, campaign):
    line = f"{GOOD};Une école;Des chiffres.;fr;Bâtir sobre;;;;\n"
    page = checked(manager, HEAD + line + line.replace("Une", "Autre"))
    assert len(page.context["new"]) == 1
    assert "the same page as on line 2" in page.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (";T;W;fr;Bâtir sobre;;;;", "The link is required."),
        ("http://10.0.0.1/x;T;W;fr;Bâtir sobre;;;;", "Nobody outside the company"),
        ("javascript:alert(1);T;W;fr;Bâtir sobre;;;;", "Enter a valid URL."),
        (f"{GOOD};T;;fr;Bâtir sobre;;;;", "Say in one line why it is worth sharing."),
        (f"{GOOD};{'a' * 151};W;fr;Bâtir sobre;;;;", "Too long: 151 characters, 150 at most."),
        (f"{GOOD};T;W;espagnol;Bâtir sobre;;;;", "Neither French nor English."),
        (f"{GOOD};T;W;fr;Ailleurs;;;;", "No campaign is called this, or it is over."),
        (f"{GOOD};T;W;fr;;;;;", "Which campaign?"),
        (f"{GOOD};T;W;fr;Bâtir sobre;;bientôt;;", "Not a date"),
        (f"{GOOD};T;W;fr;Bâtir sobre;;2020-01-01;;", "That day is over"),
        (f"{GOOD};T;W;fr;Bâtir sobre;;;;;;x", "something has moved"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_column(manager, campaign, line, said):
    page = checked(manager, HEAD + line)
    assert page.context["new"] == []
    assert any(said in text for text in problems(page)), problems(page)
    carry_out(manager, page)
    assert not Content.objects.exists()


def test_lines_to_put_right_come_back_as_a_file_and_then_in(manager, campaign):
    bad = f"{HEAD}{GOOD};T;;fr;Bâtir sobre;;;;\n{GOOD}/b;B;W;fr;Bâtir sobre;;;;"
    page = checked(manager, bad)
    errors = reverse("campaigns:content-import-errors", args=[page.context["source"].pk])
    carry_out(manager, page)
    file = manager.get(errors).content.decode("utf-8-sig")
    assert "Why" not in file.splitlines()[0]
    assert "Say in one line why" in file.splitlines()[1]
    assert GOOD + '"' in file
    right = file.replace('"T",""', '"T","Des chiffres."')
    page = checked(manager, right)
    carry_out(manager, page)
    assert set(Content.objects.values_list("title", flat=True)) == {"T", "B"}


def test_small_things_do_not_keep_a_line_out(manager, campaign):
    page = checked(manager, f"{HEAD}www.orvaly.example/x;;W;;Bâtir sobre;Inconnu;evergreen;;")
    assert len(page.context["new"]) == 1
    said = problems(page, "shown_new")
    assert any("No topic is called “Inconnu”" in text for text in said)
    assert any("No title" in text for text in said)
    carry_out(manager, page)
    draft = Content.objects.get()
    assert (draft.url, draft.language, draft.expires_at) == (
        "https://www.orvaly.example/x",
        "fr",
        None,
    )


def test_a_formula_is_only_words_on_the_way_in_and_out(manager, campaign):
    carry_out(
        manager, checked(manager, f"{HEAD}{GOOD};=1+1;@SUM(A1);fr;Bâtir sobre;;;-1 de moins;")
    )
    draft = Content.objects.get()
    assert (draft.title, draft.why) == ("=1+1", "@SUM(A1)")
    out = manager.get(reverse("campaigns:content-export", args=["csv"])).content.decode()
    assert '"\'=1+1"' in out
    assert '"\'-1 de moins"' in out


def test_a_workbook_is_read_with_its_dates_and_english_names(manager, campaign):
    book, out = Workbook(), BytesIO()
    book.active.append(
        ["Link", "Title", "Why share it", "Campaign", "Last day", "LinkedIn (English) 2"]
    )
    day = timezone.localdate() + timedelta(days=40)
    book.active.append([GOOD, "T", "W", "Bâtir sobre", day, "Hello.\n\nSecond line."])
    book.save(out)
    answer = send(manager, out.getvalue(), "liste.xlsx")
    page = manager.get(answer.headers["Location"])
    carry_out(manager, page)
    draft = Content.objects.get()
    assert timezone.localdate(draft.expires_at) == day
    assert draft.captions.get().text == "Hello.\n\nSecond line."


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "a.csv", "empty"),
        ("Lien;Titre\n", "a.csv", "nothing under them"),
        ("bonjour\nla compagnie\n", "a.csv", "must be called “Link”"),
        (b"%PDF-1.7 x", "a.csv", "no table"),
        ("Lien;Titre\n" + "https://a.example;b\n" * 1001, "a.csv", "more than 1000 lines"),
        ("x" * (5 * 2**20 + 1), "a.csv", "larger than 5 MB"),
        ("Lien;Titre\nhttps://a.example;b", "a.doc", "Only CSV and Excel"),
    ],
)
def test_what_is_no_list_of_pages_is_refused_and_says_why(manager, text, name, said):
    answer = send(manager, text, name)
    assert answer.status_code == 422
    assert said in answer.text


def test_an_import_is_its_makers_own(manager, campaign, as_user):
    page = checked(manager, f"{HEAD}{GOOD};T;W;fr;Bâtir sobre;;;;")
    path = reverse("campaigns:content-import-check", args=[page.context["source"].pk])
    assert as_user(make_manager()).get(path).status_code == 404


def test_what_the_library_writes_it_reads_again(manager, campaign):
    content = make_content(campaign=campaign, url=GOOD, topics=[make_topic()], why="Pourquoi.")
    for text in ("Un.", "Deux.\n\nLignes; « et » virgules, oui."):
        make_caption(content, text=text)
    out = manager.get(reverse("campaigns:content-export", args=["csv"])).content
    page = checked(manager, out)
    assert len(page.context["known"]) == 1
    # As another page, it comes in whole.
    page = checked(manager, out.replace(b"orvaly.example/un", b"orvaly.example/deux"))
    carry_out(manager, page)
    copy = Content.objects.get(status="draft")
    assert (copy.title, copy.why, list(copy.topics.all())) == (
        content.title,
        content.why,
        list(content.topics.all()),
    )
    texts = set(content.captions.values_list("text", flat=True))
    assert set(copy.captions.values_list("text", flat=True)) == texts


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_item_without_an_end_comes_back_without_one(as_user, campaign, language):
    manager = as_user(make_manager(language=language))
    make_content(campaign=campaign, url=GOOD, why="Pourquoi.", expires_at=None)
    out = manager.get(reverse("campaigns:content-export", args=["csv"])).content
    carry_out(manager, checked(manager, out.replace(b"orvaly.example/un", b"orvaly.example/deux")))
    assert Content.objects.get(status="draft").expires_at is None


def test_the_file_is_the_list_that_was_found_and_leaves_a_trace(manager, campaign):
    make_content(title="A", status="draft", published_at=None)
    make_content(title="B")
    path = reverse("campaigns:content-export", args=["xlsx"])
    book = load_workbook(BytesIO(manager.get(path, {"status": "draft"}).content))
    rows = list(book.active.values)
    assert [row[1] for row in rows[1:]] == ["A"]
    entry = Entry.objects.get(verb="library.exported")
    assert entry.data == {"format": "xlsx", "items": 1, "filters": ["status"]}


def test_a_french_file_opens_in_a_french_spreadsheet(as_user):
    make_content(title="A")
    out = as_user(make_manager()).get(reverse("campaigns:content-export", args=["csv"])).content
    assert out.startswith(b"\xef\xbb\xbf")
    assert b'";"' in out


def test_exporting_and_checking_cost_the_same_for_one_and_for_five(manager, campaign, queries_of):
    export = reverse("campaigns:content-export", args=["csv"])
    lines = [f"https://orvaly.example/{n};T;W;fr;Bâtir sobre;;;Un.;Two.\n" for n in range(6)]

    def ask(n):
        page = checked(manager, HEAD + "".join(lines[:n]))
        path = reverse("campaigns:content-import-check", args=[page.context["source"].pk])
        return queries_of(lambda: (manager.get(path), manager.get(export)))

    make_caption()
    ask(1)
    with_one = ask(1)
    for _ in range(4):
        make_caption(make_content(topics=[make_topic()]))
    assert ask(5) == with_one


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_empty_file_is_read_as_it_was_written(manager, format):
    path = reverse("campaigns:content-import-template", args=[format])
    answer = send(manager, manager.get(path).content, f"a.{format}")
    assert "nothing under them" in answer.text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("URL *", "url"),
        ("Pourquoi le partager", "why"),
        ("Texte LinkedIn FR", ("linkedin", "fr")),
        ("linkedin_en", ("linkedin", "en")),
        ("LinkedIn (anglais) 3", ("linkedin", "en")),
        ("EN - Bluesky", ("bluesky", "en")),
        ("X en français", ("x", "fr")),
        ("Prix", None),
        ("Français", None),
    ],
)
def test_columns_are_known_by_many_names(header, expected):
    column = Headers(Network.objects.all()).column(header)
    if isinstance(expected, tuple):
        expected = Place(make_network(expected[0]), expected[1])
    assert column == expected


def test_old_files_are_forgotten(manager, campaign):
    checked(manager, f"{HEAD}{GOOD};T;W;fr;Bâtir sobre;;;;")
    ContentImport.objects.update(created_at=timezone.now() - timedelta(days=31))
    checked(manager, f"{HEAD}{GOOD};T;W;fr;Bâtir sobre;;;;")
    assert ContentImport.objects.count() == 1
