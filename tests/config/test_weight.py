"""What a page weighs on its way to a telephone, compressed: see the figures with `-s`."""

import gzip
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from ambassadors.models import Charter
from tests.config.serving import gather
from tests.factories import (
    make_admin,
    make_ambassador,
    make_caption,
    make_content,
    make_manager,
    make_ready_campaign,
)

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
    """{kind: (bytes, path)} of the heaviest."""
    found = dict.fromkeys(MOST, (0, ""))
    for path in paths:
        page = client.get(path)
        assert page.status_code == 200, path
        each = {kind: (size, path) for kind, size in weights(page).items()}
        found = {kind: max(found[kind], each[kind]) for kind in found}
    return found


def sharer(user=None):
    """An ambassador who has accepted today's charter."""
    ambassador = make_ambassador(user)
    ambassador.accept(Charter.objects.current(), language="fr")
    return ambassador.user


def test_no_page_of_a_stranger_is_heavy(client):
    check(client, ["/accounts/login/", "/accounts/password/reset/", "/charter/", "/offline/"])


def test_no_page_of_an_ambassador_is_heavy(as_user):
    content = make_caption(make_content()).content
    user = sharer()
    pages = ["/feed/", "/impact/", "/charter/", "/preferences/", "/notifications/"]
    check(as_user(user), [*pages, f"/share/{content.pk}/"])


def test_no_page_of_those_who_run_the_programme_is_heavy(as_user):
    content = make_caption(make_content()).content
    draft = make_content(status="draft", published_at=None)
    campaign = make_ready_campaign().get_absolute_url()
    pages = [campaign, f"{campaign}plan/rhythm/"]
    pages += [f"/library/{draft.pk}/edit/", f"/share/{content.pk}/"]
    user = sharer(make_admin())
    names = ["desk", "campaign-list", "content-list", "approval-queue", "reach-report"]
    pages += [reverse(f"campaigns:{name}") for name in names]
    check(as_user(user), [*pages, "/styleguide/", "/people/", "/people/import/"])


def check(client, paths):
    """Every page answers, and none is heavier than it may be."""
    found = heaviest(client, paths)
    print("\n", found)
    assert {kind: found[kind] for kind in MOST if found[kind][0] > MOST[kind]} == {}
    assert found["js"][0] > 10_000


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
