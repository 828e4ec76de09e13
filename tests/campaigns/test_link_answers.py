from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from campaigns.models import Content
from tests.factories import make_campaign, make_content, make_link

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SOON, PAST = timedelta(hours=1), timedelta(hours=-1)


def now(delta=timedelta()):
    return timezone.now() + delta


def test_a_link_sends_on_and_is_never_kept(edge, clicks):
    link = make_link()
    answer = edge.get(f"/{link.code}")
    assert answer.status == 302
    assert answer.headers["location"] == link.destination
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["vary"] == "Sec-Purpose"
    assert "set-cookie" not in answer.headers
    assert clicks.xlen("clicks") == 1


def test_what_is_recorded_names_no_address(edge, clicks):
    link = make_link()
    edge.get(f"/{link.code}", referer="https://www.linkedin.com/feed/?x=1")
    [(_, fields)] = clicks.xrange("clicks")
    assert fields["l"] == str(link.pk)
    assert fields["r"] == "www.linkedin.com"
    assert len(fields["v"]) == 32
    assert "127.0.0.1" not in str(fields)


@pytest.mark.parametrize("header", ["sec_gpc", "dnt"])
def test_a_visitor_who_asks_not_to_be_tracked_has_no_hash(edge, clicks, header):
    edge.get(f"/{make_link().code}", **{header: "1"})
    [(_, fields)] = clicks.xrange("clicks")
    assert "v" not in fields


def test_a_head_request_answers_the_same_and_is_no_click(edge, clicks):
    link = make_link()
    asked = edge.get(f"/{link.code}", method="HEAD")
    assert (asked.status, asked.headers["location"]) == (302, link.destination)
    assert clicks.xlen("clicks") == 0


@pytest.mark.parametrize(
    "headers",
    [{}, {"user_agent": "Twitterbot/1.0"}, {"sec_purpose": "prefetch"}, {"accept_language": "en"}],
)
def test_a_head_request_has_the_headers_of_the_get_whatever_the_answer(edge, headers):
    ended = make_content(status=Content.Status.EXPIRED)
    for code in (make_link().code, make_link(content=ended).code, "zzzzzzzz"):
        asked, got = (edge.get(f"/{code}", method=m, **headers) for m in ("HEAD", "GET"))
        named = [{k: v for k, v in each.headers.items() if k != "date"} for each in (asked, got)]
        assert (asked.status, named[0], asked.body) == (got.status, named[1], "")


def test_other_methods_are_refused(edge, clicks):
    answer = edge.get(f"/{make_link().code}", method="POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert clicks.xlen("clicks") == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x_purpose": "preview"},
        {"x_moz": "prefetch"},
    ],
)
def test_a_browser_that_looks_ahead_must_ask_again(edge, clicks, headers):
    answer = edge.get(f"/{make_link().code}", **headers)
    assert answer.status == 503
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["vary"] == "Sec-Purpose"
    assert "location" not in answer.headers
    [(_, fields)] = clicks.xrange("clicks")
    assert fields["p"]


def test_a_network_gets_the_card_and_not_the_page(edge, settings):
    content = make_content(
        title='L’école "passive" & <nous>',
        image="content/a1.jpg",
        image_alt="Une école",
        language="en",
    )
    link = make_link(content=content)
    answer = edge.get(f"/{link.code}", user_agent="LinkedInBot/1.0 (compatible; Mozilla/5.0)")
    assert answer.status == 200
    assert 'og:title" content="L’école &quot;passive&quot; &amp; &lt;nous&gt;"' in answer.body
    assert f'og:image" content="{settings.BASE_URL}/media/content/a1.jpg"' in answer.body
    assert 'og:locale" content="en_CA"' in answer.body
    assert 'og:description" content="To read on orvaly.example"' in answer.body
    assert f'rel="canonical" href="{settings.LINK_BASE_URL}/{link.code}"' in answer.body
    assert f'og:url" content="{settings.LINK_BASE_URL}/{link.code}"' in answer.body
    for name, size in (("width", "1200"), ("height", "630")):
        assert f'og:image:{name}" content="{size}"' in answer.body
    assert '<meta name="robots" content="noindex">' in answer.body
    assert "set-cookie" not in answer.headers
    assert str(link.ambassador) not in answer.body


def test_a_person_taken_for_a_network_is_not_stuck(edge):
    link = make_link()
    answer = edge.get(f"/{link.code}", user_agent="Twitterbot/1.0")
    assert f'href="{escape(link.destination)}"' in answer.body


