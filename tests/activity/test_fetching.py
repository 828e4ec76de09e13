"""Reading the web outside, against sites that would rather have us read something else."""

import gzip
import itertools
import socket
import threading
import time
import tracemalloc
import zlib

import brotli
import pytest

from activity import outside as web
from activity.outside import client, places
from tests.outside import PUBLIC, answer, drip

pytestmark = pytest.mark.usefixtures("outside")
# What five seconds may become on a machine that is busy with other things.
LOOSELY = 8
PAGE = answer("<title>Hello</title>")


def read(url, **options):
    return web.fetch(url, web.PAGES, **options)


def refused(url, error=web.Private, **options):
    with pytest.raises(error) as caught:
        read(url, **options)
    return caught.value


PRIVATE = [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.251",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::7f00:1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_never_connected_to(outside, address):
    outside.name("site.example", address)
    assert not web.is_public(address)
    refused("http://site.example/")
    refused("https://site.example/")
    assert (outside.trap.accepted, outside.dialled) == (0, [])


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:21f:cb07::1", "2a00:1450::5"])
def test_what_anybody_can_reach_is_public(address):
    assert web.is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_one_address_that_is_not_public_condemns_the_others(outside, address):
    outside.name("site.example", PUBLIC, address)
    refused("http://site.example/")
    assert outside.dialled == []


SPELT = [
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://127.1/",
    "http://0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
]


@pytest.mark.parametrize("url", SPELT)
def test_no_spelling_of_an_address_gets_through(outside, url):
    refused(url)
    assert (outside.looked_up, outside.dialled, outside.trap.accepted) == ([], [], 0)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_system_that_reads_numbers_as_names_changes_nothing(outside, monkeypatch, address):
    monkeypatch.setattr(places, "_is_a_number", lambda name: False)
    outside.name("2130706433", address)
    refused("http://2130706433/")
    assert outside.trap.accepted == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "site.example",
        "//site.example/",
        "file:///etc/passwd",
        "gopher://site.example/",
        "ftp://site.example/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "http://",
        "http:///path",
        "http://user@site.example/",
        "http://user:secret@site.example/",
        "http://@site.example/",
        "http://site.example@127.0.0.1/",
        "http://127.0.0.1@site.example/",
        "http://site.example\\@127.0.0.1/",
        "http://127.0.0.1\\.site.example/",
        "http://site.example:22/",
        "http://site.example:6379/",
        "http://site.example:99999/",
        "http://site.example:x/",
        "http://site.example/ HTTP/1.1\r\nHost: x",
        "http://site.example/\r\nX: y",
        "http://site\t.example/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://site..example/",
        "http://-site.example/",
        "http://" + "a" * 300 + ".example/",
        "http://site.example/" + "a" * 3000,
    ],
)
def test_what_is_no_address_of_a_page_is_not_asked_for(outside, url):
    outside.name("site.example")
    with pytest.raises((web.NotAnAddress, web.Private)):
        read(url)
    assert (outside.dialled, outside.trap.accepted) == ([], 0)


def test_a_page_is_read_from_the_address_that_was_checked(outside):
    fetched = read(outside.page("/a?b=c", PAGE))
    assert (fetched.body, fetched.status) == (b"<title>Hello</title>", 200)
    assert (fetched.kind, fetched.charset) == ("text/html", "utf-8")
    assert outside.dialled == [(PUBLIC, 80)]


def test_a_name_that_changes_its_mind_is_asked_once(outside):
    """DNS rebinding: public when it is looked at, private when it would be connected to."""
    outside.page("/", PAGE)
    outside.name("turncoat.example", [PUBLIC], ["127.0.0.1"])
    assert read("http://turncoat.example/").status == 200
    assert outside.looked_up == ["turncoat.example"]
    assert outside.dialled == [(PUBLIC, 80)]
    refused("http://turncoat.example/")
    assert outside.trap.accepted == 0


def test_a_name_that_changes_its_mind_at_a_redirect_is_looked_at_again(outside):
    outside.page("/", answer(status="302 Found", location="/b"), host="turncoat.example")
    outside.name("turncoat.example", [PUBLIC], ["127.0.0.1"])
    refused("http://turncoat.example/")
    assert outside.looked_up == ["turncoat.example"] * 2
    assert outside.trap.accepted == 0


