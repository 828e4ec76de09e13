import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Content
from campaigns.tracking.destination import safe
from tests.factories import make_content, make_link

NASTY = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://orvaly.example/",
    "mailto:rh@orvaly.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://",
    "https:///path",
    "http://?q",
    "https://orvaly.example@evil.example/",
    "https://user:word@evil.example/",
    "https://@evil.example/",
    "https://orvaly.example\\@evil.example/",
    "https:\\\\evil.example",
    "https://evil.example\\.orvaly.example",
    "\thttps://orvaly.example/",
    " https://orvaly.example/",
    "https://orvaly.example/\r\nSet-Cookie: a=1",
    "https://orvaly.example/\nLocation: https://evil.example",
    "https://orvaly.example/\x00",
    "https://orvaly.example/\x7f",
    "https://orvaly.example/\x85",
    "https://orvaly.example:port/",
    "https://orvaly.example:99999/",
    "https://[::1/",
    "https://exa mple.example/",
    "https://exa<mple.example/",
    "https://..example/",
    "https://evil.example\uff0f.orvaly.example/",
    "https://" + "a" * 64 + ".example/",
    "",
    "orvaly.example",
]


@pytest.mark.parametrize("url", NASTY)
def test_nobody_is_sent_to_an_address_that_misleads(url):
    assert safe(url) is None


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://orvaly.example/a?b=c#d", "https://orvaly.example/a?b=c#d"),
        ("HTTP://Orvaly.Example/A", "http://orvaly.example/A"),
        ("https://orvaly.example/école?q=é", "https://orvaly.example/%C3%A9cole?q=%C3%A9"),
        ("https://orvaly.example/%C3%A9?a=%20", "https://orvaly.example/%C3%A9?a=%20"),
        ("https://québec.example/", "https://xn--qubec-csa.example/"),
        ("http://127.0.0.1:8099/x", "http://127.0.0.1:8099/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://orvaly.example/a@b?c=d@e", "https://orvaly.example/a@b?c=d@e"),
    ],
)
def test_a_real_address_is_sent_as_a_header_may_hold_it(url, sent):
    assert safe(url) == sent


@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://a", "//", "https://a@"]))
def test_whatever_is_sent_is_plain_and_of_the_web(rest, start):
    sent = safe(start + rest)
    assert sent is None or (
        sent.startswith(("http://", "https://")) and sent.isascii() and sent.isprintable()
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a@evil.example", "//evil.example"])
def test_a_row_edited_to_a_bad_address_has_ended(edge, clicks, url):
    link = make_link(content=make_content())
    Content.objects.update(url=url)
    answer = edge.get(f"/{link.code}")
    assert answer.status == 410
    assert "location" not in answer.headers
    assert "evil" not in answer.body
    assert clicks.xlen("clicks") == 0
