"""What is added to a destination, and what of it is never touched."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.models import Link
from campaigns.tracking.destination import of_link

UTM = {
    "utm_source": "linkedin",
    "utm_medium": "ambassadeur",
    "utm_campaign": "ecoles",
    "utm_content": "7",
}
PAGE = "https://orvaly.example"
ALL = "utm_source=linkedin&utm_medium=ambassadeur&utm_campaign=ecoles&utm_content=7"
REST = "utm_medium=ambassadeur&utm_campaign=ecoles&utm_content=7"


def sent(url, **about):
    given = {"content_id": 7, "campaign": "ecoles", "network": "linkedin"} | about
    return of_link(url, **given)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (f"{PAGE}/a", f"{PAGE}/a?{ALL}"),
        (PAGE, f"{PAGE}?{ALL}"),
        (f"{PAGE}/a?", f"{PAGE}/a?{ALL}"),
        (f"{PAGE}/a?b=c", f"{PAGE}/a?b=c&{ALL}"),
        # Fragments stay at the end, whatever they look like.
        (f"{PAGE}/a#top", f"{PAGE}/a?{ALL}#top"),
        (f"{PAGE}/#/page?x=1", f"{PAGE}/?{ALL}#/page?x=1"),
        (f"{PAGE}/a#utm_source=x", f"{PAGE}/a?{ALL}#utm_source=x"),
        # Stored ones win: empty, twice, or oddly spelled.
        (f"{PAGE}/?utm_source=crm", f"{PAGE}/?utm_source=crm&{REST}"),
        (f"{PAGE}/?utm_source=", f"{PAGE}/?utm_source=&{REST}"),
        (f"{PAGE}/?utm_source", f"{PAGE}/?utm_source&{REST}"),
        (f"{PAGE}/?utm_source=a&utm_source=b", f"{PAGE}/?utm_source=a&utm_source=b&{REST}"),
        (f"{PAGE}/?UTM_Source=a", f"{PAGE}/?UTM_Source=a&{REST}"),
        (f"{PAGE}/?utm%5Fsource=a", f"{PAGE}/?utm%5Fsource=a&{REST}"),
        (f"{PAGE}/?{ALL}", f"{PAGE}/?{ALL}"),
        # What is no UTM parameter, though it sounds like one.
        (f"{PAGE}/?xutm_source=a", f"{PAGE}/?xutm_source=a&{ALL}"),
        (f"{PAGE}/?q=utm_source", f"{PAGE}/?q=utm_source&{ALL}"),
        (f"{PAGE}/?utm_term=x&utm_id=9", f"{PAGE}/?utm_term=x&utm_id=9&{ALL}"),
        # The rest to the letter: order, doubles, plus signs, escapes, names without a value.
        (f"{PAGE}/?b=2&a=1&b=3", f"{PAGE}/?b=2&a=1&b=3&{ALL}"),
        (f"{PAGE}/?q=a+b%20c%2Bd", f"{PAGE}/?q=a+b%20c%2Bd&{ALL}"),
        (f"{PAGE}/?flag&a[]=1&a[]=2", f"{PAGE}/?flag&a[]=1&a[]=2&{ALL}"),
        (f"{PAGE}/?a;b=1", f"{PAGE}/?a;b=1&{ALL}"),
        (f"{PAGE}/?e=%e9&E=%E9", f"{PAGE}/?e=%e9&E=%E9&{ALL}"),
        (f"{PAGE}/?u=https://evil.example/@x", f"{PAGE}/?u=https://evil.example/@x&{ALL}"),
        (f"{PAGE}/a/../b;v=1?x", f"{PAGE}/a/../b;v=1?x&{ALL}"),
        (f"{PAGE}/?é=à", f"{PAGE}/?%C3%A9=%C3%A0&{ALL}"),
    ],
)
def test_ours_are_added_and_what_was_stored_stays(stored, expected):
    assert sent(stored) == expected


def test_a_link_of_the_programme_says_so():
    to = sent(f"{PAGE}/", network="programme-qr", kind=Link.Kind.PROGRAMME)
    assert dict(parse_qsl(urlsplit(to).query)) == UTM | {
        "utm_source": "programme-qr",
        "utm_medium": "programme",
    }


@pytest.mark.parametrize(
    "url", [f"{PAGE}/\r\nSet-Cookie: a=1", "https://orva\tly.example/", "https://[::1/", "x"]
)
def test_an_address_that_must_be_cleaned_first_is_none(url):
    assert sent(url) is None


NASTY = st.text(alphabet="ab@/\\?#&=;:%.+[]é \t", max_size=20)


@given(path=NASTY, campaign=NASTY, network=NASTY)
@example(path="@evil.example", campaign="x", network="x")
@example(path="/", campaign="a&b=c#d", network="@evil.example/")
@example(path=":80@evil.example", campaign="x", network="x")
def test_nothing_that_is_stored_beside_it_changes_the_host(path, campaign, network):
    to = sent(f"{PAGE}/{path}", campaign=campaign, network=network)
    assert to is None or urlsplit(to)[:2] == ("https", "orvaly.example")
