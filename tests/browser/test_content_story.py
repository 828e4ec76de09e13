"""One item's life in a real browser: from the address of a page to the recall of what was posted.

The pages, the links' edge, a Celery worker and a mail server, all running. Nobody's mail is handed
over and no task is called here: what is told gets there by itself. Only the company's site and the
networks are played on this machine.
"""

import re
import time
from contextlib import contextmanager

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging
from playwright.sync_api import expect

from activity import waking
from ambassadors.models import Charter
from campaigns.models import Content
from campaigns.tracking.consumer import Consumer
from campaigns.verify import breaches
from tests.activity.post_office import text_of
from tests.browser.hands import open_window
from tests.browser.product import wait_for
from tests.campaigns.conftest import clicks, edge, post_office  # noqa: F401 — fixtures
from tests.campaigns.test_content_composer import picture
from tests.factories import make_ambassador, make_campaign, make_manager, make_user
from tests.outside import answer

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "Un hiver dans une école passive"
CAPTION = "Douze classes, un seul radiateur : voici l’hiver d’une école passive."
BETTER = "Douze classes, un radiateur par étage : voici l’hiver d’une école passive."
CAPTION_EN = "Twelve classrooms and hardly a radiator: a winter in a passive school."
CLAIM = "Quatre fois moins de chaleur qu’une école ordinaire."
REQUEST = "Un radiateur par étage, pas un seul."
REASON = "Le compteur était mal lu : le chiffre est faux."
FALLBACK = "https://orvaly.example/ecoles"
# A task that is late is late in the whole suite; a story waits, it does not fail.
PATIENCE = 20
PAGE = f"""<!doctype html><html lang="fr"><title>École</title>
<meta property="og:title" content="{TITLE}">
<meta property="og:description" content="Ce que douze classes ont mesuré.">
<meta property="og:image" content="/ecole.png">
<meta property="og:image:alt" content="Une école sous la neige">"""


@pytest.fixture
def site(outside):
    """The company's own page, with its picture. Gives its address."""
    outside.page("/ecole.png", answer(picture().read(), content_type="image/png"))
    return outside.page("/ecole", answer(PAGE))


@pytest.fixture
def worker(monkeypatch, transactional_db):
    """A Celery worker in a thread, on queues that no other test's messages are in."""
    broker = waking._broker.clone(virtual_host="7")
    monkeypatch.setattr(waking, "_broker", broker)
    with broker.channel() as channel:
        channel.client.flushdb()
    monkeypatch.setattr(current_app, "connection_for_read", lambda **_: broker.clone())
    app = current_app._get_current_object()
    queues = ["mail", "default"]
    with logging_as_it_was(), start_worker(app, queues=queues, perform_ping_check=False):
        yield


@contextmanager
def logging_as_it_was():
    """Celery would take the root logger over, for all the tests that follow."""

    def leave_it(**_):
        pass

    setup_logging.connect(leave_it)
    yield
    setup_logging.disconnect(leave_it)


@pytest.fixture
def person(browser, live_server, edge, worker, post_office, settings):  # noqa: F811
    """`person(user)`: their browser. What they are told leads to the servers of this test."""
    settings.BASE_URL = live_server.url
    settings.LINK_BASE_URL = f"http://127.0.0.1:{edge.port}"
    opened = []

    def arrive(user, width=1280):
        page = open_window(browser, live_server, "/", user, width=width)
        page.set_default_timeout(PATIENCE * 1000)
        opened.append(page)
        return page

    yield arrive
    for page in opened:
        page.context.close()
    assert [line for page in opened for line in page.complaints] == []


# --- The author ------------------------------------------------------------------------------


def write(page, url):
    """Pastes the address; what the page says of itself fills the form, and the preview follows."""
    page.goto("/library/new/")
    page.locator("#id_url").fill(url)
    expect(page.locator("#id_title")).to_have_value(TITLE)
    expect(page.locator("#id_image_alt")).to_have_value("Une école sous la neige")
    expect(page.locator("#preview h3").first).to_have_text(TITLE)
    expect(page.locator("#preview img.cover").first).to_be_visible()


def word(page):
    """Three texts, the third adapted from the first; the preview shows each on its network."""
    page.locator("textarea[name=captions-0-text]").fill(CAPTION)
    page.locator("textarea[name=captions-1-text]").fill(CAPTION_EN)
    page.locator("select[name=captions-0-to]").select_option(label="X")
    page.locator("button[value=adapt-0]").click()
    expect(page.locator("textarea[name=captions-2-text]")).to_have_value(CAPTION)
    expect(page.locator("#preview .preview.as-feed")).to_have_count(2)
    expect(page.locator("#preview .preview.as-card .txt")).to_contain_text(CAPTION)


def claim(page):
    page.get_by_text("Chiffres, premières, comparaisons, et leur source").click()
    page.locator("[name=claims-0-text]").fill(CLAIM)
    page.locator("[name=claims-0-source]").fill("Relevés de janvier à mars")
    page.locator("[name=claims-0-source_url]").fill("https://orvaly.example/releves")


def submit(page):
    """Gives the item's path in the library."""
    page.locator("#composer").get_by_role("button", name="Soumettre pour approbation").click()
    page.wait_for_url(re.compile(r"/library/\d+/$"))
    expect(page.locator("#messages")).to_contain_text("Soumis.")
    return re.search(r"/library/\d+/", page.url)[0]


# --- Who decides, who is told ----------------------------------------------------------------


def hear(page, words):
    """The bell rings, and its line with `words` leads to what it is about."""

    def rings():
        page.goto("/notifications/")
        return page.get_by_role("link", name=words).count()

    wait_for(rings, PATIENCE)
    page.get_by_role("link", name=words).first.click()
    page.wait_for_url(lambda url: "/notifications" not in url)


def receive(office, person, words):
    """The text of the mail to `person` about `words`, once it has come."""

    def found():
        return [text for text in map(text_of, office.to(person)) if words in text]

    [text] = wait_for(found, PATIENCE)
    return text


def follow(page, text, path):
    """Opens the one link of a mail that leads to `path` (a pattern)."""
    page.goto(re.search(rf"http://localhost:\d+{path}", text)[0])


def ask_for_changes(page):
    hear(page, f"« {TITLE} » attend")
    expect(page.locator("#decide")).to_contain_text(CLAIM)
    page.locator("#decide textarea").fill(REQUEST)
    page.get_by_role("button", name="Demander des modifications").click()
    expect(page.locator("#messages")).to_contain_text("Modifications demandées")


def change(page, text):
    """From the mail to the words that were asked for."""
    follow(page, text, r"/library/\d+/edit/")
    expect(page.locator("main")).to_contain_text(REQUEST)
    for n in (0, 2):
        page.locator(f"textarea[name=captions-{n}-text]").fill(BETTER)
    submit(page)


def approve(page, path):
    """The reviewer sees what has changed since, and says yes."""
    page.goto(f"/approvals/?item=content-{path.split('/')[2]}")
    expect(page.locator("#decide del").first).to_contain_text("seul")
    expect(page.locator("#decide .diff .new").first).to_contain_text(BETTER)
    page.locator("#decide button[data-key=a]").click()
    expect(page.locator("#messages")).to_contain_text(TITLE)
    page.goto(path)
    expect(page.locator(".page-head .badge").first).to_have_text("Publié")


# --- The ambassador --------------------------------------------------------------------------


def share(page):
    """From the feed to "it is live". Gives the tracked link."""
    page.goto("/feed/")
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator("#share-text")).to_have_value(BETTER)
    fits(page)
    page.get_by_text("D’où cela vient").click()
    expect(page.locator("#share-panel")).to_contain_text("Relevés de janvier à mars")
    with page.expect_popup() as popup:
        page.locator("#share-form button[name=go]").click()
    popup.value.wait_for_url("https://www.linkedin.com/**")
    popup.value.close()
    link = page.locator("[data-opened]").get_attribute("data-url")
    page.get_by_role("button", name="Oui, c’est publié").click()
    expect(page.locator("#share-answer")).to_contain_text("Votre premier partage est enregistré")
    return link


def withdraw(page, path):
    page.goto(path)
    page.get_by_text("Le retirer", exact=True).click()
    page.locator("[name=note]").last.fill(REASON)
    page.get_by_role("button", name="Retirer le contenu").click()
    expect(page.locator("#messages")).to_contain_text("Retiré")


def answer_the_recall(page, text):
    follow(page, text, r"/recalls/\d+/")
    expect(page.locator("main")).to_contain_text(REASON)
    expect(page.locator(".todo")).to_contain_text("LinkedIn")
    fits(page)
    page.get_by_label("Je l’ai supprimée").check()
    page.get_by_role("button", name="Enregistrer ma réponse").click()
    expect(page.locator("main")).to_contain_text("« Je l’ai supprimée »")


def fits(page):
    """Nothing is wider than the phone."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_an_item_from_the_pasted_address_to_its_recall(person, edge, post_office, site):  # noqa: F811
    campaign = make_campaign(
        name_fr="Écoles", disclosure_fr="Je travaille chez Orvaly.", fallback_url=FALLBACK
    )
    writer, reviewer = make_manager(first_name="Anouk"), make_manager(first_name="Béatrice")
    sharer = make_ambassador(make_user(last_name="Tessier-Lavoie"), networks=["linkedin"])
    sharer.accept(Charter.objects.current(), language="fr")
    author, approver = person(writer), person(reviewer)

    write(author, site)
    author.locator("#id_campaign").select_option(label=campaign.name_fr)
    word(author)
    claim(author)
    path = submit(author)
    ask_for_changes(approver)
    hear(author, "Des modifications sont demandées")
    change(author, receive(post_office, writer, REQUEST))
    approve(approver, path)

    phone = person(sharer.user, width=390)
    link = share(phone)
    code = link.rsplit("/", 1)[1]
    assert edge.get(f"/{code}").headers["location"].startswith(f"{site}?utm_source=linkedin")

    withdraw(approver, path)
    # What the edge holds in memory is a second old at most.
    time.sleep(1.05)
    ended = edge.get(f"/{code}")
    assert (ended.status, FALLBACK in ended.body) == (451, True)
    hear(phone, re.compile(f"« {TITLE} »"))
    answer_the_recall(phone, receive(post_office, sharer.user, REASON))
    approver.goto(path)
    expect(approver.locator("#recall")).to_contain_text("1 personne informée, 1 réponse.")
    assert sharer.user.last_name not in approver.locator("main").inner_text()
    assert Content.objects.get().status == "withdrawn"
    Consumer().drain()
    assert list(breaches()) == []
