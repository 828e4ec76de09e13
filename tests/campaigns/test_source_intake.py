"""What a source shows comes in as drafts, so many a day, each page once, whatever happens."""

import io
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from PIL import Image

from activity.models import Entry
from campaigns.content.models import WrongState
from campaigns.models import Content, Sighting, Source
from campaigns.sources import intake, tasks
from tests.activity.conftest import post_office  # noqa: F401
from tests.activity.post_office import text_of, work
from tests.factories import (
    make_campaign,
    make_content,
    make_manager,
    make_source,
    make_topic,
)
from tests.outside import answer

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    """The pace is tested by itself (test_dead_links)."""
    monkeypatch.setattr("activity.outside.wait_for_turn", lambda host, *patience: None)


def entry(n, day=20, more=""):
    return (
        f"<item><title>Article {n}</title><link>http://site.example/a/{n}?utm_source=rss</link>"
        f"<description>Résumé {n}.</description><pubDate>2026-11-{day:02}T08:00:00Z</pubDate>"
        f"{more}</item>"
    )


def rss(*entries, **headers):
    body = f"<rss version='2.0'><channel><title>F</title>{''.join(entries)}</channel></rss>"
    return answer(body, **{"content_type": "application/rss+xml"} | headers)


def page(n, image=""):
    head = f"<title>Page {n}</title><meta name=description content='Ce que dit {n}.'>"
    return answer(f"<html lang=fr>{head}{image}</html>")


@pytest.fixture
def source(outside):
    outside.name("site.example")
    for n in range(1, 9):
        outside.site.pages[f"/a/{n}?utm_source=rss"] = page(n)
        outside.site.pages[f"/a/{n}"] = page(n)
    outside.page("/fil.xml", rss(*(entry(n, 20 - n) for n in range(1, 9))))
    return make_source(url="http://site.example/fil.xml", per_day=3, next_read_at=NOON)


def read(source, at=NOON):
    source.refresh_from_db()
    intake.read(source, max(at, source.next_read_at))


def drafts():
    return list(Content.objects.filter(sightings__isnull=False).order_by("pk"))


def drafts_now(source):
    return [content.title for content in drafts()]


def test_a_new_article_becomes_a_draft_held_for_review(source):
    read(source)
    draft = drafts()[0]
    assert (draft.title, draft.why, draft.url) == (
        "Article 1",
        "Ce que dit 1.",
        "http://site.example/a/1",
    )
    assert (draft.status, draft.author, draft.campaign) == (
        "draft",
        source.owner,
        source.campaign,
    )
    assert list(Sighting.objects.to_answer().order_by("pk")) == list(
        Sighting.objects.filter(content__isnull=False).order_by("pk")
    )


def test_nothing_of_it_is_published_by_itself(source):
    read(source)
    Content.objects.publish_due(timezone.now() + timedelta(days=30))
    assert {draft.status for draft in drafts()} == {"draft"}


def test_the_newest_come_first_and_no_more_than_a_day_may_bring(source):
    read(source)
    assert drafts_now(source) == ["Article 1", "Article 2", "Article 3"]
    read(source)
    assert len(drafts()) == 3
    assert Sighting.objects.held().count() == 5


def test_what_is_over_the_cap_comes_on_the_next_day(source):
    read(source)
    Content.objects.update(created_at=NOON)
    read(source, NOON + timedelta(days=1))
    assert drafts_now(source)[3:] == ["Article 4", "Article 5", "Article 6"]


def test_a_day_begins_at_midnight_where_the_organisation_is(source):
    """At 3 in the morning in UTC it is still the day before in Montreal."""
    read(source)
    night = datetime(2026, 11, 21, 3, tzinfo=UTC)
    Content.objects.update(created_at=NOON)
    assert (source.left_today(night), source.left_today(night + timedelta(hours=3))) == (0, 3)


def test_an_old_article_waits_until_it_is_asked_for(source):
    read(source, NOON + timedelta(days=300))
    assert drafts() == []
    held = Sighting.objects.held().first()
    by = make_manager()
    draft = intake.bring_in(held, by=by)
    assert (draft.title, draft.author) == ("Article 1", source.owner)
    assert Entry.objects.get(verb="content.brought_in").actor_id == by.pk


def test_a_page_of_the_library_does_not_come_in_again(source):
    make_content(url="https://www.site.example/a/1/?fbclid=x")
    read(source)
    assert drafts_now(source) == ["Article 2", "Article 3", "Article 4"]
    assert not Sighting.objects.get(title="Article 1").is_held


def test_an_article_of_two_sources_comes_in_once(source, outside):
    outside.page("/autre.xml", rss(entry(1)))
    other = make_source(url="http://site.example/autre.xml", next_read_at=NOON)
    read(source)
    read(other)
    assert Content.objects.filter(title="Article 1").count() == 1


