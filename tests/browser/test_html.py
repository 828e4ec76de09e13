"""The W3C's own checker finds no error in any page. It reads HTML; no browser is needed."""

import json
import shutil
import subprocess
from collections import defaultdict
from itertools import cycle

import pytest
from django.db import transaction

from launch.node import NoNode, modules
from tests.config.test_language import is_html
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db
CHECKER = "vnu-jar/build/dist/vnu.jar"
# htmx's own attributes are no part of HTML, and browsers pass over them; all else is held.
OURS = ["--filterpattern", "Attribute “hx-[a-z-]+” not allowed on element .*"]


@pytest.fixture(scope="module")
def checker():
    """The command that reads every page of a folder, and writes what is wrong as JSON."""
    java = shutil.which("java")
    if java is None:
        pytest.skip("needs Java: apt-get install default-jre-headless")
    try:
        jar = modules() / CHECKER
    except NoNode as missing:
        pytest.skip(str(missing))
    said = ["--format", "json", "--errors-only", "--stdout"]
    return [java, "-Dfile.encoding=UTF-8", "-Xss1m", "-jar", str(jar), *said, *OURS]


def write_pages(folder):
    """Every page as each role, in one language or the other; {file: whose page it is}."""
    written = {}
    # Pages that several roles see are read in both; who runs the programme sees most, in French.
    for role, language in zip(ROLES, cycle(["en", "fr"]), strict=False):
        # Each world for itself, and gone after it.
        with transaction.atomic():
            for page, html in pages_of(World(role, language)):
                file = folder / f"{len(written)}.html"
                file.write_bytes(html)
                written[file.name] = f"{page} ({role or 'stranger'}, {language})"
            transaction.set_rollback(True)
    return written


def pages_of(world):
    for page in filter(world.opens, world.pages()):
        answer = world.get(page)
        if is_html(answer):
            yield page, answer.content


def errors_in(folder, checker):
    """{file: what is wrong in it} of every page in a folder, in one run."""
    done = subprocess.run([*checker, str(folder)], capture_output=True, text=True, timeout=300)
    assert done.stdout, done.stderr
    found = defaultdict(set)
    for said in json.loads(done.stdout)["messages"]:
        where = said.get("url", "").rpartition("/")[2]
        found[where].add(f"{said['message']} {said.get('extract', '')[:120]!r}")
    return found


def test_no_page_has_an_error_of_html(checker, tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    written = write_pages(folder)
    found = errors_in(folder, checker)
    assert {written.get(file, file): sorted(said) for file, said in found.items()} == {}
    assert len(written) > 200


def test_an_error_of_html_is_seen(checker, tmp_path):
    (tmp_path / "0.html").write_text('<!doctype html><html lang="fr"><title>x</title><p><div></p>')
    assert "No “p” element in scope" in str(errors_in(tmp_path, checker)["0.html"])
