"""What an item is found by: as people type, in both languages, whatever changed it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection, transaction

from campaigns.models import Caption, Content, Findable
from tests.factories import make_campaign, make_caption, make_content, make_topic

pytestmark = pytest.mark.django_db
SCHOOL = "Ce qu’une école passive nous a appris"
HIRING = "Recrutement : pourquoi nos chargées de projet restent"
ELSEWHERE = "https://orvaly.example/en/1"
SITES = "Building sites that heat a whole neighbourhood"


@pytest.fixture
def library():
    campaign = make_campaign(name_fr="Bâtir sobre", name_en="Sober buildings")
    school = make_content(
        title=SCHOOL, campaign=campaign, why="Des chiffres.", topics=[make_topic(name="Énergie")]
    )
    make_caption(school, text="Une fuite de chaleur, trois hivers.")
    make_content(title=HIRING, why="On y parle de formation.", url="https://emplois.example/a")
    make_content(title=SITES, why="Heat pumps, and who runs them.", language="en", url=ELSEWHERE)


def found(text):
    return [content.title for content in Content.objects.like(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ecole", [SCHOOL]),
        ("ÉCOLES", [SCHOOL]),
        ("l’école", [SCHOOL]),
        ("passive école", [SCHOOL]),
        ("recrutement", [HIRING]),
        ("recrutements", [HIRING]),
        ("recrutemnt", [HIRING]),
        ("recrutem", [HIRING]),
        ("chargée projets", [HIRING]),
        ("formations", [HIRING]),
        ("formtion", []),  # a slip is looked for in titles only
        ("fuites", [SCHOOL]),
        ("energie", [SCHOOL]),
        ("sobre", [SCHOOL]),
        ("sober building", [SCHOOL]),
        ("emplois.example", [HIRING]),
        ("site", [SITES]),
        ("heating", [SITES]),
        ("neighborhood", [SITES]),
        ("heat pump", [SITES]),
        ("pump runs", [SITES]),
        ('"école passive"', [SCHOOL]),
        ('"passive école"', []),
        ("école -passive", []),
        ("chiffres -recrutement", [SCHOOL]),
        ("école or recrutement", [HIRING, SCHOOL]),
        ("ecole recrutement", []),
        ("rien de tel", []),
        ("!!! &|:*'", []),
        ("' \" (", []),
    ],
)
@pytest.mark.usefixtures("library")
def test_people_find_what_they_mean(text, expected):
    assert sorted(found(text)) == sorted(expected)


def test_the_title_comes_first():
    caption = make_caption(make_content(title="Autre chose"), text="Béton béton béton béton.")
    title = make_content(title="Le béton")
    why = make_content(title="Encore", why="Du béton.")
    assert found("beton") == [title.title, why.title, caption.content.title]


def test_the_right_spelling_comes_before_a_close_one():
    make_content(title="Formation")
    make_content(title="Formatoin continue")
    assert found("formation") == ["Formation", "Formatoin continue"]


def test_nothing_close_is_shown_where_enough_is_found():
    make_content(title="Formatoin continue")
    for n in range(3):
        make_content(title=f"Formation {n}")
    assert "Formatoin continue" not in found("formation")


@pytest.mark.parametrize("text", ["http://[ecole", "https://a]b", "ʼʼ", "\\", "(", "!&|:*<->"])
def test_what_only_looks_like_an_address_or_a_query_is_no_error(library, text):
    assert found(text) in ([], [SCHOOL])


def test_an_address_finds_its_page_however_it_is_written():
    content = make_content(url="https://www.orvaly.example/actualites/ecole/?utm_source=x")
    assert found("https://orvaly.example/actualites/ecole") == [content.title]


def change_title(content):
    Content.objects.filter(pk=content.pk).update(title="Le zinc")


def change_caption(content):
    content.captions.update(text="Le zinc")


def add_captions(content):
    caption = content.captions.get()
    text = Caption(
        content=content, network=caption.network, language="fr", text="zinc", writer=content.author
    )
    Caption.objects.bulk_create([text])


def add_topic(content):
    content.topics.add(make_topic(name="Zinc"))


def rename_topic(content):
    topic = content.topics.first()
    topic.name_en = "Zinc"
    topic.save()


def rename_campaign(content):
    content.campaign.name_en = "Zinc"
    content.campaign.save()


@pytest.mark.parametrize(
    "change",
    [change_title, change_caption, add_captions, add_topic, rename_topic, rename_campaign],
)
def test_what_changes_is_found_at_once(change):
    content = make_content(topics=[make_topic()])
    make_caption(content)
    assert found("zinc") == []
    change(content)
    assert Content.objects.like("zinc").get() == content


def test_what_is_gone_is_found_no_more():
    content = make_content(topics=[make_topic(name="Zinc")])
    caption = make_caption(content, text="Du laiton.")
    content.topics.clear()
    caption.delete()
    assert found("zinc") == found("laiton") == []


def test_what_is_found_goes_with_its_item():
    make_content().delete()
    assert not Findable.objects.exists()


def test_an_ambassador_finds_nothing_by_the_suggested_texts():
    make_caption(make_content(topics=[make_topic(name="Zinc")]), text="Du laiton.")
    assert Content.objects.offered_like("zinc").exists()
    assert not Content.objects.offered_like("laiton").exists()


@pytest.mark.django_db(transaction=True)
def test_two_texts_written_at_once_are_both_found():
    content = make_content()
    texts = [f"zinc{n}" for n in range(4)]
    start = Barrier(len(texts))

    def add(text):
        with transaction.atomic():
            make_caption(content, text=text)
            # The others have begun, and have not seen it.
            with suppress(BrokenBarrierError):
                start.wait(0.2)
        connection.close()

    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(add, texts))
    assert [found(text) for text in texts] == [[content.title]] * len(texts)