def test_a_picture_less_card_has_no_picture(edge):
    answer = edge.get(f"/{make_link().code}", user_agent="Twitterbot/1.0")
    assert "og:image" not in answer.body


def test_an_unknown_code_is_not_found_in_the_visitors_language(edge, clicks):
    answers = {
        language: edge.get("/zzzzzzzz", accept_language=language)
        for language in ("fr-CA,fr;q=0.9", "en-US", "de", "x" * 5000)
    }
    assert {answer.status for answer in answers.values()} == {404}
    languages = [answer.headers["content-language"] for answer in answers.values()]
    assert languages == ["fr", "en", "fr", "fr"]
    assert clicks.xlen("clicks") == 0


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/..%2f..%2fetc%2fpasswd",
        "/%0d%0aLocation:%20https://evil.example",
        "//evil.example",
        "/https://evil.example",
        "/\\evil.example",
        "/?url=https://evil.example",
        "/" + "a" * 17,
        "/" + "a" * 5000,
        "/%F0%9F%98%80",
        "/%ff%fe",
        "/-/../../manage.py",
        "/-/",
    ],
)
def test_nasty_paths_lead_nowhere(edge, path):
    answer = edge.get(path)
    assert answer.status in {200, 404}
    assert "location" not in answer.headers


def test_what_a_sentence_leaves_on_a_link_is_forgiven(edge):
    link = make_link()
    for tail in ("/", ".", "),", "%C2%BB.", "?utm_source=x", "/?a=1"):
        assert edge.get(f"/{link.code}{tail}").status == 302, tail


def test_nothing_in_the_query_changes_where_a_link_leads(edge):
    link = make_link()
    answer = edge.get(f"/{link.code}?url=https://evil.example&next=//evil.example")
    assert answer.headers["location"] == link.destination


def test_an_ended_link_says_so_and_offers_the_campaigns_page(edge, clicks):
    campaign = make_campaign(fallback_url="https://orvaly.example/carrieres")
    content = make_content(campaign=campaign, publish_at=now(PAST), expires_at=now(-SOON / 2))
    answer = edge.get(f"/{make_link(content=content).code}", accept_language="en")
    assert answer.status == 410
    assert 'href="https://orvaly.example/carrieres"' in answer.body
    assert clicks.xlen("clicks") == 0


def test_an_expired_content_has_ended_even_without_a_date(edge):
    content = make_content(status=Content.Status.EXPIRED, expires_at=None)
    assert edge.get(f"/{make_link(content=content).code}").status == 410


def test_a_fallback_that_is_no_web_page_is_not_offered(edge):
    campaign = make_campaign(fallback_url="javascript:alert(1)")
    content = make_content(campaign=campaign, status=Content.Status.EXPIRED)
    assert "javascript" not in edge.get(f"/{make_link(content=content).code}").body


def test_an_expiry_takes_effect_on_its_second(edge):
    content = make_content(expires_at=now(timedelta(seconds=0.6)))
    link = make_link(content=content)
    assert edge.get(f"/{link.code}").status == 302
    while content.expires_at > now():
        pass
    assert edge.get(f"/{link.code}").status == 410


def test_an_embargo_looks_as_if_there_were_nothing(edge):
    hidden = edge.get(f"/{make_link(content=make_content(embargo_until=now(SOON))).code}")
    assert (hidden.status, hidden.body) == (404, edge.get("/zzzzzzzz").body)
    over = make_content(embargo_until=now(PAST))
    assert edge.get(f"/{make_link(content=over).code}").status == 302


@pytest.mark.parametrize("status", ["draft", "in_review", "changes_requested", "approved"])
def test_what_is_not_published_does_not_answer(edge, status):
    assert edge.get(f"/{make_link(content=make_content(status=status)).code}").status == 404


def test_the_pages_are_strict_and_carry_no_cookie(edge):
    answer = edge.get("/zzzzzzzz")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.body
    assert "style=" not in answer.body
    assert "set-cookie" not in answer.headers


def test_the_stylesheet_comes_from_the_edge_itself(edge):
    sheet = edge.get("/-/porte-voix.css")
    assert (sheet.status, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "no-store" not in sheet.headers["cache-control"]


def test_the_front_page_says_what_is_counted(edge):
    assert edge.get("/", accept_language="en").status == 200
    assert edge.get("/healthz").body.startswith("ok")
