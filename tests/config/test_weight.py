"""What a page weighs on its way to a telephone, compressed: see the figures with `-s`."""

import gzip
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from ambassadors.models import Role
from tests.config.serving import gather
from tests.config.test_language import addresses, the_world
from tests.factories import make_ambassador, make_manager, make_user

pytestmark = pytest.mark.django_db
LINKED = re.compile(r'(?:src|href)="/static/([^"]+\.(js|css|woff2))"')
MOST = {"js": 60_000, "css": 40_000, "woff2": 60_000, "html": 20_000}


@cache
def weight(name):
    content = Path(finders.find(name)).read_bytes()
    return len(content if name.endswith(".woff2") else gzip.compress(content, 9))


def weights(page):
    """{kind: bytes} of a page and of all it links to; what scripts import is linked, too."""
    total = dict.fromkeys(MOST, 0)
    for name, kind in set(LINKED.findall(page.text)):
        total[kind] += weight(name)
    total["html"] = len(gzip.compress(page.content, 6))
    return total


def heaviest(client, paths):
    """{kind: (bytes, path)} of the pages among them."""
    found = dict.fromkeys(MOST, (0, ""))
    for path in paths:
        page = client.get(path)
        if page.headers.get("content-type", "").startswith("text/html"):
            each = {kind: (size, path) for kind, size in weights(page).items()}
            found = {kind: max(found[kind], each[kind]) for kind in found}
    return found


@pytest.mark.parametrize("role", [None, Role.AMBASSADOR, Role.ADMIN])
def test_no_page_is_heavy(client, as_user, role):
    user = make_user(role=role or Role.AMBASSADOR)
    make_ambassador(user)
    world = the_world(user)
    if role:
        as_user(user)
    found = heaviest(client, addresses(world))
    print("\n", role or "stranger", found)
    assert found["js"][0] > 10_000
    assert {kind: found[kind] for kind in MOST if found[kind][0] > MOST[kind]} == {}


def test_whatever_a_script_imports_is_linked_by_its_page():
    # A path in a script would be missed by the count above, and by the names of a release.
    imports = re.compile(r"""\b(?:import|from)\s*\(?["'`]""")
    scripts = (settings.BASE_DIR / "static").glob("*.js")
    assert [path.name for path in scripts if imports.search(path.read_text())] == []


def test_a_page_is_sent_compressed_with_a_length_that_tells_nothing(as_user):
    client = as_user(make_manager())
    sizes = set()
    for _ in range(8):
        page = client.get("/campaigns/", headers={"accept-encoding": "gzip"})
        assert page.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in page.headers["Vary"]
        sizes.add(len(page.content))
    assert len(sizes) > 1


def test_who_asks_for_a_plain_page_gets_one(as_user):
    assert "Content-Encoding" not in as_user(make_manager()).get("/campaigns/").headers


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_static_files_come_compressed_and_for_good(client, request, tmp_path, encoding):
    gather(request.getfixturevalue("settings"), tmp_path)
    login = client.get("/accounts/login/").text
    fresh = type(client)()
    for path in re.findall(r'"(/static/(?:app|porte-voix)\.[0-9a-f]{12}\.\w+)"', login):
        answer = fresh.get(path, headers={"accept-encoding": encoding})
        assert answer.headers["Content-Encoding"] == encoding
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert path