@pytest.mark.parametrize(
    "where",
    [*SPELT, "//127.0.0.1/", "http://inside.example/", "https://inside.example/x"],
)
def test_a_redirect_is_looked_at_like_any_address(outside, where):
    outside.name("inside.example", "10.0.0.1")
    page = answer(status="302 Found").replace(b"Content-Type", b"Location: " + where.encode(), 1)
    page = page.replace(where.encode(), where.encode() + b"\r\nContent-Type", 1)
    refused(outside.page("/", page))
    assert outside.trap.accepted == 0
    assert outside.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "where", ["file:///etc/passwd", "gopher://x.example/", "http://a:b@site.example/", "http://["]
)
def test_a_redirect_leads_to_web_pages_only(outside, where):
    refused(outside.page("/", answer(status="301 Moved", location=where)), web.NotAnAddress)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_redirects_are_followed(outside, status):
    outside.page("/new?a=%C3%A9", PAGE)
    start = outside.page("/a/old", answer(status=status, location="../new?a=é"))
    assert read(start).url == "http://site.example/new?a=%C3%A9"


def test_five_redirects_are_enough(outside):
    for n in range(7):
        outside.page(f"/{n}", answer(status="302 Found", location=f"/{n + 1}"))
    outside.page("/7", PAGE)
    assert read("http://site.example/2").url.endswith("/7")
    refused("http://site.example/1", web.Elsewhere)
    assert outside.site.accepted == 12


def test_a_ring_of_redirects_ends(outside):
    refused(outside.page("/", answer(status="302 Found", location="/")), web.Elsewhere)


def test_a_redirect_without_an_address_is_no_answer(outside):
    refused(outside.page("/", answer(status="302 Found")), web.Garbled)


def test_a_secure_page_is_read_under_its_own_name(outside, secure):
    site = secure("secure.example")
    site.pages["/"] = PAGE
    assert read("https://secure.example/").status == 200
    assert outside.dialled == [("93.184.215.15", 443)]
    assert "Host: secure.example\r\n" in site.requests[0]


def test_a_certificate_for_another_name_is_refused(outside, secure):
    site = secure("secure.example", certified_as="other.example")
    site.pages["/"] = PAGE
    refused("https://secure.example/", web.NotSecure)
    assert site.requests == []


def test_a_certificate_nobody_vouches_for_is_refused(outside, secure, monkeypatch):
    site = secure("secure.example")
    monkeypatch.delenv("SSL_CERT_FILE")
    refused("https://secure.example/", web.NotSecure)
    assert site.requests == []


def test_no_redirect_leads_out_of_a_secure_connection(outside, secure):
    outside.page("/", PAGE)
    secure("secure.example").pages["/"] = answer(
        status="302 Found", location="http://site.example/"
    )
    refused("https://secure.example/", web.Downgraded)
    assert outside.site.accepted == 0


