"""What every test has. PostgreSQL and Valkey are started by launch.testing (pyproject.toml)."""

import os

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from launch import chromium
from tests.factories import confirm


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Clearing the tables between tests is the one thing that may cut the trail."""
    for connection in connections.all():
        options = connection.settings_dict.setdefault("OPTIONS", {})
        options["options"] = "-c porte_voix.may_truncate=yes"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Every test that commits gets the rows of the migrations back, not only those that ask.

    One that does not would leave others without networks and charter, or with their rows twice.
    And whatever opens a browser says so, and is skipped where there is none.
    """
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker(pytest.mark.browser)
            reason = "needs Chromium: apt-get install chromium"
            item.add_marker(pytest.mark.skipif(not chromium.PROGRAM, reason=reason))
        mark = item.get_closest_marker("django_db")
        if (mark and mark.kwargs.get("transaction")) or "live_server" in item.fixturenames:
            again = pytest.mark.django_db(transaction=True, serialized_rollback=True)
            item.add_marker(again, append=False)
    # The longest first: begun last, it would leave the other worker idle. It has a product of its
    # own; a test that commits here would leave those that roll back without the migrations' rows.
    items.sort(key=lambda item: "tests/browser/test_story.py" not in item.nodeid)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    # On the class: beside Playwright's event loop Django opens a second connection object.
    connection = connections["default"]
    # Nothing is kept when no test of this run commits.
    if hasattr(connection, "_test_serialized_contents"):
        type(connection)._test_serialized_contents = connection._test_serialized_contents


@pytest.fixture(scope="module")
def browser():
    """Chromium, through Playwright; closed before the next module, which may want none."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django would refuse its queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.PROGRAM, args=chromium.FLAGS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Uploads, spools and mails of one test stay with it; nothing leaves the machine."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CLICK_SPOOL = tmp_path / "spool"
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _without_second_step(settings):
    """Whoever runs the programme may do so at once; tests/ambassadors/test_security_*.py turn it on."""
    settings.SECOND_STEP_REQUIRED = False


@pytest.fixture
def as_user(client):
    """Logs somebody in, a moment ago: `as_user(person).get("/")`."""

    def login(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        confirm(client, user)
        return client

    return login


@pytest.fixture
def queries_of():
    """How many queries a deed makes: to compare a list of one row with a list of three."""

    def count(deed):
        with CaptureQueriesContext(connections["default"]) as queries:
            deed()
        return len(queries)

    return count


@pytest.fixture
def in_english():
    """For sentences made outside any request, which are otherwise in the company's language."""
    with translation.override("en"):
        yield


@pytest.fixture
def outside(monkeypatch, tmp_path):
    """The web outside, played on this machine (tests/outside.py)."""
    from tests.outside import open_outside

    outside = open_outside(monkeypatch, tmp_path)
    yield outside
    outside.close()


@pytest.fixture
def secure(outside, monkeypatch):
    """Sites with TLS whose authority this machine trusts, for as long as a test lasts."""
    from activity.outside import client

    client.trust.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", outside.authority_file)
    yield outside.secure_site
    client.trust.cache_clear()
