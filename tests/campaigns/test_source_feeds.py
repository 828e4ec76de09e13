"""Four feeds as the web has them (data/feeds), and what hostile ones would try."""

import hashlib
import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.utils import timezone

from campaigns.content.addresses import page_key
from campaigns.sources.articles import MOST_ARTICLES, NotAFeed, unique
from campaigns.sources.feeds import feed_of

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
EXPECTED = json.loads((FEEDS / "expected.json").read_text())
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _that_day():
    with mock.patch.object(timezone, "now", return_value=NOW):
        yield


def read(name):
    return feed_of((FEEDS / name).read_bytes(), EXPECTED["feeds"][name]["url"])


def usable(name):
    return [item for item in EXPECTED["feeds"][name]["items"] if item.get("usable", True)]


def same_moment(article, right):
    """A day without a time is that day where the organisation is."""
    if right is None or article.published is None:
        return right is article.published is None
    if len(right) == len("2026-11-20"):
        return timezone.localdate(article.published) == date.fromisoformat(right)
    return article.published == datetime.fromisoformat(right)


@pytest.mark.parametrize("name", EXPECTED["feeds"])
def test_the_file_is_as_it_was_described(name):
    body = (FEEDS / name).read_bytes()
    assert hashlib.sha256(body).hexdigest() == EXPECTED["feeds"][name]["sha256"]


@pytest.mark.parametrize("name", EXPECTED["feeds"])
def test_each_item_of_a_feed_is_read_right(name):
    feed, right = read(name), EXPECTED["feeds"][name]
    assert (feed.title, len(feed.articles)) == (right["title"], right["counts"]["usable"])
    for article, item in zip(feed.articles, usable(name), strict=True):
        assert article.title in item.get("title_accepted", [item["title"]])
        assert (article.link, article.url) == (item["link"], item["canonical_url"])
        dates = item.get("published_accepted", [item["published"]])
        assert any(same_moment(article, date) for date in dates), (item, article.published)
        assert article.categories == item.get("categories", [])
        assert (article.image or None) == item.get("image", article.image or None)


@pytest.mark.parametrize("name", EXPECTED["feeds"])
def test_what_cannot_be_shared_is_counted(name):
    counts = EXPECTED["feeds"][name]["counts"]
    assert read(name).passed_over == counts["items"] - counts["usable"]


@pytest.mark.parametrize("name", EXPECTED["feeds"])
def test_an_item_repeats_the_one_it_should(name):
    items = usable(name)
    positions = {page_key(item["canonical_url"]): item["position"] for item in reversed(items)}
    for article, item in zip(read(name).articles, items, strict=True):
        first = positions[page_key(article.url)]
        assert item.get("duplicate_of", item["position"]) == first
    assert len(list(unique(read(name).articles))) == EXPECTED["feeds"][name]["counts"]["unique"]


def test_an_article_in_two_feeds_is_one():
    articles = [article for name in EXPECTED["feeds"] for article in read(name).articles]
    assert len(list(unique(articles))) == EXPECTED["counts"]["unique_across_feeds"]


@pytest.mark.parametrize(("name", "language"), [("rss2.xml", "fr"), ("atom.xml", "en")])
def test_the_language_is_the_feeds(name, language):
    assert {article.language for article in read(name).articles} == {language}


def test_no_text_keeps_any_html():
    articles = [article for name in EXPECTED["feeds"] for article in read(name).articles]
    texts = " ".join(f"{article.title} {article.summary}" for article in articles)
    assert "track()" not in texts
    assert texts.count("<") == 2, "the button nobody pressed, and three errors that are fewer"


def rss(items, head="<?xml version='1.0'?>"):
    return f"{head}<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


def item(n, more=""):
    return f"<item><title>Un {n}</title><link>https://a.example/{n}</link>{more}</item>"


def only(body, **options):
    [article] = feed_of(body, "https://a.example/rss", **options).articles
    return article


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_a_feed_is_read_in_the_encoding_it_declares(charset):
    head = f"<?xml version='1.0' encoding='{charset}'?>"
    body = rss(item("été — à l’œuvre" if charset != "iso-8859-1" else "été"), head).decode()
    assert only(body.encode(charset)).title.startswith("Un été")


def test_a_feed_cut_short_keeps_its_whole_entries_alone():
    body = rss("".join(item(f"é{n}") for n in range(50)))
    whole = feed_of(body[:1500], "https://a.example/rss", is_cut=True).articles
    addresses = [article.url for article in whole]
    assert addresses == [f"https://a.example/%C3%A9{n}" for n in range(len(whole))]
    assert 10 < len(whole) < 50


def test_the_first_hundred_entries_of_a_huge_feed_are_read():
    body = rss("".join(item(n) for n in range(3000)))
    articles = feed_of(body, "https://a.example/rss").articles
    assert len(articles) == MOST_ARTICLES
    assert articles[0].url == "https://a.example/0"


@pytest.mark.parametrize("days", [2, 3650])
def test_a_date_to_come_is_no_date(days):
    day = (NOW + timedelta(days=days)).isoformat()
    assert only(rss(item(1, f"<pubDate>{day}</pubDate>"))).published is None


@pytest.mark.parametrize("body", [b"", b"<html><body>No</body></html>", b"\0\1\2", b"{}"])
def test_what_is_no_feed_says_so(body):
    with pytest.raises(NotAFeed):
        feed_of(body, "https://a.example/rss")


@pytest.mark.parametrize(
    "link",
    ["http://127.0.0.1/a", "file:///etc/passwd", "http://intranet/a", "https://a:b@c.example/"],
)
def test_an_entry_that_leads_inside_is_passed_over(link):
    feed = feed_of(rss(f"<item><title>A</title><link>{link}</link></item>"), "https://a.example/")
    assert (feed.articles, feed.passed_over) == ([], 1)


def test_a_file_of_this_machine_is_never_read():
    head = "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    assert "root:" not in only(rss("<item><title>q&x;</title><link>/a</link></item>", head)).title


@pytest.mark.parametrize("piece", ["<a ", "<div>", "<item>"])
def test_a_hostile_feed_takes_no_longer_than_its_length(piece):
    start = time.process_time()
    feed_of(rss("<item>" + piece * (2**18 // len(piece))), "https://a.example/rss")
    # 1.5 seconds at most where it was measured.
    assert time.process_time() - start < 15


def test_a_feed_that_is_the_name_of_a_file_is_no_feed(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_bytes(rss(item(1)))
    with pytest.raises(NotAFeed):
        feed_of(str(file).encode(), "https://a.example/rss")


@pytest.mark.parametrize("head", ["<?xml version='1.0' encoding='punycode'?>", ""])
def test_a_charset_that_takes_for_ever_is_not_read_as_one(head):
    body = rss(item(1, f"<description>-{'a' * 900_000}</description>"), head)
    start = time.process_time()
    feed_of(body[: -len("</description></item></channel></rss>")], "https://a.example/rss",
            "" if head else "punycode")  # fmt: skip
    assert time.process_time() - start < 5


def test_a_picture_as_wide_as_its_feed_is_no_wider_than_others():
    image = f'<media:content url="/i.png" medium="image" width="{"1" * 5000}"/>'
    body = rss(item(1, image)).replace(b"<rss", b'<rss xmlns:media="http://search.yahoo.com/mrss/"')
    assert only(body).image == "https://a.example/i.png"
