import http.client
import json
import smtplib
import socket
import subprocess
import sys
from contextlib import ExitStack
from email.message import EmailMessage

import pytest

from tests.launch.conftest import wait_for

EVIL = "<script>alert(1)</script>"


def free_ports(count):
    """COUNT ports nobody listens on, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


class Catcher:
    """A mail catcher in a process of its own."""

    def __init__(self, folder):
        self.smtp, self.http = free_ports(2)
        ports = ["--smtp", str(self.smtp), "--http", str(self.http)]
        command = [sys.executable, "-m", "launch.mailcatcher", folder, *ports]
        self.process = subprocess.Popen(command)
        wait_for(self.answers)

    def answers(self):
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.http)) == 0

    def get(self, path, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.http, timeout=5)
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        answer.text = answer.read().decode()
        line.close()
        return answer

    def messages(self, to=""):
        return json.loads(self.get(f"/messages.json?to={to}").text)["messages"]

    def send(self, subject="Bienvenue, Élodie", to="elodie@orvaly.example", html=None):
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = subject, "Orvaly <rh@orvaly.example>", to
        mail.set_content("Bonjour Élodie\n.\nÀ bientôt")
        if html:
            mail.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", self.smtp) as server:
            server.send_message(mail)

    def stop(self):
        self.process.terminate()
        return self.process.wait(5)


@pytest.fixture
def catcher(tmp_path):
    started = Catcher(tmp_path / "mail")
    yield started
    assert started.stop() == 0


def test_the_newest_mail_comes_first(catcher):
    catcher.send("first")
    catcher.send("second")
    assert [mail["subject"] for mail in catcher.messages()] == ["second", "first"]
    page = catcher.get("/").text
    assert page.index("second") < page.index("first")


def test_the_list_narrows_to_who_really_got_it(catcher):
    catcher.send(to="elodie@orvaly.example")
    catcher.send(to="marc@orvaly.example")
    assert [mail["to"] for mail in catcher.messages("Marc@orvaly.example")] == [
        ["marc@orvaly.example"]
    ]
    assert "elodie" not in catcher.get("/?to=marc@orvaly.example").text.split("<main>")[1]


def test_text_and_file_are_what_was_sent(catcher):
    catcher.send()
    mail = catcher.messages()[0]["id"]
    assert catcher.get(f"/{mail}/text").text == "Bonjour Élodie\n.\nÀ bientôt\n"
    assert "From: Orvaly <rh@orvaly.example>" in catcher.get(f"/{mail}/raw").text


def test_nothing_in_a_mail_becomes_part_of_our_pages(catcher):
    catcher.send(subject=EVIL)
    mail = catcher.messages()[0]["id"]
    for page in ("/", f"/{mail}"):
        answer = catcher.get(page)
        assert EVIL not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_mails_own_html_runs_no_script_and_its_links_leave_the_frame(catcher):
    catcher.send(html=f"<html><head></head><body><header>{EVIL}</header></body></html>")
    mail = catcher.messages()[0]["id"]
    answer = catcher.get(f"/{mail}/html")
    assert '<head><base target="_blank"></head>' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "script" not in policy
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in catcher.get(f"/{mail}").text


def test_a_page_elsewhere_cannot_read_mails_under_its_own_name(catcher):
    catcher.send()
    answer = catcher.get("/messages.json", Host="evil.example")
    assert answer.status == 421
    assert "Bienvenue" not in answer.text


def test_the_inbox_speaks_french_to_those_who_do(catcher):
    assert "Boîte de réception" in catcher.get("/", **{"Accept-Language": "fr-CA,fr;q=0.9,en"}).text
    assert "Inbox" in catcher.get("/", **{"Accept-Language": "en-CA,fr;q=0.5"}).text


def test_mails_are_still_there_after_a_restart(catcher, tmp_path):
    catcher.send("kept")
    again = Catcher(tmp_path / "mail")
    assert [mail["subject"] for mail in again.messages()] == ["kept"]
    again.stop()


def test_what_is_not_there_is_not_found(catcher):
    assert catcher.get("/nothing").status == 404
    catcher.send()
    mail = catcher.messages()[0]["id"]
    assert catcher.get(f"/{mail}/html").status == 404
    assert catcher.get(f"/{mail}/secret").status == 404
