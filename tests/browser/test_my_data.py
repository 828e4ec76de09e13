"""Somebody takes their data along, leaves, and is erased; then all there is is searched for them.

On the running product: its worker makes the file, its inbox gets the mail, its Redis and its
folders are searched as well as every table.
"""

import io
import json
import re
import urllib.request
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect
from redis import Redis

from tests.browser.product import Product, wait_for

NUMBER = 987_654_321
EMAIL, FIRST, LAST = "zebulon.canari@orvaly.example", "Zébulon", "Canari"
PASSWORD = "a-long-password-2026"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
WORDS = (EMAIL, FIRST, LAST, str(NUMBER))
MAKE = f"""
from allauth.account.models import EmailAddress
from django.utils import timezone
from ambassadors.models import *
from campaigns.models import *
user = User.objects.create_user({EMAIL!r}, {PASSWORD!r}, pk={NUMBER}, first_name={FIRST!r},
    last_name={LAST!r}, language="en")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
Person.objects.create(user=user, department=Department.objects.first(), employee_id="E-77")
me = Ambassador.objects.create(user=user, state="active", joined_at=timezone.now(), next_step="")
me.accept(Charter.objects.current(), language="en")
content = Content.objects.filter(status="published").first()
link = Link.objects.create(content=content, ambassador=me, network=Network.objects.get(slug="linkedin"))
Share.objects.create(link=link, declared_at=timezone.now())
Invitation.send(user, message="Bonjour {FIRST} {LAST}")
print(link.url)
"""
DUE = """
from django.utils import timezone
from ambassadors.models import ErasureRequest
ErasureRequest.objects.update(due_at=timezone.now())
"""
SEARCH = f"""
import json
from django.db import connection
found = {{}}
with connection.cursor() as cursor:
    for table in connection.introspection.table_names(cursor):
        for word in {WORDS!r}:
            cursor.execute(f'SELECT count(*) FROM "{{table}}" r WHERE r::text ILIKE %s', [f"%{{word}}%"])
            if n := cursor.fetchone()[0]:
                found.setdefault(word, {{}})[table] = n
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("product"))
    yield product
    product.stop()


@pytest.fixture
def person(browser, product):
    """`person(address, password)`: somebody logged in, in a window of their own."""
    windows = []

    def log_in(address, password):
        window = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="en-CA", base_url=product.url
        )
        window.set_default_timeout(20_000)
        windows.append(window)
        page = window.new_page()
        page.goto("/accounts/login/")
        page.locator("details.other summary").click()
        page.locator("#id_login").fill(address)
        page.locator("#id_password").fill(password)
        page.locator("details[open] button").click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield log_in
    for window in windows:
        window.close()


def tell(product, words):
    """What a program says, run beside the product."""
    done = product.manage("shell", "-v", "0", "-c", words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def click_on(address):
    """Somebody follows the link: its copies are in Redis then."""
    asked = urllib.request.Request(address, headers={"User-Agent": AGENT})

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args):
            return None

    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(Stay).open(asked)
    return answer.value.code


def everything_in_redis(folder):
    """All keys and values of all databases, as one text."""
    said = []
    for db in range(16):
        with Redis(unix_socket_path=str(folder / "valkey.sock"), db=db) as redis:
            said += [f"{key} {_value(redis, key)}" for key in redis.scan_iter()]
    return "\n".join(said)


def _value(redis, key):
    read = {
        "string": redis.get,
        "hash": redis.hgetall,
        "list": lambda key: redis.lrange(key, 0, -1),
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1),
        "stream": redis.xrange,
    }
    return read[redis.type(key).decode()](key)


def files_that_hold(folder, word):
    """Of what the product wrote for itself: uploads, exports, pictures, clicks on disk."""
    roots = [folder / name for name in ("media", "private", "spool")]
    files = [file for root in roots if root.exists() for file in root.rglob("*") if file.is_file()]
    files += list(folder.glob("*.jsonl"))
    return [file for file in files if word.encode() in file.read_bytes()]


def ask_for_the_file(product, page):
    """From the page to the ZIP, by way of the mail."""
    page.goto("/my-data/")
    page.get_by_role("link", name="Ask for my file").click()
    page.get_by_role("button", name="Ask for my file").click()
    mail = wait_for(lambda: [m for m in product.mails_to(EMAIL) if "your data" in m["subject"]], 60)
    page.goto(re.search(r"http\S+/my-data/export/\S+", product.mail_text(mail[0]))[0])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    return zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))


def test_a_person_takes_their_data_leaves_and_is_erased(product, person):
    folder = Path(product.environ["VAR_DIR"])
    address = tell(product, MAKE)
    assert click_on(address) == 302
    page = person(EMAIL, PASSWORD)

    archive = ask_for_the_file(product, page)
    said = json.loads(archive.read("my-data.json"))
    assert said["person"] == EMAIL
    assert "csv/share-link-ambassador.csv" in archive.namelist()
    page.reload()
    expect(page.locator("h1")).to_have_text("Download your data")
    expect(page.get_by_text("It was fetched already")).to_be_visible()

    page.goto("/programme/leave/")
    page.get_by_role("button", name="Leave the programme").click()
    expect(page.get_by_text("Done. You have left")).to_be_visible()
    assert click_on(address) == 302

    page.goto("/my-data/erase/")
    page.get_by_role("button", name="Erase my data").click()
    expect(page.get_by_text("You asked to be erased")).to_be_visible()
    page.get_by_role("button", name="Keep my data").first.click()
    expect(page.get_by_text("Your data stays as it is")).to_be_visible()
    page.goto("/my-data/erase/")
    page.get_by_role("button", name="Erase my data").click()
    wait_for(lambda: [m for m in product.mails_to(EMAIL) if "erased" in m["subject"]], 60)

    before = json.loads(tell(product, SEARCH))
    assert set(before) == set(WORDS)
    assert {"ambassadors_user", "ambassadors_person"} <= set(before[str(NUMBER)])
    tell(product, DUE)
    admin = person(*product.logins["admin"])
    admin.goto("/privacy/")
    admin.locator("form[action='/privacy/run/'] button").click()
    expect(admin.locator("form[action='/privacy/run/']")).to_have_count(0)

    assert json.loads(tell(product, SEARCH)) == {
        str(NUMBER): {"activity_entry": before[str(NUMBER)]["activity_entry"] + 1}
    }
    kept = everything_in_redis(folder)
    assert [word for word in (*WORDS, "Z\\xc3\\xa9bulon") if word in kept] == []
    assert [files_that_hold(folder, word) for word in WORDS] == [[]] * len(WORDS)
    assert click_on(address) == 302
    page.goto("/my-data/")
    expect(page.locator("#id_login")).to_be_attached()
