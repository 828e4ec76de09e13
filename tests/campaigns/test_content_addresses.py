import pytest
from django.core.exceptions import ValidationError

from campaigns.content.addresses import same_page_key, validate_public


@pytest.mark.parametrize(
    "url",
    [
        "https://orvaly.example/actualites/ecole",
        "http://www.orvaly.example",
        "https://orvaly.example:443/a?b=c#d",
        "https://été.example/à-propos",
        "https://203.0.114.9/a",
    ],
)
def test_what_anybody_could_open_is_accepted(url):
    validate_public(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://user@orvaly.example/",
        "https://orvaly.example@evil.example/",
        "https://user:secret@orvaly.example/",
        "https://:@orvaly.example/",
        "https://localhost/",
        "https://intranet/",
        "https://paie.orvaly.local/",
        "https://10.0.0.4/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest",
        "https://orvaly.example:8443/",
        "https://orvaly.example:99999/",
        "https://orvaly.example\\@evil.example/",
        "https://orvaly.example/a b",
        "https://orvaly.example/a\r\nSet-Cookie:x",
        "https:///rien",
        "https://[orvaly/",
    ],
)
def test_what_is_private_or_hides_where_it_leads_is_refused(url):
    with pytest.raises(ValidationError):
        validate_public(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://orvaly.example/a", "http://www.ORVALY.example/a/"),
        ("https://orvaly.example/a", "https://orvaly.example/a?utm_source=x&fbclid=1#haut"),
        ("https://orvaly.example/a?p=1&q=2", "https://orvaly.example/a?q=2&p=1"),
    ],
)
def test_two_spellings_of_one_page(one, other):
    assert same_page_key(one) == same_page_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://orvaly.example/a", "https://orvaly.example/b"),
        ("https://orvaly.example/A", "https://orvaly.example/a"),
        ("https://orvaly.example/a?p=1", "https://orvaly.example/a?p=2"),
        ("https://orvaly.example/a", "https://autre.example/a"),
    ],
)
def test_two_pages(one, other):
    assert same_page_key(one) != same_page_key(other)