def test_nothing_about_us_is_sent_but_our_name(outside, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    cookie = answer(status="302 Found", location="/b", set_cookie="a=b; Path=/")
    outside.page("/b", PAGE)
    read(outside.page("/a", cookie))
    for request in outside.site.requests:
        names = {line.split(":")[0].lower() for line in request.split("\r\n")[1:] if line}
        assert names == {"host", "user-agent", "accept", "accept-encoding"}
        assert "User-Agent: Porte-voix (+http://127.0.0.1:8000)" in request


def forever(piece):
    def play(line, site):
        while site.open:
            line.sendall(piece)

    return play


def quickly(deed):
    """Runs it; says how many seconds it took."""
    start = time.monotonic()
    deed()
    return time.monotonic() - start


HEAD = answer("", content_length=None)


def test_a_body_without_end_is_cut_or_refused(outside):
    url = outside.page(
        "/", lambda line, site: (line.sendall(HEAD), forever(b"a" * 65536)(line, site))
    )
    fetched = read(url, cut=True)
    assert (len(fetched.body), fetched.is_cut) == (2 * 2**20, True)
    refused(url, web.TooBig)


def test_what_is_just_small_enough_is_read_whole(outside):
    fetched = read(outside.page("/", answer(b"a" * 1000)), most=1000)
    assert (len(fetched.body), fetched.is_cut) == (1000, False)
    refused(outside.page("/", answer(b"a" * 1001)), web.TooBig, most=1000)


def bomb(pack):
    return pack(b"\0" * (200 * 2**20))


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", lambda data: gzip.compress(data, 9)),
        ("deflate", lambda data: zlib.compress(data, 9)),
        ("br", lambda data: brotli.compress(data, quality=1)),
        ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data, 9), 9)),
    ],
)
def test_a_bomb_is_not_unpacked(outside, encoding, pack):
    url = outside.page("/", answer(bomb(pack), content_encoding=encoding))
    tracemalloc.start()
    seconds = quickly(lambda: refused(url, web.TooBig))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 2**20
    assert seconds < LOOSELY


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_packed_page_is_unpacked(outside, encoding):
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    page = answer(pack(b"<p>" * 1000), content_encoding=encoding)
    assert read(outside.page("/", page)).body == b"<p>" * 1000


