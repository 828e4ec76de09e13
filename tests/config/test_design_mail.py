"""Mails about an account: in the house's clothes, in both parts, in the reader's language."""

import re

import pytest
from django.core import mail
from django.template.loader import render_to_string

from tests.factories import make_user


@pytest.fixture
def _memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.django_db
@pytest.mark.usefixtures("_memory")
def test_a_code_to_log_in_comes_as_text_and_as_html(client):
    user = make_user()
    client.post("/accounts/login/code/", {"email": user.email})
    [message] = mail.outbox
    [html] = [part for part, kind in message.alternatives if kind == "text/html"]
    code = re.search(r"^[A-Z0-9-]{6,}$", message.body, re.M)[0]
    assert code in html
    assert "<h1" in html
    assert "http" not in message.body


@pytest.mark.django_db
@pytest.mark.usefixtures("_memory")
def test_a_stranger_asking_for_a_code_is_told_how_one_joins(client, settings):
    client.post("/accounts/login/code/", {"email": "stranger@orvaly.example"})
    [message] = mail.outbox
    assert settings.HELP_EMAIL in message.body


def test_a_mail_links_to_what_stops_it_in_both_parts():
    context = {
        "base_url": "https://pv.example",
        "organisation": "Orvaly & fils",
        "url": "https://pv.example/x?a=1&b=2",
        "label": "Open",
        "unsubscribe": "https://pv.example/u/1",
        "preferences": "https://pv.example/p",
    }
    html = render_to_string("mail/base.html", context)
    text = render_to_string("mail/base.txt", context)
    assert 'href="https://pv.example/u/1"' in html
    assert "Orvaly &amp; fils" in html
    assert "https://pv.example/u/1" in text
    assert "Orvaly & fils" in text
    assert "https://pv.example/x?a=1&b=2" in text


def test_a_mail_fetches_only_our_own_pictures():
    html = render_to_string("mail/base.html", {"base_url": "https://pv.example"})
    assert {url.split("/")[2] for url in re.findall(r'src="([^"]+)"', html)} == {"pv.example"}
