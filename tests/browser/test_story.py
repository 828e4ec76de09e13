"""The main job on the running product, in a real browser: from HR's file to the click in the report.

Nothing is faked but the networks themselves, which lie outside: their windows open on nothing.
"""

import http.client
import re
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.product import Product, wait_for

MONTREAL = ZoneInfo("America/Montreal")
PEOPLE = Path(__file__).parents[1] / "data" / "people-fr.csv"
BEATRICE = "beatrice.savard-prelier@orvaly.example"
KATHLEEN = "kathleen.brookridge@orvaly.example"
VISITOR = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
CAPTION = "On a pris le temps de vous raconter notre métier."
CAPTION_EN = "We took the time to tell you what our work is like."


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("product"), LAUNCH_UNDO_MINUTES="0")
    yield product
    product.stop()


@pytest.fixture
def person(browser, product):
    """`person("fr")`: a fresh browser whose owner reads that language."""
    windows = []

    def fresh(language="fr", width=1280):
        window = browser.new_context(
            viewport={"width": width, "height": 900},
            locale={"fr": "fr-CA", "en": "en-CA"}[language],
            base_url=product.url,
        )
        window.set_default_timeout(20_000)
        # The networks are elsewhere; their windows open, and stay empty.
        window.route(re.compile(r"https://"), lambda route: route.abort())
        windows.append(window)
        return window.new_page()

    yield fresh
    for window in windows:
        window.close()


def log_in(page, login):
    email, password = login
    page.goto("/accounts/login/")
    page.locator("details.other summary").click()
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    page.locator("details[open] button").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def import_people(page):
    """HR sends the file, reads the check, and enrols."""
    page.goto("/people/import/")
    page.locator("#import-file input[type=file]").set_input_files(PEOPLE)
    page.locator("#import-file button[name=check]").click()
    expect(page.locator("#tally-errors .big")).to_have_text("15", timeout=60_000)
    expect(page.locator("#tally-new .big")).to_have_text(re.compile(r"^2\s?481$"))
    page.locator("#import-continue").click()
    page.locator("#import-start").click()
    page.wait_for_url(re.compile(r"/done/"), timeout=90_000)


def write_campaign(page):
    """A recruiting campaign for the sales department, from its pattern. Gives its path."""
    page.goto("/campaigns/new/?kind=recruiting")
    page.locator("[name=name_fr]").fill("Venez aux ventes")
    page.locator("[name=name_en]").fill("Come and join sales")
    page.locator("[name=objective_fr]").fill("Douze postes aux ventes, connus de vos proches.")
    page.locator("[name=objective_en]").fill("Twelve openings in sales, known to your friends.")
    page.locator("button[name=next]").click()
    page.wait_for_url("**/plan/audience/")
    page.get_by_label("Ventes", exact=True).first.check()
    page.locator("button[name=next]").click()
    page.wait_for_url("**/plan/content/")
    return page.url.replace("plan/content/", "")


def write_item(page, campaign):
    page.goto(f"/library/new/?campaign={campaign.rstrip('/').rsplit('/', 1)[1]}")
    page.locator("[name=url]").fill("https://orvaly.example/carrieres/ventes")
    page.locator("[name=title]").fill("Une journée aux ventes")
    page.locator("[name=why]").fill("Vous y connaissez quelqu’un, peut-être.")
    texts = page.locator("#composer .caption textarea")
    texts.nth(0).fill(CAPTION)
    texts.nth(1).fill(CAPTION_EN)
    page.locator("#composer button[name=action][value=submit]").last.click()
    page.wait_for_url(re.compile(r"/library/\d+/$"))


def submit_campaign(page, campaign):
    page.goto(f"{campaign}plan/rhythm/")
    page.locator("[name=starts_at]").fill(datetime.now(MONTREAL).strftime("%Y-%m-%dT%H:%M"))
    page.locator("button[name=next]").click()
    page.goto(f"{campaign}plan/check/")
    page.locator("form[action$='/submit/'] button").click()


def approve_everything(page, campaign):
    """The second pair of eyes: the item in the queue, then the campaign."""
    page.goto("/approvals/?tab=all")
    page.get_by_role("link", name="Une journée aux ventes").first.click()
    expect(page.locator("#decide-title")).to_have_text("Une journée aux ventes")
    page.locator("[data-decision] button[data-key=a]").click()
    expect(page.locator("#decide-title, .empty")).not_to_have_text("Une journée aux ventes")
    page.goto(campaign)
    page.locator("[formaction$='/approve/'], form[action$='/approve/'] button").first.click()