@pytest.mark.parametrize(
    "page",
    [
        answer(b"not packed at all", content_encoding="gzip"),
        b"220 mail.example ESMTP\r\n",
        b"\x16\x03\x01\x02\x00",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_makes_no_sense_is_one_more_failure(outside, page):
    with pytest.raises((web.Garbled, web.NoAnswer)):
        read(outside.page("/", page))


@pytest.mark.parametrize(
    "pieces",
    [
        # A byte of the status line, of a header, of the body, of a chunk, every fifth of a second.
        itertools.chain([b"HTTP/1.1 200 O"], itertools.repeat(b"K")),
        itertools.chain([HEAD[:-2], b"X-Long: "], itertools.repeat(b"a")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" for _n in itertools.count()),
        itertools.chain([HEAD], itertools.repeat(b"a")),
        itertools.chain([answer("", content_length=10000)], itertools.repeat(b"a")),
    ],
    ids=["status", "header", "continue", "body", "length"],
)
def test_a_slow_drip_ends_with_the_deadline(outside, pieces):
    url = outside.page("/", drip(pieces))
    seconds = quickly(lambda: refused(url, web.TooSlow, deadline=web.Deadline(1)))
    assert seconds < 1 + LOOSELY - 5


def test_redirects_share_one_deadline(outside):
    def slowly(line, site):
        time.sleep(0.4)
        line.sendall(answer(status="302 Found", location="/"))

    url = outside.page("/", slowly)
    seconds = quickly(lambda: refused(url, web.TooSlow, deadline=web.Deadline(1)))
    assert seconds < 1 + LOOSELY - 5


def test_five_seconds_are_the_rule(outside):
    url = outside.page("/", drip(itertools.chain([HEAD], itertools.repeat(b"a"))))
    assert 4 < quickly(lambda: refused(url, web.TooSlow)) < LOOSELY


def test_tls_that_never_begins_ends_with_the_deadline(outside):
    # The trap answers plainly and closes; this site takes the greeting and says nothing.
    outside.name("silent.example")
    outside.site._play = lambda line: [time.sleep(0.1) for _n in range(40) if outside.site.open]
    seconds = quickly(
        lambda: refused("https://silent.example/", web.TooSlow, deadline=web.Deadline(1))
    )
    assert seconds < 1 + LOOSELY - 5


def test_a_resolver_that_hangs_ends_with_the_deadline(outside, monkeypatch):
    monkeypatch.setattr(places, "look_up", lambda host, port: time.sleep(3))
    seconds = quickly(
        lambda: refused("http://site.example/", web.TooSlow, deadline=web.Deadline(0.5))
    )
    assert seconds < 2.5


def test_a_dead_address_leaves_time_for_the_next_one(outside, monkeypatch):
    url = outside.page("/", PAGE)
    outside.name("site.example", "2606:2800:21f:cb07::1", PUBLIC)
    dial = outside.dial

    def one_is_dead(address, port, seconds):
        if ":" in address:
            raise TimeoutError
        return dial(address, port, seconds)

    monkeypatch.setattr(client, "dial", one_is_dead)
    assert read(url).status == 200


def test_a_site_that_refuses_the_connection_is_said_not_to_answer(outside, monkeypatch):
    def refuse(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(client, "dial", refuse)
    refused(outside.page("/", PAGE), web.NoAnswer)


def test_a_name_that_does_not_exist_is_said_so(outside):
    refused("http://nowhere.example/", web.Unknown)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("404 Not Found", "There is no such page (404)."),
        ("410 Gone", "There is no such page (410)."),
        ("403 Forbidden", "The site does not let us read it (403)."),
        ("401 Unauthorized", "The site does not let us read it (401)."),
        ("429 Too Many", "The site does not let us read it (429)."),
        ("500 Error", "The site is out of order (500)."),
        ("304 Not Modified", "The site does not let us read it (304)."),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_an_error_of_the_site_is_said_in_words(outside, status, sentence):
    assert str(refused(outside.page("/", answer("x", status)), web.Refused)) == sentence


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "video/mp4", "text/plain", None])
def test_only_the_kind_that_was_asked_for_is_read(outside, kind):
    refused(outside.page("/", answer("x", content_type=kind)), web.WrongKind)


def test_a_type_is_read_whatever_its_case(outside):
    fetched = read(outside.page("/", answer("x", content_type='Text/HTML;Charset="ISO-8859-1"')))
    assert (fetched.kind, fetched.charset) == ("text/html", "iso-8859-1")


def test_names_in_other_letters_are_asked_for_in_ascii(outside):
    outside.page("/", PAGE, host="xn--t-9fab.example")
    assert read("http://été.example/").url == "http://xn--t-9fab.example/"


def test_the_company_s_own_hosts_are_read_when_they_are_named(outside, settings):
    outside.name("intranet.example", "10.0.0.1")
    refused("http://intranet.example/")
    settings.FETCH_ALLOWED_HOSTS = ["intranet.example", "127.0.0.1:8080"]
    assert b"secret" in read("http://intranet.example/").body
    assert read("http://127.0.0.1:8080/").status == 200
    for other in (
        "http://x.intranet.example/",
        "http://intranet.example:8080/",
        "http://127.0.0.1/",
    ):
        with pytest.raises(web.Unreachable):
            read(other)
    assert outside.trap.accepted == 2


def test_a_message_is_posted_with_its_headers_and_any_answer_comes_back(outside):
    url = outside.page("/hook", answer("no", "500 Error", retry_after="3"))
    fetched = web.post(url, b'{"a":1}', {"Content-Type": "application/json", "Webhook-Id": "x"})
    assert (fetched.status, fetched.body, fetched.headers["retry-after"]) == (500, b"no", "3")
    assert outside.site.requests[0].startswith("POST /hook HTTP/1.1\r\n")
    assert "Webhook-Id: x\r\n" in outside.site.requests[0]


def test_a_post_follows_no_redirect_and_reads_no_endless_answer(outside):
    url = outside.page("/hook", answer(status="302 Found", location="http://127.0.0.1/"))
    assert web.post(url, b"x", {}).status == 302
    url = outside.page(
        "/long", lambda line, site: (line.sendall(HEAD), forever(b"a" * 65536)(line, site))
    )
    assert len(web.post(url, b"x", {}).body) == 64 * 2**10
    assert outside.trap.accepted == 0


def test_a_post_to_a_private_address_is_not_sent(outside):
    outside.name("hook.example", "127.0.0.1")
    with pytest.raises(web.Private):
        web.post("https://hook.example/", b"x", {})
    assert outside.trap.accepted == 0


def test_no_thread_is_left_behind(outside):
    before = threading.active_count()
    for _n in range(5):
        read(outside.page("/", PAGE))
    deadline = time.monotonic() + 3
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_the_system_s_resolver_is_asked(monkeypatch):
    monkeypatch.undo()
    assert places.look_up("127.0.0.1", 80) == ["127.0.0.1"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: (_ for _ in ()).throw(OSError))
    with pytest.raises(web.Unknown):
        places.look_up("nowhere.example", 80)