def test_a_declined_article_does_not_come_in_again(source):
    read(source)
    Sighting.objects.get(title="Article 1").decline(make_manager(), "Déjà dit.")
    Sighting.objects.filter(title="Article 1").delete()
    read(source, NOON + timedelta(days=1))
    assert Content.objects.filter(title="Article 1").count() == 1


def test_an_article_that_has_moved_for_good_is_the_page_it_moved_to(source, outside):
    make_content(url="http://site.example/nouveau")
    outside.page("/nouveau", page(1))
    gone = answer(status="301 Moved", location="/nouveau")
    outside.site.pages["/a/1"] = gone
    read(source)
    assert "Article 1" not in drafts_now(source)
    assert not Sighting.objects.get(title="Article 1").is_held


def test_the_feed_itself_speaks_for_a_page_that_cannot_be_read(source, outside):
    outside.site.pages["/a/1"] = answer(status="503 Away")
    read(source)
    draft = drafts()[0]
    assert (draft.title, draft.why, draft.language) == ("Article 1", "Résumé 1.", "fr")


def test_topics_are_the_sources_and_those_the_article_names(source, outside):
    own, named = make_topic(), make_topic(name_en="Steel")
    source.topics.set([own])
    outside.page("/fil.xml", rss(entry(1, more="<category>steel</category><category>x</category>")))
    read(source)
    assert list(drafts()[0].topics.order_by("pk")) == [own, named]


def test_the_picture_of_the_page_is_made_ours(source, outside, settings):
    drawn = io.BytesIO()
    Image.new("RGB", (1300, 700), "teal").save(drawn, "PNG")
    outside.page("/i.png", answer(drawn.getvalue(), content_type="image/png"))
    image = "<meta property=og:image content=/i.png>"
    outside.site.pages["/a/1"] = page(1, image)
    read(source)
    assert drafts()[0].image.name.endswith(".jpg")
    assert drafts()[0].image_alt == "Article 1"


def test_what_the_other_side_writes_is_text_and_never_html(source, outside, as_user):
    words = "&lt;script&gt;alert(1)&lt;/script&gt;"
    title, text = f"<title>{words} Bon</title>", f"<description>{words} Bon.</description>"
    outside.page("/fil.xml", rss(f"<item>{title}<link>/a/1</link>{text}</item>"))
    outside.site.pages["/a/1"] = answer(status="503 Away")
    read(source)
    assert drafts()[0].why == "Bon."
    for path in ("/approvals/", f"/library/sources/{source.pk}/"):
        shown = as_user(make_manager()).get(path).content.decode()
        assert "Bon" in shown
        assert "<script>alert" not in shown


# --- How it is asked ---------------------------------------------------------------------------
def test_a_feed_is_asked_whether_it_has_changed(source, outside):
    entries = [entry(n, 20 - n) for n in range(1, 3)]
    when = "Fri, 20 Nov 2026 08:00:00 GMT"
    outside.page("/fil.xml", rss(*entries, etag='"v1"', last_modified=when))
    read(source)
    outside.page("/fil.xml", answer(status="304 Not Modified"))
    read(source)
    asked = outside.site.requests[-1]
    assert 'If-None-Match: "v1"' in asked
    assert f"If-Modified-Since: {when}" in asked
    source.refresh_from_db()
    assert (source.failures, source.etag, source.error) == (0, '"v1"', "")


def test_what_was_held_comes_in_although_the_feed_has_not_changed(source, outside):
    read(source)
    Content.objects.update(created_at=NOON)
    outside.page("/fil.xml", answer(status="304 Not Modified"))
    read(source, NOON + timedelta(days=1))
    assert len(drafts()) == 6


def test_a_failing_source_is_asked_less_and_less(source, outside):
    outside.page("/fil.xml", answer(status="500 Broken"))
    waits = []
    for _n in range(8):
        read(source)
        waits.append((source.next_read_at - source.read_at) / timedelta(minutes=30))
    assert waits == [1, 2, 4, 8, 16, 32, 48, 48]


def test_its_owner_is_told_after_five_failures_and_once(source, outside, post_office):  # noqa: F811
    outside.page("/fil.xml", answer(status="410 Gone"))
    for n in range(8):
        read(source)
        assert Entry.objects.filter(verb="source.failing").count() == (n >= 4)
    work()
    [mail] = post_office.to(source.owner)
    assert "410" in text_of(mail)


def test_a_source_that_recovers_can_fail_anew(source, outside):
    good, bad = outside.site.pages["/fil.xml"], answer(status="500 Broken")
    for answered in [*[bad] * 6, good, *[bad] * 6]:
        outside.site.pages["/fil.xml"] = answered
        read(source)
    assert Entry.objects.filter(verb="source.failing").count() == 2


def test_the_reason_is_told_in_the_readers_language(source, outside):
    outside.page("/fil.xml", answer("<title>A page</title>"))
    read(source)
    assert source.error == "NotAFeed"
    assert "RSS" in source.error_text


def test_a_source_of_a_campaign_that_is_over_is_not_read(source, outside):
    Source.objects.update(campaign=make_campaign(state="ended"))
    read(source)
    assert (outside.site.requests, source.error) == ([], "CampaignOver")


def test_a_feed_that_moved_for_good_says_where_to(source, outside):
    outside.page("/nouveau.xml", outside.site.pages["/fil.xml"])
    outside.page("/fil.xml", answer(status="301 Moved", location="/nouveau.xml"))
    read(source)
    assert source.moved_to == "http://site.example/nouveau.xml"
    assert source.follow(make_manager())
    source.refresh_from_db()
    assert (source.url, source.moved_to) == ("http://site.example/nouveau.xml", "")


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary"])
def test_a_feed_that_is_elsewhere_for_now_has_not_moved(source, outside, status):
    outside.page("/nouveau.xml", outside.site.pages["/fil.xml"])
    outside.page("/fil.xml", answer(status=status, location="/nouveau.xml"))
    read(source)
    assert (source.moved_to, len(drafts())) == ("", 3)


def test_a_private_address_is_not_read(source, outside):
    outside.name("site.example", "10.0.0.7")
    read(source)
    assert (source.error, outside.trap.accepted) == ("Private", 0)


# --- Twice, and in the middle ------------------------------------------------------------------
def test_a_source_is_read_once_however_often_it_is_woken(source, outside):
    one, same = Source.objects.get(), Source.objects.get()
    intake.read(one, NOON)
    asked = len(outside.site.requests)
    intake.read(same, NOON)
    assert len(outside.site.requests) == asked


def test_the_tasks_may_run_twice(source, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "wake", lambda task, pk, **_: woken.append(pk))
    Source.objects.update(next_read_at=timezone.now() - timedelta(minutes=1))
    tasks.read_due_sources()
    assert woken == [source.pk]
    for pk in [*woken, *woken, 0]:
        tasks.read_source(pk)
    tasks.read_due_sources()
    assert woken == [source.pk]


def test_a_paused_source_is_not_due(source):
    source.pause(make_manager())
    assert not Source.objects.due(NOON + timedelta(days=9)).exists()


def test_two_workers_bring_no_more_than_there_is_room_for(source):
    read(source)
    held = Sighting.objects.held().first()
    with pytest.raises(WrongState):
        held.bring_in(intake.Page(), now=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/fil.xml", "/a/2"])
def test_a_worker_that_is_killed_loses_nothing(source, outside, path):
    """Killed while it reads the feed, and while it reads the second of three articles."""
    whole = outside.site.pages[path]
    outside.page(path, lambda line, site: os.kill(child, signal.SIGKILL))
    connections.close_all()
    child = os.fork()
    if not child:
        intake.read(Source.objects.get(pk=source.pk), NOON)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    outside.site.pages[path] = whole
    read(source, NOON + timedelta(hours=2))
    assert drafts_now(source) == ["Article 1", "Article 2", "Article 3"]
    assert Sighting.objects.count() == 8


# --- Pages of links ----------------------------------------------------------------------------
NEWS = """<html lang=fr><nav><a href=/a/8>Une rubrique de notre site</a></nav><main>
<article><a href="/a/1?utm_source=x"><h2>Le premier de nos articles</h2> 3 min</a></article>
<article><a href=/a/1>Lire</a><a href=/a/2>Le deuxième de nos articles</a></article>
<a href=http://ailleurs.example/a/3>Un article d’un autre site</a>
<a href=/plan.pdf>Le plan d’accès à télécharger</a><a href=#haut>Retour en haut de la page</a>
<a href="javascript:x()">Un lien qui n’en est pas un</a></main>
<footer><a href=/a/7>Nos mentions légales</a></footer></html>"""


def test_a_page_of_links_brings_the_articles_it_names(source, outside):
    Source.objects.update(kind="page")
    outside.page("/fil.xml", answer(NEWS))
    read(source)
    assert [draft.url for draft in drafts()] == [
        "http://site.example/a/1",
        "http://site.example/a/2",
    ]
    # Its own title, not what the list calls it.
    assert drafts()[0].title == "Page 1"


def test_a_page_without_articles_says_so(source, outside):
    Source.objects.update(kind="page")
    outside.page("/fil.xml", answer("<main><p>Rien</p></main>"))
    read(source)
    assert source.error == "NoLinks"
