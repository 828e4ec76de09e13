"""Without a connection: one page, in one's own language, and nothing of anybody's kept for it."""

import json

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.config.serving import gather, serving
from tests.factories import make_manager

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = configured.AUTHENTICATION_BACKENDS[0]
WORKER = "/service-worker.js?language=fr"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def gathered(settings, folder):
    gather(settings, folder)


@pytest.fixture
def origin(transactional_db, gathered, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    with serving() as origin:
        yield origin


@pytest.fixture
def page(browser, origin):
    """A page of somebody who reads French, in a browser that prefers English."""
    client = Client()
    client.force_login(make_manager(last_name="Savard-Prélier"), backend=BACKEND)
    name = configured.SESSION_COOKIE_NAME
    window = browser.new_context(base_url=origin, locale="en-CA")
    window.add_cookies([{"name": name, "value": client.cookies[name].value, "url": origin}])
    yield window.new_page()
    window.close()


def install(page):
    page.goto("/campaigns/")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.goto("/campaigns/")
    assert page.evaluate("navigator.serviceWorker.controller.state") == "activated"


def until(page, holds):
    """Waits until the expression is true; wait_for_function takes a promise for it."""
    page.evaluate(
        f"async () => {{ while (!({holds})) await new Promise(go => setTimeout(go, 50)) }}"
    )


CACHES = "caches.keys()"
KEPT = """async () => {
  const urls = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) urls.push(request.url);
  return urls;
}"""


@pytest.mark.parametrize(("language", "heading"), [("fr", "fr-CA"), ("en", "en-CA")])
def test_the_page_is_there_in_both_languages(client, language, heading):
    page = client.get(f"/offline/?language={language}")
    assert f'<html lang="{heading}">' in page.text


def test_the_page_is_the_same_for_everybody(client, as_user):
    stranger = client.get("/offline/?language=en")
    assert as_user(make_manager()).get("/offline/?language=en").content == stranger.content
    assert "csrf" not in stranger.text
    assert "<script" not in stranger.text


def test_the_worker_is_a_script_of_the_root_and_asked_for_each_time(client, gathered):
    answer = client.get(WORKER)
    assert answer.headers["Content-Type"] == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    about = json.loads(answer.text.splitlines()[0].removeprefix("const ABOUT = ").rstrip(";"))
    assert about["offline"] == "/offline/?language=fr"
    assert {"/offline/?language=fr", "/offline/?language=en"} < set(about["needed"])
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_another_release_is_another_worker(client, gathered, monkeypatch):
    before = client.get(WORKER).text
    assert client.get(WORKER).text == before
    monkeypatch.setattr("config.worker.release", lambda: "another")
    assert client.get(WORKER).text != before


@pytest.mark.parametrize("switch", [True, False])
def test_a_page_asks_for_a_worker_only_while_there_is_one(as_user, gathered, settings, switch):
    settings.SERVICE_WORKER = switch
    page = as_user(make_manager(language="en")).get("/campaigns/").text
    assert ('data-worker="/service-worker.js?language=en"' in page) is switch


def test_who_logs_out_leaves_nothing_of_the_pages_in_the_browser(as_user):
    client = as_user(make_manager())
    assert "Clear-Site-Data" not in client.get("/accounts/logout/").headers
    answer = client.post("/accounts/logout/")
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_without_a_connection_the_page_says_so_and_leads_on(page):
    install(page)
    page.context.set_offline(True)
    page.goto("/campaigns/?state=running")
    assert page.locator("html").get_attribute("lang") == "fr-CA"
    assert page.locator("main h1").count() == 1
    assert "Inter" in page.locator("h1").evaluate("h1 => getComputedStyle(h1).fontFamily")
    page.context.set_offline(False)
    page.locator("main a").click()
    assert page.url.endswith("/campaigns/?state=running")
    page.locator(".shell").wait_for()


def test_no_page_of_a_person_is_kept(page, origin):
    install(page)
    for path in ("/people/", "/campaigns/", "/preferences/", "/offline/"):
        page.goto(path)
    kept = {url.removeprefix(origin) for url in page.evaluate(KEPT)}
    pages = {path for path in kept if not path.startswith("/static/")}
    assert pages == {"/offline/?language=fr", "/offline/?language=en"}
    assert any("app." in path for path in kept)
    texts = page.evaluate(
        "paths => Promise.all(paths.map(async p => (await caches.match(p)).text()))", sorted(pages)
    )
    assert "Savard" not in "".join(texts)


def test_what_an_older_release_kept_is_dropped(page):
    page.goto("/healthz")
    page.evaluate("caches.open('porte-voix-older').then(kept => kept.put('/x', new Response('x')))")
    install(page)
    until(page, "(await caches.keys()).length === 1")
    assert "porte-voix-older" not in page.evaluate(CACHES)


def test_the_switch_takes_the_worker_out_of_browsers_that_have_it(page, settings):
    install(page)
    settings.SERVICE_WORKER = False
    page.goto("/campaigns/")
    page.evaluate("navigator.serviceWorker.getRegistration().then(it => it?.update())")
    until(page, "(await navigator.serviceWorker.getRegistrations()).length === 0")
    assert page.evaluate(CACHES) == []
