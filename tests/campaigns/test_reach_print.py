"""On paper: the browser's own PDF of the report, as it comes out of the printer."""

import shutil
import subprocess

import pytest

from tests.campaigns.test_reach_privacy import Company
from tests.factories import make_manager

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paper(browser, live_server, client, settings):
    """The report in a browser that shows what it would print."""
    Company()
    client.force_login(make_manager(language="en"), backend=settings.AUTHENTICATION_BACKENDS[0])
    context = browser.new_context()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/reach/?network=linkedin")
    page.emulate_media(media="print")
    yield page
    context.close()


def test_paper_has_the_days_and_filters_and_no_button(paper):
    assert paper.get_by_role("heading", name="Reach report").is_visible()
    head = paper.locator(".print-only")
    assert head.is_visible()
    assert "Network: LinkedIn" in head.inner_text()
    assert "printed on" in head.inner_text()
    for gone in (".rail", ".topbar", "#reach-filters .filters", ".btn", ".menu"):
        assert not any(each.is_visible() for each in paper.locator(gone).all()), gone


def test_on_paper_what_is_folded_is_open(paper):
    opened = paper.locator("details.more .def, details.more dd").first
    assert opened.is_visible()


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_the_pdf_has_the_head_then_drawings_then_tables(paper, size):
    pdf = paper.pdf(format=size)
    assert pdf.startswith(b"%PDF-")
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("needs pdftotext: apt-get install poppler-utils")
    done = subprocess.run([reader, "-", "-"], input=pdf, capture_output=True, check=True)
    text = " ".join(done.stdout.decode().split())
    assert "Reach report" in text
    assert "Network: LinkedIn" in text
    assert text.index("Reach report") < text.index("1. Is it alive?") < text.index("5. And then?")
    assert "Apply" not in text