def launch(page, campaign):
    page.goto(f"{campaign}plan/check/")
    page.locator("form[action$='/launch/'] button").click()


def join(page, product, address):
    """From the mail to the last of the four steps."""
    mail = wait_for(lambda: product.mails_to(address))[-1]
    link = re.search(rf"{product.url}/join/\S+", product.mail_text(mail))[0]
    scanner_reads(link)
    page.goto(link)
    page.locator("button[name=answer][value=yes]").click()
    page.wait_for_url("**/welcome/charter/")
    page.locator("[name=agreed]").check()
    page.locator("main form button.btn--primary").click()
    page.wait_for_url("**/welcome/topics/")
    page.locator("main form button.btn--primary").click()
    page.wait_for_url("**/welcome/networks/")
    page.locator("main form button.btn--primary").click()
    page.wait_for_url("**/welcome/first_share/")
    return mail


def scanner_reads(link):
    """What a mail gateway does with every link: it must not use the invitation up."""
    parts = urlsplit(link)
    for method in ("HEAD", "GET"):
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
        connection.request(method, parts.path, headers={"User-Agent": VISITOR})
        assert connection.getresponse().status < 400


def share_on_linkedin(page, title):
    """Opens the panel from the feed, opens LinkedIn, says it is posted. Gives the short link."""
    page.goto("/feed/?topics=all")
    page.get_by_role("link", name=title).first.click()
    page.locator("#share-form").wait_for()
    with page.expect_popup() as popup:
        page.locator("#share-form button[name=go]").click()
    composer = urlsplit(popup.value.url)
    opened = page.locator("[data-opened]")
    opened.wait_for()
    link = opened.get_attribute("data-url")
    if composer.hostname:
        assert composer.hostname == "www.linkedin.com"
        assert parse_qs(composer.query)["url"] == [link]
    popup.value.close()
    page.locator("form[action$='/declare/'] button").click()
    expect(page.locator("form[action$='/declare/']")).to_have_count(0)
    return link


def visit(link):
    """A stranger taps the link on a phone. Before ten seconds it would be taken for its owner."""
    time.sleep(10)
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request("GET", parts.path, headers={"User-Agent": VISITOR})
    answer = connection.getresponse()
    assert answer.status == 302
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.headers["Location"]


def visits_in_report(page):
    """The measured figure of the last four weeks, today included."""
    today = date.today()
    page.goto(f"/reach/?period=custom&first={today - timedelta(days=27)}&last={today}")
    return int(
        re.sub(r"\D", "", page.locator(".stat:not(.declared):not(.estimated) .value").inner_text())
    )


def test_from_the_hr_file_to_the_click_in_the_report(product, person):
    manager, admin = person("fr"), person("fr")
    log_in(manager, product.logins["manager"])
    log_in(admin, product.logins["admin"])
    import_people(manager)
    campaign = write_campaign(manager)
    write_item(manager, campaign)
    submit_campaign(manager, campaign)
    approve_everything(admin, campaign)

    beatrice = person("fr", width=390)
    mail = join(beatrice, product, BEATRICE)
    assert "C’est volontaire" in product.mail_text(mail)
    assert 'lang="fr' in product.mail_html(mail)
    launch(manager, campaign)
    wait_for(
        lambda: any("Venez aux ventes" in m["subject"] for m in product.mails_to(BEATRICE)), 150
    )

    before = visits_in_report(admin)
    link = share_on_linkedin(beatrice, "Une journée aux ventes")
    destination = visit(link)
    assert destination.startswith("https://orvaly.example/carrieres/ventes?utm_source=linkedin")
    wait_for(lambda: visits_in_report(admin) == before + 1, 30)
    beatrice.goto("/impact/")
    expect(beatrice.locator("main")).to_contain_text("Une journée aux ventes")

    kathleen = person("en")
    mail = join(kathleen, product, KATHLEEN)
    assert "It’s voluntary" in product.mail_text(mail)
    link = share_on_linkedin(kathleen, "Une journée aux ventes")
    visit(link)
    wait_for(lambda: visits_in_report(admin) == before + 2, 30)

    checked = product.manage("verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr
