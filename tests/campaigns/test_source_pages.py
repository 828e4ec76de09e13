"""The pages where sources are added, tried, paused and deleted."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation

from activity.models import Entry
from activity.outside import TooSlow
from campaigns.models import Content, Sighting, Source
from campaigns.sources import trial, views
from tests.campaigns.test_source_intake import entry, page, rss
from tests.factories import make_ambassador, make_campaign, make_content, make_manager, make_source
from tests.outside import answer

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("campaigns:source-list"), reverse("campaigns:source-new")


def path(name, row):
    return reverse(f"campaigns:{name}", args=[row.pk])


@pytest.fixture
def woken(monkeypatch):
    woken = []
    monkeypatch.setattr(views, "wake", lambda task, pk, **_: woken.append(pk))
    return woken


@pytest.fixture
def manager():
    return make_manager(language="en")


@pytest.fixture
def client_of(as_user, manager, woken):
    return as_user(manager)


@pytest.fixture
def feed(outside):
    return outside.page("/fil.xml", rss(*(entry(n, 20 - n) for n in range(1, 13)), "<item/>"))


def typed(feed, **fields):
    campaign = fields.pop("campaign", None) or make_campaign()
    typed = {"kind": "feed", "url": feed, "name": "Blogue", "campaign": campaign.pk}
    return typed | {"language": "fr", "per_day": 5} | fields


def test_a_source_is_added_and_read_at_once(client_of, feed, manager, woken):
    assert client_of.post(NEW, typed(feed)).url == LIST
    source = Source.objects.get()
    assert (source.name, source.owner, woken) == ("Blogue", manager, [source.pk])
    assert "About to be read" in client_of.get(LIST).content.decode()


def test_read_it_now_shows_ten_and_stores_nothing(client_of, feed):
    make_content(url="http://site.example/a/2")
    shown = client_of.post(NEW, typed(feed, action="test", name="", campaign=make_campaign()))
    text = shown.content.decode()
    assert shown.status_code == 200
    assert [f"Article {n}<" in text for n in (1, 10, 11)] == [True, True, False]
    assert "12 articles were found" in text
    assert "1 entry has no page to share" in text
    assert text.count("Known already") == 1
    assert 'value="F"' in text, "the name the feed gives itself"
    assert (Source.objects.count(), Sighting.objects.count(), Content.objects.count()) == (0, 0, 1)


def test_it_may_be_tried_before_anything_else_is_filled_in(client_of, feed):
    shown = client_of.post(NEW, {"kind": "feed", "url": feed, "action": "test"})
    assert "Article 1" in shown.content.decode()
    assert "This field is required" not in shown.content.decode()


def test_a_source_that_cannot_be_read_says_why(client_of, outside):
    url = outside.page("/no.xml", answer(status="403 No"))
    shown = client_of.post(NEW, {"kind": "feed", "url": url, "action": "test"})
    assert "does not let us read it (403)" in shown.content.decode()


def test_nobody_waits_long_for_a_site_that_is_being_asked(client_of, feed, outside, monkeypatch):
    monkeypatch.setattr(trial, "PATIENCE", 0.2)
    cache.set("turn:site.example", 1, timeout=30)
    shown = client_of.post(NEW, {"kind": "feed", "url": feed, "action": "test"})
    cache.delete("turn:site.example")
    assert "took too long" in shown.content.decode()
    assert outside.site.requests == []


def test_it_is_asked_anew_whatever_was_read_before(client_of, feed, outside):
    source = make_source(url=feed, etag='"v1"')
    client_of.post(path("source-edit", source), typed(feed, action="test"))
    assert "If-None-Match" not in outside.site.requests[-1]


@pytest.mark.parametrize(
    "wrong",
    [{"url": "http://127.0.0.1/"}, {"per_day": 0}, {"per_day": 51}, {"name": ""}, {"kind": "x"}],
)
def test_a_source_that_makes_no_sense_is_refused(client_of, feed, wrong):
    assert client_of.post(NEW, typed(feed, **wrong)).status_code == 422
    assert not Source.objects.exists()


def test_the_same_address_is_a_source_once(client_of, feed):
    make_source(url=feed)
    assert client_of.post(NEW, typed(feed)).status_code == 422


def test_a_change_makes_it_forget_what_failed(client_of, feed, woken):
    source = make_source(failures=7, error="Refused 500", etag='"v1"')
    client_of.post(path("source-edit", source), typed(feed, name="Neuf"))
    source.refresh_from_db()
    assert (source.name, source.failures, source.error, source.etag) == ("Neuf", 0, "", "")
    assert source.next_read_at <= timezone.now()


def test_a_source_is_paused_and_read_again(client_of):
    source = make_source(failures=2)
    client_of.post(path("source-pause", source))
    client_of.post(path("source-pause", source))
    assert "Paused" in client_of.get(LIST).content.decode()
    client_of.post(path("source-resume", source))
    source.refresh_from_db()
    assert (source.is_active, source.failures) == (True, 0)
    verbs = Entry.objects.filter(subject_type="campaigns.source").values_list("verb", flat=True)
    assert list(verbs.order_by("pk")) == ["source.paused", "source.resumed"]


def test_deleting_a_source_keeps_its_drafts(client_of):
    draft = make_content(status="draft", published_at=None)
    source = make_source()
    Sighting.objects.create(source=source, page_key="k", title="A", url=draft.url, content=draft)
    client_of.post(path("source-delete", source))
    assert list(Content.objects.all()) == [draft]
    assert not Sighting.objects.exists()


def test_the_new_address_of_a_source_that_moved_is_taken(client_of):
    source = make_source(moved_to="https://site.example/neuf.xml")
    assert (
        "https://site.example/neuf.xml"
        in client_of.get(path("source-edit", source)).content.decode()
    )
    client_of.post(path("source-follow", source))
    source.refresh_from_db()
    assert source.url == "https://site.example/neuf.xml"


def test_an_article_that_waits_is_brought_in_by_hand_once(client_of, outside):
    outside.page("/a/1", page(1))
    source = make_source(per_day=1)
    held = Sighting.objects.create(
        source=source, page_key="k", title="A", url="http://site.example/a/1", is_held=True
    )
    assert "Bring it in" in client_of.get(path("source-edit", source)).content.decode()
    for _twice in range(2):
        client_of.post(path("article-bring-in", held))
    assert Content.objects.filter(url=held.url, status="draft").count() == 1


def test_a_new_source_is_a_feed_unless_somebody_says_otherwise(client_of):
    checked = re.findall(r'value="(\w+)"[^>]* checked', client_of.get(NEW).content.decode())
    assert checked == ["feed"]


def test_the_list_says_in_words_what_is_wrong(client_of, as_user):
    make_source(failures=6, error="TooSlow")
    assert "took too long" in client_of.get(LIST).content.decode()
    with translation.override("fr"):
        sentence = str(TooSlow())
    assert sentence in as_user(make_manager()).get(LIST).content.decode()


def test_a_list_of_many_sources_costs_what_a_list_of_one_costs(client_of, queries_of):
    make_source()
    one = queries_of(lambda: client_of.get(LIST))
    for _n in range(3):
        make_source()
    assert queries_of(lambda: client_of.get(LIST)) == one


@pytest.mark.parametrize("name", ["source-edit", "source-pause", "source-delete", "source-follow"])
def test_an_ambassador_changes_no_source(as_user, name):
    source = make_source()
    member = as_user(make_ambassador().user)
    assert member.post(path(name, source)).status_code == 403
    assert member.get(LIST).status_code == 403
    assert Source.objects.filter(is_active=True).exists()
